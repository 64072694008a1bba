"""What every documented API object is: requests of one's own, with what it is told at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models.answers import Connection, Session, Told
    from .secret import SecretBytes
    from .settings import Options


class RequestsAPI:
    """A server, for requests of one's own. Token, headers and address can be changed; the next call goes by it.

    Args:
        test_mode: talk to a sandbox on http://localhost:8000.
        options: timeout, retries, proxy, ca, allow_http, as for `Cloudspot`.

    Attributes:
        base_url: where the server is.
        headers: sent with every request; a token among them counts.

    Raises:
        ConfigurationError: an option is unusable.
    """

    def __init__(self, test_mode: bool = False, **options: Any) -> None:
        from .settings import TEST_URL, Options, make_settings  # noqa: PLC0415

        if unknown := options.keys() - (Options.__annotations__.keys() - {"base_url", "headers", "test_mode"}):
            raise TypeError(f"unknown option: {', '.join(sorted(unknown))}")
        self._options = cast("Options", options)
        make_settings("unused", self._options, {})
        self.base_url = TEST_URL if test_mode else self._address()
        self.headers: dict[str, Any] = {"Content-Type": "application/json"}
        self._token: str | None = None

    @property
    def token(self) -> str | None:
        """The token that is sent: of a company, or of a user."""
        return self._token

    @token.setter
    def token(self, token: str | None) -> None:
        from .secret import Secret  # noqa: PLC0415

        if token is not None and not isinstance(token, str):
            raise TypeError(f"a token is text, not {type(token).__name__}")
        self._token = None if token is None else Secret(token)
        for name in [name for name in self.headers if str(name).upper() == self._names()[1]]:
            del self.headers[name]

    def set_token_header(self, token: str) -> None:
        """Set the token, and the header that carries it."""
        self.token = token
        self.headers[self._names()[1]] = self._token

    def get(
        self, url: str, data: Mapping[str, Any] | None = None, headers: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """`request` with GET; `data` becomes the query."""
        return self._exchange("GET", url, data, None, headers)

    def post(
        self, url: str, data: Any = None, headers: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """`request` with POST; `data` is sent as JSON."""
        body = _encoded(data)
        del data  # a crash report shows what frames hold, and among this may be a password
        return self._exchange("POST", url, None, body, headers)

    def put(
        self, url: str, data: Any = None, headers: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """`request` with PUT; `data` is sent as JSON."""
        body = _encoded(data)
        del data
        return self._exchange("PUT", url, None, body, headers)

    def request(
        self, method: str, url: str, data: Any = None, headers: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """Send a request to a path below the base URL, given without slashes; status, headers and JSON of the answer.

        Raises:
            CloudspotError: no answer came, or it is not JSON. A refusal is an answer.
        """
        if method not in {"GET", "POST", "PUT"}:
            raise ValueError(f"method is GET, POST or PUT, not {method!r}")
        query, body = (data, None) if method == "GET" else (None, _encoded(data))
        del data
        return self._exchange(method, url, query, body, headers)

    def _exchange(
        self,
        method: str,
        url: str,
        query: Mapping[str, Any] | None,
        body: SecretBytes | None,
        headers: Mapping[str, Any] | None,
    ) -> tuple[int, Mapping[str, str], Any]:
        return self._connection.exchange(self._told(headers), method, url, query, body)

    def _address(self) -> str:
        """Where the server is."""
        from .settings import ERP_URL  # noqa: PLC0415

        return ERP_URL

    def _names(self) -> tuple[str | None, str]:
        """The headers that tell the application, where there is one, and the token."""
        return None, "X-ERP-TOKEN"

    def _asks_for(self) -> str | None:
        """The application that asks; None where that means nothing to the server."""
        return None

    @property
    def _connection(self) -> Connection:
        from .models.answers import Connection  # noqa: PLC0415

        # setdefault, since threads may get here at once and are to share the connections
        known = self.__dict__.get("_kept_connection")
        connection: Connection = known or self.__dict__.setdefault("_kept_connection", Connection(self._options))
        return connection

    def _told(self, headers: Mapping[str, Any] | None = None) -> Told:
        from .license_policy import Headers  # noqa: PLC0415
        from .models.answers import Told  # noqa: PLC0415
        from .secret import Secret  # noqa: PLC0415

        token = None if self._token is None else Secret(self._token)
        names = Headers(*self._names())
        return Told(self.base_url, token, {**self.headers, **(headers or {})}, names, self._asks_for())

    def session(self) -> Session:
        """What runs a call with what is told now; for parts of the toolkit, not for its users."""
        return self._connection.session(self._told())

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_kept_connection"}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"


def _encoded(data: Any) -> SecretBytes:
    import json  # noqa: PLC0415 - not needed to import the API

    from .secret import SecretBytes  # noqa: PLC0415

    return SecretBytes(json.dumps(data).encode())


class CloudspotERP_API(RequestsAPI):  # noqa: N801 - the documented name
    """The ERP, for requests of one's own: `get`, `post` and `put`; the rest as for `RequestsAPI`."""
