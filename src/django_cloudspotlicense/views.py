"""The views, under the names that 6.3 has for them."""

from cloudspot.django.views import (
    ImpersonationCheckView,
    ImpersonationView,
    LoginView,
    LogoutView,
    SelectCompanyView,
    SetCompanyView,
    WebhookView,
)

__all__ = [
    "ImpersonationCheckView",
    "ImpersonationView",
    "LoginView",
    "LogoutView",
    "SelectCompanyView",
    "SetCompanyView",
    "WebhookView",
]
