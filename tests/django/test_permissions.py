"""Fault 20: Django's own permission checks always said no."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.django.backends import CloudspotBackend
from cloudspot.django.models import Account, Company
from cloudspot.django.sessions import Login, bind
from cloudspot.django.slugs import names, opens, opens_app

from .conftest import JAN, KIST, LAMPE, MARIE

words = st.text("abcd._", min_size=1, max_size=6)
LOCAL = ("auth", "cloudspot_django")


def may(slugs: set[str], name: str, **mapped: str) -> bool:
    return opens(slugs, name, mapped={key.replace("__", "."): value for key, value in mapped.items()}, local_apps=LOCAL)


def test_a_slug_opens_its_name_and_nothing_else() -> None:
    slugs = {"use_app", "view_artikels", "shop.view_product", "add_user"}
    assert may(slugs, "cloudspot.view_artikels")
    assert may(slugs, "view_artikels")
    assert may(slugs, "django_cloudspotlicense.view_artikels")
    assert may(slugs, "shop.view_product")
    assert may(slugs, "shop.change_product", shop__change_product="view_artikels")
    assert not may(slugs, "shop.change_product")
    assert not may(slugs, "shop.view_artikels")
    assert not may(slugs, "auth.add_user"), "by its codename alone"
    assert not may({"auth.add_user", "use_app"}, "auth.add_user"), "everybody's data"
    assert may({"x", "use_app"}, "auth.add_user", auth__add_user="x")


def test_is_superuser_opens_everything_in_its_company_but_not_what_is_everybodys() -> None:
    assert may({"is_superuser"}, "cloudspot.anything")
    assert may({"is_superuser"}, "shop.delete_product")
    assert not may({"is_superuser"}, "auth.add_user")
    assert not may({"is_superuser"}, "cloudspot_django.change_account")
    assert opens_app({"is_superuser"}, "shop", mapped={}, local_apps=LOCAL)
    assert not opens_app({"is_superuser"}, "auth", mapped={}, local_apps=LOCAL)


@given(st.sets(words), words, words)
def test_without_use_app_nothing_opens(slugs, name, slug) -> None:
    slugs -= {"use_app", "is_superuser"}
    assert not opens(slugs, name, mapped={name: slug})
    assert not names(slugs, mapped={name: slug})


@given(st.sets(words), st.dictionaries(words, words))
def test_what_is_listed_is_open(slugs, mapped) -> None:
    slugs |= {"use_app"}
    for name in names(slugs, mapped=mapped, local_apps=LOCAL):
        assert opens(slugs, name, mapped=mapped, local_apps=LOCAL)
        label = name.partition(".")[0]
        if "." in name:
            assert opens_app(slugs, label, mapped=mapped, local_apps=LOCAL)


def test_djangos_own_checks_answer(client, log_in) -> None:
    log_in(company=KIST)
    assert client.get("/edit").status_code == 200
    assert client.get("/klanten").status_code == 200
    assert b"|edits|sees clients" in client.get("/page").content
    assert client.get("/me").json()["all"] == [
        "cloudspot.edit_artikels", "cloudspot.use_app", "cloudspot.view_artikels", "cloudspot.view_klanten",
    ]  # fmt: skip
    client.post("/auth/select-company", {"company": LAMPE})
    assert client.get("/edit").status_code == 403
    assert client.get("/klanten").status_code == 403
    assert client.get("/page").content.strip().endswith(b"||")


def bound(email: str, company: str | None = KIST):
    account = Account.objects.select_related("user").get(email=email)
    row = account.memberships.filter(company_id=company).first()
    login = Login(account, row.company, row.slugs) if row else Login(account)
    bind(SimpleNamespace(), login)
    return account.user


def test_a_user_can_be_asked_about_another_company(client, log_in) -> None:
    log_in(company=KIST)
    user = bound(JAN)
    kist, lampe = Company.objects.get(pk=KIST), Company.objects.get(pk=LAMPE)
    assert user.has_perm("cloudspot.edit_artikels")
    assert user.has_perm("cloudspot.edit_artikels", kist)
    assert not user.has_perm("cloudspot.edit_artikels", lampe)
    assert user.has_perm("cloudspot.view_artikels", lampe)
    assert not user.has_perm("cloudspot.view_artikels", Company(pk=UUID(int=1)))
    assert user.has_module_perms("cloudspot")
    user.is_active = False
    assert not user.has_perm("cloudspot.edit_artikels")


def test_a_user_who_does_not_come_from_a_request_may_nothing(client, log_in) -> None:
    log_in()
    assert not get_user_model().objects.get().has_perm("cloudspot.view_artikels")


async def test_the_async_questions_are_answered_alike(aclient, log_in) -> None:
    await sync_to_async(log_in)()
    user, lampe = await sync_to_async(bound)(JAN), await Company.objects.aget(pk=LAMPE)
    assert await user.ahas_perm("cloudspot.edit_artikels")
    assert not await user.ahas_perm("cloudspot.edit_artikels", lampe)
    assert await user.ahas_module_perms("cloudspot")
    assert "cloudspot.edit_artikels" in await user.aget_all_permissions()
    assert await CloudspotBackend().aget_user_permissions(user, lampe) == {
        "cloudspot.use_app",
        "cloudspot.view_artikels",
    }


def test_the_admin_works_on_them(client, log_in, configure) -> None:
    configure(PERMISSIONS={"cloudspot_django.view_company": "view_klanten"})
    log_in()
    get_user_model().objects.update(is_staff=True)
    assert client.get("/admin/cloudspot_django/company/").status_code == 200
    assert client.get("/admin/cloudspot_django/account/").status_code == 403
    client.post("/auth/select-company", {"company": LAMPE})
    assert client.get("/admin/cloudspot_django/company/").status_code == 403


def test_a_superuser_of_a_company_is_no_administrator_of_the_project(client, log_in) -> None:
    log_in(MARIE, company=None)
    user = get_user_model().objects.get()
    assert not user.is_superuser
    assert not user.is_staff
    assert client.get("/admin/").status_code == 302
    get_user_model().objects.update(is_staff=True)
    assert client.get("/admin/auth/user/").status_code == 403
    assert client.get("/edit").status_code == 200


def test_names_from_the_server_are_no_markup_and_no_template(client, log_in, sandbox) -> None:
    evil = "<script>alert(1)</script>{{ settings.SECRET_KEY }}{% debug %}'; DROP TABLE auth_user; --"
    sandbox.users.update(JAN, first_name=evil[:200])
    log_in()
    Company.objects.filter(pk=KIST).update(name=evil)
    page = client.get("/auth/select-company").content.decode()
    assert "<script>" not in page
    assert "{{ settings.SECRET_KEY }}" in page, "as it is"
    assert "<script>" not in client.get("/page").content.decode()
    assert get_user_model().objects.get().first_name == evil[:150]
