"""ETags: cheap to make, true of the contents, and worth a 304."""

import pytest

from cloudspot.sandbox import Sandbox


@pytest.mark.parametrize("path", ["/artikels/", "/artikels/?id=125", "/categories/", "/categories/?id=3", "/klanten/"])
def test_what_is_held_is_not_sent_again(http, path):
    etag = http.get(path).headers["ETag"]
    assert etag.startswith('"')
    for held in (etag, f'"other", {etag}', f"W/{etag}", "*", etag[:-1] + '-gzip"'):
        answer = http.get(path, If_None_Match=held)
        assert answer.status == 304
        assert answer.data == b""
        assert answer.headers["ETag"] == etag
        assert "X-Request-ID" in answer.headers
    assert http.get(path, If_None_Match='"other"').status == 200


def test_a_refusal_has_no_etag(http):
    answer = http.get("/artikels/?id=1", If_None_Match="*")
    assert answer.status == 404
    assert "ETag" not in answer.headers
    assert http.get("/artikels/", None, If_None_Match="*").status == 401


def test_each_edit_is_a_new_version(fresh):
    artikels = fresh.sandbox.artikels
    seen = {fresh.get("/artikels/").headers["ETag"]}
    for edit in (
        lambda: artikels.update(125, naam="Nieuw"),
        lambda: artikels.delete(126),
        lambda: artikels.create(naam="Extra"),
    ):
        edit()
        etag = fresh.get("/artikels/").headers["ETag"]
        assert etag not in seen
        seen.add(etag)


def test_an_edit_leaves_the_versions_of_other_lists(fresh):
    paths = ("/klanten/", "/categories/", "/artikels/?id=126")
    before = [fresh.get(path).headers["ETag"] for path in paths]
    other = fresh.get("/artikels/", "sandbox-other").headers["ETag"]
    fresh.sandbox.artikels.update(125, naam="Nieuw")
    assert [fresh.get(path).headers["ETag"] for path in paths] == before
    assert fresh.get("/artikels/", "sandbox-other").headers["ETag"] == other


def test_equal_histories_have_equal_versions_and_others_do_not():
    etags = []
    for naam in ("een", "een", "twee"):
        with Sandbox(artikels=5, klanten=0) as sandbox:
            sandbox.artikels.update(125, naam=naam)
            etags.append(sandbox.store.collection(1, "artikels").state)
    assert etags[0] == etags[1] != etags[2]
