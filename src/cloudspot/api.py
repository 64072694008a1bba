"""The documented API: what code that was written for the published `cloudspot-erp-api` imports.

    from cloudspot.api import CloudspotERP_CompanyAPI

    api = CloudspotERP_CompanyAPI("[TOKEN]")
    artikels = api.artikels.list()
    if artikels.hasError:
        print(artikels.error.message)

It stands on `cloudspot.Cloudspot`, which is loaded at the first call, so that importing this costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .api_requests import CloudspotERP_API
from .login_api import CloudspotERP_UserAPI, CloudspotLicense_API

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .models.artikels import Artikel, ArtikelCategorie, ArtikelCategorieen, Artikels
    from .models.klanten import Klanten

__all__ = ["CloudspotERP_API", "CloudspotERP_CompanyAPI", "CloudspotERP_UserAPI", "CloudspotLicense_API"]


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
