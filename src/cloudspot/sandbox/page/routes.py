"""Every path of the page."""

from __future__ import annotations

from . import applications, companies, events, faults, overview, records, requests, settings, users
from .routing import Routes

ROUTES: Routes = {
    **overview.ROUTES,
    **requests.ROUTES,
    **records.ROUTES,
    **companies.ROUTES,
    **users.ROUTES,
    **applications.ROUTES,
    **events.ROUTES,
    **faults.ROUTES,
    **settings.ROUTES,
}
