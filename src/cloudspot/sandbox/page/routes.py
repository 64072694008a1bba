"""Every path of the page."""

from __future__ import annotations

from . import (
    applications,
    bulk,
    companies,
    events,
    faults,
    imports,
    overview,
    records,
    requests,
    settings,
    state,
    users,
)
from .routing import Routes

ROUTES: Routes = {
    **overview.ROUTES,
    **requests.ROUTES,
    **bulk.ROUTES,
    **imports.ROUTES,
    **records.ROUTES,
    **companies.ROUTES,
    **users.ROUTES,
    **applications.ROUTES,
    **events.ROUTES,
    **faults.ROUTES,
    **state.ROUTES,
    **settings.ROUTES,
}
