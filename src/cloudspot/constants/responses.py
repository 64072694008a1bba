"""Status words of the protocol. Source: protocol, *Common*."""


class ResponseStatus:
    """The words that go with an answer; each equals its own name."""

    OK = "OK"
    RECEIVED = "RECEIVED"
    OBJECT_CREATED = "OBJECT_CREATED"
    OBJECT_EXISTS = "OBJECT_EXISTS"
    OBJECT_UPDATED = "OBJECT_UPDATED"
    OBJECT_DELETED = "OBJECT_DELETED"
    INVALID_FORMAT = "INVALID_FORMAT"
    EXPECTED_VALUE = "EXPECTED_VALUE"
    UNEXPECTED_VALUE = "UNEXPECTED_VALUE"
    NOT_AUTHORIZED = "NOT_AUTHORIZED"
    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
