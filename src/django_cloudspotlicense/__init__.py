"""Names that code written for the published `django-cloudspotlicense` 6.3 uses, over `cloudspot.django`.

Only for projects that have its tables, or its names in their code: keep "django_cloudspotlicense" in INSTALLED_APPS,
put "cloudspot.django" beside it, uninstall the published package, and migrate.
"""

PACKAGE_NAME = "django_cloudspotlicense"
