"""The documented API: what code that was written for the published `cloudspot-erp-api` imports.

    from cloudspot.api import CloudspotERP_CompanyAPI

    api = CloudspotERP_CompanyAPI("[TOKEN]")
    artikels = api.artikels.list()
    if artikels.hasError:
        print(artikels.error.message)

It stands on `cloudspot.Cloudspot`, which is loaded at the first call, so that importing this costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .models.answers import Connection, Session, Told
    from .models.artikels import Artikel, ArtikelCategorie, ArtikelCategorieen, Artikels
    from .models.klanten import Klanten

_TOKEN_HEADER = "X-ERP-TOKEN"  # noqa: S105 - the name of a header


class CloudspotERP_API:  # noqa: N801 - the documented name
    """The ERP, for requests of one's own. Token, headers and address can be changed; the next call goes by it.

    Args:
        test_mode: talk to a sandbox on http://localhost:8000.
        options: timeout, retries, proxy, ca, allow_http, as for `Cloudspot`.

    Attributes:
        base_url: where the ERP is.
        headers: sent with every request; a token among them counts.

    Raises:
        ConfigurationError: an option is unusable.
    """

    def __init__(self, test_mode: bool = False, **options: Any) -> None:
        from .settings import ERP_URL, TEST_URL, Options, make_settings  # noqa: PLC0415

        if unknown := options.keys() - (Options.__annotations__.keys() - {"base_url", "headers", "test_mode"}):
            raise TypeError(f"unknown option: {', '.join(sorted(unknown))}")
        self._options = cast("Options", options)
        make_settings("unused", self._options, {})
        self.base_url = TEST_URL if test_mode else ERP_URL
        self.headers: dict[str, Any] = {"Content-Type": "application/json"}
        self._token: str | None = None

    @property
    def token(self) -> str | None:
        """The token of the company."""
        return self._token

    @token.setter
    def token(self, token: str | None) -> None:
        from .secret import Secret  # noqa: PLC0415

        if token is not None and not isinstance(token, str):
            raise TypeError(f"a token is text, not {type(token).__name__}")
        self._token = None if token is None else Secret(token)
        for name in [name for name in self.headers if str(name).upper() == _TOKEN_HEADER]:
            del self.headers[name]

    def set_token_header(self, token: str) -> None:
        """Set the token, and the header that carries it."""
        self.token = token
        self.headers[_TOKEN_HEADER] = self._token

    def get(
        self, url: str, data: Mapping[str, Any] | None = None, headers: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """`request` with GET; `data` becomes the query."""
        return self.request("GET", url, data, headers)

    def post(
        self, url: str, data: Any = None, headers: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """`request` with POST; `data` is sent as JSON."""
        return self.request("POST", url, data, headers)

    def put(
        self, url: str, data: Any = None, headers: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """`request` with PUT; `data` is sent as JSON."""
        return self.request("PUT", url, data, headers)

    def request(
        self, method: str, url: str, data: Any = None, headers: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """Send a request to a path below the base URL, given without slashes; status, headers and JSON of the answer.

        Raises:
            CloudspotError: no answer came, or it is not JSON. A refusal is an answer.
        """
        if method not in {"GET", "POST", "PUT"}:
            raise ValueError(f"method is GET, POST or PUT, not {method!r}")
        return self._connection.exchange(self._told(headers), method, url, data)

    @property
    def _connection(self) -> Connection:
        from .models.answers import Connection  # noqa: PLC0415

        # setdefault, since threads may get here at once and are to share the connections
        known = self.__dict__.get("_kept_connection")
        connection: Connection = known or self.__dict__.setdefault("_kept_connection", Connection(self._options))
        return connection

    def _told(self, headers: Mapping[str, Any] | None = None) -> Told:
        from .models.answers import Told  # noqa: PLC0415
        from .secret import Secret  # noqa: PLC0415

        token = None if self._token is None else Secret(self._token)
        return Told(self.base_url, token, {**self.headers, **(headers or {})})

    def session(self) -> Session:
        """What runs a call with what is told now; for parts of the toolkit, not for its users."""
        return self._connection.session(self._told())

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_kept_connection"}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"


class CloudspotERP_CompanyAPI(CloudspotERP_API):  # noqa: N801 - the documented name
    """The ERP, for one company: its products, categories and clients.

    No call raises where the server or the network fails: what it gives back has `hasError` and `error` then.

    Args:
        token: the company's token.
        test_mode, options: as for `CloudspotERP_API`.
    """

    def __init__(self, token: str | None, test_mode: bool = False, **options: Any) -> None:
        super().__init__(test_mode, **options)
        self.token = token
        self.artikels = ArtikelCalls(self)
        self.categorieen = CategorieCalls(self)
        self.klanten = KlantCalls(self)


class _Calls:
    def __init__(self, api: CloudspotERP_API) -> None:
        self.api = api


class ArtikelCalls(_Calls):
    """The products of the token's company."""

    def list(self, fields: Iterable[str] | None = None) -> Artikels:
        """All products; with `fields`, with those attributes alone.

        Raises:
            TypeError, ValueError: `fields` are no names of attributes.
        """
        from .models import answers, artikels  # noqa: PLC0415

        return answers.listed(artikels.Artikels, self.api.session, fields)

    def get(self, id: int | str, fields: Iterable[str] | None = None) -> Artikel:
        """One product by its id; with `fields`, with those attributes alone.

        Raises:
            TypeError, ValueError: `fields` are no names of attributes, or `id` is neither a number nor text.
        """
        from .models import answers, artikels  # noqa: PLC0415

        return answers.got(artikels.Artikel, self.api.session, id, fields)


