"""A price list for the people of each company that uses Cloudspot.

Who may see it, and for which company, is Cloudspot's business: `view_artikels` opens the list, and `edit_artikels`
shows what the company itself pays. The products come from the ERP with the company's own token.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from prices import Line, labels, page, price_list

from catalogue import Catalogue, Catalogues, NoToken
from cloudspot import CloudspotError
from cloudspot.asgi import CloudspotLogin, User, require

HERE = Path(__file__).parent
SANDBOX = "http://localhost:8000/api/v1"
SANDBOX_TOKENS = {
    "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001": "sandbox-token",
    "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002": "sandbox-other",
}

login = CloudspotLogin(
    os.environ.get("CLOUDSPOT_LICENSE_APP", "sandbox-app"),
    base_url=os.environ.get("CLOUDSPOT_LICENSE_URL", SANDBOX),
    secret_keys=[os.environ.get("PORTAL_SECRET_KEY", "for your own machine, and for nothing else")],
    secure="PORTAL_SECRET_KEY" in os.environ,  # your own machine speaks http
    webhook_url_secrets=[os.environ["PORTAL_WEBHOOK_SECRET"]] if "PORTAL_WEBHOOK_SECRET" in os.environ else [],
    impersonation=True,
    title="Price list",
    home="/prices",
)
templates = Jinja2Templates(HERE / "templates")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect to the ERP while the portal runs."""
    tokens = json.loads(os.environ["PORTAL_ERP_TOKENS"]) if "PORTAL_ERP_TOKENS" in os.environ else SANDBOX_TOKENS
    catalogues = app.state.catalogues = Catalogues(tokens, base_url=os.environ.get("CLOUDSPOT_BASE_URL", SANDBOX))
    yield
    await catalogues.aclose()


app = FastAPI(title="Price list", lifespan=lifespan, docs_url=None, redoc_url=None)
login.install(app)
app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")

Reader = Annotated[User, Depends(require("view_artikels"))]


async def catalogue(request: Request, user: Reader) -> Catalogue:
    """The products of the company in which the user works."""
    assert user.company
    try:
        found: Catalogue = await request.app.state.catalogues.of(user.company.company_id)
    except NoToken:
        raise HTTPException(503, "The portal has no ERP token of this company.") from None
    except CloudspotError:
        raise HTTPException(503, "The ERP gives no prices at the moment. Try again in a minute.") from None
    return found


Products = Annotated[Catalogue, Depends(catalogue)]


@dataclass
class Search:
    """What somebody looks for."""

    q: str = ""
    categorie: str = ""
    number: int = 1


@app.get("/")
async def home() -> RedirectResponse:
    """The price list is all there is."""
    return RedirectResponse("/prices")


@app.get("/prices", response_class=HTMLResponse)
async def prices(request: Request, user: Reader, products: Products, search: Annotated[Search, Depends()]) -> Response:
    """The price list, to read."""
    shown = page(lines(products, user), query=search.q, categorie=search.categorie, number=search.number)
    values = {"user": user, "page": shown, "search": search, "sees_inkoop": user.has("edit_artikels")}
    at = datetime.fromtimestamp(products.at, UTC)
    return templates.TemplateResponse(request, "prices.html", {**values, "at": at})


@app.get("/prices.csv")
async def prices_csv(user: Reader, products: Products) -> Response:
    """The whole price list, for a spreadsheet."""
    every = lines(products, user)
    kinds = labels(every)
    written = io.StringIO()
    out = csv.writer(written)
    inkoop = ["inkoopprijs_excl"] if user.has("edit_artikels") else []
    out.writerow(["SKU", "naam", "categorie", "verkoopprijs_excl", "verkoopprijs_incl", "BTW", *kinds, *inkoop])
    for line in every:
        own = [line.inkoop] if inkoop else []
        out.writerow(
            [_cell(line.sku), _cell(line.naam), _cell(line.categorie), line.excl, line.incl, line.btw]
            + [line.categories.get(kind) for kind in kinds]
            + own
        )
    headers = {"Content-Disposition": 'attachment; filename="prices.csv"'}
    return Response("\ufeff" + written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@app.get("/api/prices")
async def prices_json(user: Reader, products: Products, q: str = "") -> list[dict[str, Any]]:
    """The price list for programs; amounts are texts, so that no cent gets lost."""
    inkoop = {"inkoopprijs_excl"} if user.has("edit_artikels") else set()
    found = []
    for line in lines(products, user):
        if q.casefold() in line.naam.casefold():
            own = {name: str(line.inkoop) for name in inkoop if line.inkoop is not None}
            found.append({"SKU": line.sku, "naam": line.naam, "verkoopprijs_excl": _text(line.excl), **own})
    return found


def lines(products: Catalogue, user: User) -> list[Line]:
    """The price list as a user may see it."""
    return price_list(products.artikels, sees_inkoop=user.has("edit_artikels"))


def _text(amount: object) -> str | None:
    return None if amount is None else str(amount)


def _cell(text: str) -> str:
    # A spreadsheet takes what begins so for a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
