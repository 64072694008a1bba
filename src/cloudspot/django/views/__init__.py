"""The pages, one module for each flow. All are async: none holds a worker up while the License server is asked."""

from .company import SelectCompanyView, SetCompanyView
from .impersonation import (
    ImpersonationBeginView,
    ImpersonationCheckView,
    ImpersonationEndView,
    ImpersonationView,
)
from .login import LoginView, LogoutView
from .webhook import WebhookView

__all__ = [
    "ImpersonationBeginView",
    "ImpersonationCheckView",
    "ImpersonationEndView",
    "ImpersonationView",
    "LoginView",
    "LogoutView",
    "SelectCompanyView",
    "SetCompanyView",
    "WebhookView",
]
