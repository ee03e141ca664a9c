"""The pages of the division of tasks: seen by both sides, kept by the SSC, as a file too."""

from __future__ import annotations

import re
from typing import Any

from portal.worlds import World
from tests.cast import Cast
from tests.catalogue import offered
from tests.commands.helpers import pass_days

PAGE = "/taakverdeling/waterveen/P8B"


def test_what_is_divided_is_shown_with_what_does_not_fit(world: World, cast: Cast, browse: Any) -> None:
    offered(world, cast)
    hanna = browse("hanna")
    sent = {"form": "divide", "doer": "ssc", "services": ["expense_claims"], "note": "", "first": "2026-11-25",
            "source": "DVO, bijlage"}  # fmt: skip
    for field, value in (("doer", ""), ("services", ["onzin"]), ("first", "2026-11-24"), ("source", "")):
        answer = hanna.post(PAGE, sent | {field: value})
        assert answer.status_code == 422, field
        assert re.search(rf'id="divide-{field}"[^>]*aria-invalid="true"', answer.text), field
    assert 'value="expense_claims" checked' in answer.text
    assert hanna.post(PAGE, sent).location == "/taakverdeling/waterveen"
    assert hanna.post(PAGE, sent | {"first": "2027-03-01", "doer": "shared", "services": []}).status_code == 302
    edit = hanna.get(PAGE).text
    (key,) = set(re.findall(r'value="(back2)"', edit))
    assert hanna.post(PAGE, {"form": key, "reason": ""}).status_code == 422
    assert hanna.post(PAGE, {"form": key, "reason": "Toch niet"}).status_code == 302
    assert hanna.post(PAGE, {"form": key, "reason": "Toch niet"}).status_code == 404
    for gone in ("/taakverdeling/onzin", "/taakverdeling/waterveen/P1A", "/taakverdeling/waterveen/X1"):
        assert hanna.get(gone).status_code == 404
    pass_days(world, 2)
    farid = browse("farid")
    page = farid.get("/taakverdeling/waterveen").text
    assert "Niemand" in page
    assert '/dienstencatalogus/expense_claims"' in page
    assert "/aanpassen" not in page
    assert farid.get(PAGE).status_code == 404
    assert "aandachtspunten" in farid.get("/taakverdeling").text
    listed = farid.get("/taakverdeling/verdeling.csv").data.decode("utf-8-sig").splitlines()
    assert any(line.startswith("Waterveen;Personeel;8B;Declaraties betalen;Het SSC;Declaraties afhandelen;")
               for line in listed)  # fmt: skip
    assert any(line.startswith("Waterveen;Personeel;1A;") and ";De gemeente;" in line for line in listed)
