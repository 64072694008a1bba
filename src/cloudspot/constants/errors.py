"""Errors of a login, at the import path that published code uses."""


class BadCredentials(ValueError):
    """The user name or password is not right."""


class NoValidToken(ValueError):
    """There is no token, or the server doesn't accept it."""
