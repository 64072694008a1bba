"""Cloudspot logins in a Django project: `INSTALLED_APPS += ["cloudspot.django"]`, one include, one setting.

    apps, checks       the app, and what `manage.py check` finds
    conf               CLOUDSPOT_LICENSE, typed and checked
    models, admin      accounts, companies, memberships, held e-mail changes, impersonations, audit
    encryption         tokens and PINs at rest
    slugs              pure: what Cloudspot's permissions open under the names of Django's
    accounts           what an answer of the License server changes in the database
    license_server     the clients of this process
    attempts           how often somebody may try, counted in Django's cache
    backends           authentication and permissions for Django
    middleware         each request: asked again when it is time, and the company
    signals            what others may listen to
    views, urls        login, company, logout, webhook, impersonation

Nothing else of the toolkit imports it. Needs the extra `django`.
"""
