"""The pages, for `include("django_cloudspotlicense.urls")`."""

from cloudspot.django.urls import urlpatterns

__all__ = ["urlpatterns"]
