"""Products, clients, companies, tokens of the ERP and categories."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
import urllib3
from playwright.sync_api import expect

from cloudspot.sandbox import NoSuchRecord, Sandbox

from .conftest import Opening

KIST, LAMPE = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001", "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002"


def test_products_are_searched_while_one_types(visit: Opening, sandbox: Sandbox) -> None:
    sandbox.artikels.update(140, naam="Zeldzame zilveren zaag")
    page = visit("/artikels")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("zilveren zaag")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Zeldzame zilveren zaag")
    expect(page).to_have_url(re.compile("q=zilveren"))
    expect(page.locator("#q")).to_be_focused()
    page.locator("#q").fill("nothing at all")
    expect(page.get_by_text("Nothing fits")).to_be_visible()


def test_products_are_sorted_filtered_and_paged(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/artikels")
    for order in ("ascending", "descending"):
        page.get_by_role("link", name="Sale excl.").click()
        expect(page.get_by_role("columnheader", name="Sale excl.")).to_have_attribute("aria-sort", order)
    dearest = sandbox.artikels.search(sort="verkoopprijs_excl", descending=True, limit=1).records[0]
    expect(page.locator("tbody tr").first).to_contain_text(str(dearest.id))
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("51–100 of 120")).to_be_visible()
    page.keyboard.press("[")
    expect(page.get_by_text("1–50 of 120")).to_be_visible()
    page.get_by_label("Status").select_option("deactivated")
    total = sandbox.artikels.search(status="GEDEACTIVEERD").total
    expect(page.locator(".paging")).to_contain_text(f"of {total}")
    page.get_by_label("Company").select_option("Lampe SA")
    expect(page.locator("tbody tr").first.get_by_role("link").first).to_contain_text("5000")


def test_a_row_is_edited_in_its_place_with_the_keyboard_alone(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/artikels?page=2", locale="nl-BE")
    page.locator("#edit-180").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#row-naam")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#row-naam")).to_have_count(0)
    page.locator("#edit-180").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#row-naam")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Nieuwe naam")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("1.234,50")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("180")
    expect(page).to_have_url(re.compile(r"page=2$"))
    artikel = sandbox.artikels.get(180)
    assert (artikel.naam, artikel.verkoopprijs_excl) == ("Nieuwe naam", Decimal("1234.50"))


def test_a_value_that_does_not_fit_is_said_in_its_row_and_kept(visit: Opening, sandbox: Sandbox) -> None:
    before = sandbox.artikels.get(126)
    page = visit("/artikels?edit=126")
    page.locator("#row-BTW").fill("lots")
    page.locator("#row-naam").fill("Kept")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#row-BTW")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#row-BTW-error")).to_be_visible()
    expect(page.locator("#row-BTW")).to_be_focused()
    expect(page.locator("#row-naam")).to_have_value("Kept")
    assert sandbox.artikels.get(126) == before


def test_a_product_is_created_edited_whole_and_deleted(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/artikels")
    page.keyboard.press("n")
    page.locator("#f-naam").fill('Kist "eik" <groot>')
    page.locator("#f-verkoopprijs_excl").fill("12,50")
    page.locator("#f-EAN").fill("5452360679788\n\n 4006381333931 ")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#said")).to_be_visible()
    made = sandbox.artikels.search("eik groot").records[0]
    assert (made.naam, made.verkoopprijs_excl) == ('Kist "eik" <groot>', Decimal("12.50"))
    assert made.EAN == ("5452360679788", "4006381333931")

    page.get_by_text("Lists in the product").click()
    page.locator("#f-fotos").fill('[{"url": "https://x.example/1.png", "is_hoofdfoto": true}]')
    page.locator("#f-voorraad_bijhouden").select_option("physical")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_be_visible()
    now = sandbox.artikels.get(made.id)
    assert now.fotos[0].is_hoofdfoto
    assert now.voorraad_bijhouden == "FYSIEK"
    assert now.naam == made.naam

    page.get_by_text("Lists in the product").click()
    page.locator("#f-fotos").fill('[{"url": 5}]')
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-fotos-error")).to_be_visible()
    page.locator("#f-fotos").fill("[{")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-fotos-error")).to_contain_text("not JSON")

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("deleted")
    with pytest.raises(NoSuchRecord):
        sandbox.artikels.get(made.id)


def test_saving_what_was_not_touched_changes_nothing(visit: Opening, sandbox: Sandbox) -> None:
    sandbox.artikels.update(125, naam="  spaces  ", beschrijving="line\r\nline", interne_notitie="")
    before = sandbox.artikels.get(125)
    page = visit("/artikels/125", locale="nl-BE")
    page.get_by_role("button", name="Bewaren").click()
    expect(page.locator("#said")).to_contain_text("al zo")
    assert sandbox.artikels.get(125) == before


def test_prices_of_a_category_are_raised_at_once(visit: Opening, sandbox: Sandbox) -> None:
    bier = next(row for row in sandbox.company(KIST).categorieen.list() if row.naam == "Dranken")
    total = sandbox.artikels.search(categorie=bier.id).total
    priced = [each for each in sandbox.artikels.search(categorie=bier.id, limit=200).records if each.verkoopprijs_excl]
    page = visit("/artikels")
    page.get_by_label("Category").select_option("Voeding › Dranken")
    expect(page.locator(".paging")).to_contain_text(f"of {total}")
    page.get_by_text("Change many at once").click()
    page.get_by_label(f"all that were found ({total})").check()
    page.get_by_label("Prices by %").fill("3,5")
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text(f"of {total} changed")
    before = priced[0].verkoopprijs_excl
    after = sandbox.artikels.get(priced[0].id).verkoopprijs_excl
    assert before is not None
    assert after == (before * Decimal("1.035")).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    assert sandbox.artikels.search(categorie=bier.id).total == total


def test_ticked_products_are_changed_at_once(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/artikels")
    for key in (126, 128):
        page.get_by_label(f"Tick: {key}").check()
    expect(page.get_by_text("(2)")).to_be_visible()
    page.get_by_text("Change many at once").click()
    page.get_by_label("Field").select_option("Status: deactivated")
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("of 2 changed")
    assert [sandbox.artikels.get(key).status for key in (126, 128)] == ["GEDEACTIVEERD"] * 2


def test_a_change_of_many_that_does_not_fit_changes_none(visit: Opening, sandbox: Sandbox) -> None:
    before = [sandbox.artikels.get(key) for key in (125, 126)]
    page = visit("/artikels")
    page.get_by_text("Change many at once").click()
    page.get_by_label("Field").select_option("VAT (%)")
    page.get_by_label("New value").fill("lots")

    def change() -> None:
        page.get_by_role("button", name="Change", exact=True).click()
        page.get_by_role("button", name="Yes, do it").click()

    change()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is ticked")
    page.locator("#choose-all").check()
    change()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("New value")).to_have_value("lots")
    expect(page.get_by_label("Tick: 126")).to_be_checked()
    page.get_by_label("Field").select_option("")
    change()
    expect(page.get_by_role("alert")).to_contain_text("Say what is to change")
    page.get_by_label("Prices by %").fill("-101")
    change()
    expect(page.get_by_role("alert")).to_contain_text("-101")
    assert [sandbox.artikels.get(key) for key in (125, 126)] == before


def test_a_client_is_edited(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/klanten/1001")
    page.locator("#f-geboortedatum").fill("31/12/1980")
    page.locator("#f-is_bedrijf").select_option("Yes")
    page.locator("#f-bedrijfsnaam").fill("Bakker & Zn")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_be_visible()
    klant = sandbox.klanten.get(1001)
    assert (str(klant.geboortedatum), klant.naam) == ("1980-12-31", "Bakker & Zn")


def test_a_company_with_a_token_opens_at_once(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/companies")
    page.get_by_text("New company").click()
    page.locator("#company-naam").fill("Nieuw & Co")
    page.get_by_role("button", name="Create company").click()
    expect(page.get_by_role("heading", name="Nieuw & Co")).to_be_visible()
    page.locator("#menu-companies").click()
    expect(page.get_by_role("heading", name="Companies and tokens")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("#token-company")).to_be_focused()
    page.locator("#token-company").select_option("Nieuw & Co")
    page.locator("#token-naam").fill("webshop")
    page.get_by_label("Sees all clients", exact=True).uncheck()
    page.get_by_role("button", name="Create token").click()
    expect(page.locator("#said")).to_contain_text("sandbox-webshop")
    assert ask(sandbox, "artikels", "sandbox-webshop") == 200
    assert ask(sandbox, "klanten", "sandbox-webshop") == 401

    page.get_by_role("checkbox", name="Sees all clients: sandbox-webshop").click()
    expect(page.locator("#said")).to_contain_text("Rights")
    assert ask(sandbox, "klanten", "sandbox-webshop") == 200
    page.get_by_role("button", name="Revoke: sandbox-webshop").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("revoked")
    assert ask(sandbox, "artikels", "sandbox-webshop") == 401


def test_a_company_is_renamed_and_deleted(visit: Opening, sandbox: Sandbox) -> None:
    page = visit(f"/companies/{LAMPE}")
    page.locator("#f-naam").fill("Kist & Vijs BV")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("#f-naam").fill("Lampe & fils")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Lampe & fils")).to_be_visible()
    page.locator("#delete").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("deleted")
    assert [each.naam for each in sandbox.companies] == ["Kist & Vijs BV"]


def test_categories_are_created_moved_and_deleted(visit: Opening, sandbox: Sandbox) -> None:
    page = visit(f"/companies/{KIST}")
    page.get_by_text("New category").click()
    page.locator("#f-new_naam").fill("Frisdrank")
    page.locator("#new-parent").select_option("Voeding › Dranken")
    page.get_by_role("button", name="Create category").click()
    expect(page.locator("#said")).to_contain_text("Frisdrank")
    made = next(row for row in sandbox.company(KIST).categorieen.list() if row.naam == "Frisdrank")
    assert made.parent is not None

    page.locator(f"#edit-{made.id}").click()
    page.locator("#categorie-naam").fill("Limonade")
    page.get_by_label("Below").first.select_option("")
    page.locator("tr.row-edit").get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_contain_text("Limonade")
    assert sandbox.company(KIST).categorieen.get(made.id).parent is None

    page.locator(f"#delete-{made.id}").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("deleted")
    assert "Limonade" not in [row.naam for row in sandbox.company(KIST).categorieen.list()]


def ask(sandbox: Sandbox, what: str, token: str) -> int:
    return urllib3.request("GET", f"{sandbox.base_url}/{what}/", headers={"X-ERP-TOKEN": token}).status


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_file_is_imported(visit: Opening, sandbox: Sandbox, tmp_path: Path, script: bool) -> None:
    file = tmp_path / "eigen.csv"
    file.write_text("naam;verkoopprijs_excl;id\nZelf gemaakt;1.234,50;\nAnders;2,00;126\n")
    page = visit("/artikels", java_script_enabled=script)
    page.get_by_role("link", name="Import").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#said")).to_contain_text("1 new, 1 changed")
    assert sandbox.artikels.search("zelf gemaakt").records[0].verkoopprijs_excl == Decimal("1234.50")
    assert sandbox.artikels.get(126).naam == "Anders"


def test_a_file_that_is_wrong_is_told_row_by_row(visit: Opening, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "klanten.csv"
    file.write_text("klantennummer,voornaam,geboortedatum\n1,<b>An</b>,gisteren\n1,Bo,1980-01-01\n")
    before = len(sandbox.klanten)
    page = visit("/klanten/+import?company=Lampe SA")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("is replaced by the file").check()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing is imported")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("gisteren")
    expect(page.get_by_label("is replaced by the file")).to_be_checked()
    expect(page.get_by_label("Company")).to_have_value(LAMPE)
    assert len(sandbox.klanten) == before