class CategorieCalls(_Calls):
    """The trees of categories of the token's company."""

    def list(self, fields: Iterable[str] | None = None) -> ArtikelCategorieen:
        """The categories that lie below no other, each with those below it in `children`.

        Raises:
            TypeError, ValueError: `fields` are no names of attributes.
        """
        from .models import answers, artikels  # noqa: PLC0415

        return answers.listed(artikels.ArtikelCategorieen, self.api.session, fields)

    def get(self, id: int | str, fields: Iterable[str] | None = None) -> ArtikelCategorie:
        """One category by its id.

        Raises:
            TypeError, ValueError: `fields` are no names of attributes, or `id` is neither a number nor text.
        """
        from .models import answers, artikels  # noqa: PLC0415

        return answers.got(artikels.ArtikelCategorie, self.api.session, id, fields)


class KlantCalls(_Calls):
    """The clients of the token's company."""

    def list(self, fields: Iterable[str] | None = None) -> Klanten:
        """All clients; with `fields`, with those attributes alone.

        Raises:
            TypeError, ValueError: `fields` are no names of attributes.
        """
        from .models import answers, klanten  # noqa: PLC0415

        return answers.listed(klanten.Klanten, self.api.session, fields)


class CloudspotERP_UserAPI(CloudspotERP_API):  # noqa: N801 - the documented name
    """The logins that the ERP had until 2023-03-14. It can be imported; making one says what to do.

    Raises:
        ConfigurationError: always.
    """

    def __init__(self, requestor: str, token: str | None = None, test_mode: bool = False) -> None:  # noqa: ARG002
        raise ConfigurationError(
            "CloudspotERP_UserAPI is not available: the License server took the logins over on 2023-03-14.",
            hint="They come back in a later release, with CloudspotLicense_API.",
        )


class CloudspotLicense_API:  # noqa: N801 - the documented name
    """Logins at the License server. It can be imported; making one says that it comes with a later release.

    Raises:
        ConfigurationError: always.
    """

    def __init__(self, application: str, token: str | None = None, test_mode: bool = False) -> None:  # noqa: ARG002
        raise ConfigurationError(
            "CloudspotLicense_API is not available yet: logins come with a later release.",
            hint="CloudspotERP_CompanyAPI reads products and clients with a company's token.",
        )
