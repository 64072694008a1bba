"""The pages: `path("auth/", include("cloudspot.django.urls"))`.

The License server knows `webhook`, `impersonation` and `impersonation/<token>` by their paths.
"""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("login", views.LoginView.as_view(), name="login"),
    path("logout", views.LogoutView.as_view(), name="logout"),
    path("select-company", views.SelectCompanyView.as_view(), name="select_company"),
    path("set-company/<uuid:company_id>", views.SetCompanyView.as_view(), name="set_company"),
    path("impersonation/begin", views.ImpersonationBeginView.as_view(), name="impersonation-begin"),
    path("impersonation/end", views.ImpersonationEndView.as_view(), name="impersonation-end"),
    path("impersonation", views.ImpersonationCheckView.as_view(), name="impersonation-check"),
    path("impersonation/<slug:token>", views.ImpersonationView.as_view(), name="impersonation-setup"),
    path("webhook", views.WebhookView.as_view(), name="webhook"),
    path("webhook/<str:secret>", views.WebhookView.as_view(), name="webhook-secret"),
]
