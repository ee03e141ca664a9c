"""The pages of agreements: drafted and changed by the director, read and signed by both sides, printed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pypdfium2
from sqlalchemy import select, update

from portal.models.agreements import Agreement
from portal.models.people import RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.catalogue import BEGIN, drafted, services, signed
from workflows.agreement_form import typed

NEXT = date(2027, 1, 1)


def begun(world: World, cast: Cast) -> int:
    """A DVO of Waterveen that holds."""
    with world.db.transaction() as session:
        services(session, cast)
        return signed(session, cast, drafted(session, cast, "dvo", BEGIN)).id


def test_a_draft_is_made_changed_signed_and_printed(world: World, cast: Cast, browse: Any) -> None:
    before, ilse, farid = begun(world, cast), browse("ilse"), browse("farid")
    asked = {"form": "draft", "place": "", "kind": "dvo", "first": "2027-01-01"}
    assert ilse.post("/afspraken", asked).status_code == 422
    asked["place"] = str(cast.municipalities["waterveen"])
    for wrong in ({"kind": ""}, {"first": "2026-01-01"}, {"first": "straks"}):
        answer = ilse.post("/afspraken", asked | wrong)
        assert answer.status_code == 422, wrong
        assert re.search(rf'id="draft-{next(iter(wrong))}"[^>]*aria-invalid="true"', answer.text), wrong
    edit = ilse.post("/afspraken", asked).location
    page = edit.removesuffix("/aanpassen")
    with world.db.session(writes=False) as session:
        row = session.get_one(Agreement, int(page.rsplit("/", 1)[1]))
        form = typed("dvo", row.content) | {"form": "change", "first": "2027-01-01", "revision": str(row.revision)}
    wrong = ilse.post(edit, form | {"target-claims_paid": "98", "volume-contact": "veel"})
    assert wrong.status_code == 422
    assert re.search(r'id="change-volume-contact"[^>]*value="veel"[^>]*aria-invalid="true"', wrong.text)
    assert 'value="98"' in wrong.text
    assert ilse.post(edit, form | {"target-claims_paid": "98"}).location == page
    assert "sinds u het opende" in ilse.post(edit, form | {"target-claims_paid": "99"}).text
    shown = farid.get(page).text
    assert re.search(r"Declaraties betaald binnen 10 werkdagen</th>\s*<td[^>]*>95%</td>\s*<td[^>]*>98%", shown)
    assert "Wacht op uw handtekening" in farid.get("/afspraken").text
    assert "DVO Waterveen" in farid.get("/").text
    assert farid.get(edit).status_code == 404
    (digest,) = re.findall(r'name="digest" value="(\w+)"', shown)
    assert farid.post(f"{page}/tekenen", {"side": "municipality", "digest": "x"}).status_code == 422
    sent = {"side": "municipality", "digest": digest}
    assert farid.post(f"{page}/tekenen", sent).location == page
    assert "Wacht op uw handtekening" not in farid.get("/afspraken").text
    assert "DVO Waterveen" not in farid.get("/").text
    assert "telt die handtekening niet meer" in ilse.get(edit).text
    assert ilse.post(f"{page}/tekenen", sent | {"side": "ssc"}).location == page
    assert "Door beide kanten" not in ilse.get(page).text
    assert ilse.get(edit).status_code == 404
    assert "tot en met 31 december 2026" in farid.get(f"/afspraken/{before}").text
    printed = farid.get(f"{page}/overeenkomst.pdf")
    assert printed.headers["Content-Disposition"].endswith("dvo-waterveen-2.pdf")
    pdf = pypdfium2.PdfDocument(printed.data)
    said = "".join(sheet.get_textpage().get_text_range() for sheet in pdf)
    pdf.close()
    assert "Wat anders is dan in versie 1" in said
    assert digest in said.replace("\r\n", "")


def test_a_draft_is_thrown_away_with_a_reason(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        services(session, cast)
        row = drafted(session, cast, "dap", NEXT, on=date(2026, 11, 24))
    ilse, page = browse("ilse"), f"/afspraken/{row.id}"
    assert ilse.get(f"{page}/aanpassen").status_code == 200
    assert ilse.post(f"{page}/weg", {"reason": ""}).status_code == 422
    assert ilse.post(f"{page}/weg", {"reason": "Dubbel"}).location == "/afspraken"
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Agreement)).all() == []
    assert ilse.get(page).status_code == 404


def test_a_contract_manager_sees_those_of_their_municipality(world: World, cast: Cast, browse: Any) -> None:
    ours = begun(world, cast)
    with world.db.transaction() as session:
        theirs = drafted(session, cast, "dvo", BEGIN, place="duinrade").id
        mine = update(RoleGrant).where(RoleGrant.person_id == cast.people["farid"])
        session.execute(mine.values(municipality_id=cast.municipalities["waterveen"]))
    farid = browse("farid")
    assert "Duinrade" not in farid.get("/afspraken").text
    for page, code in ((f"/afspraken/{ours}", 200), (f"/afspraken/{theirs}", 404), ("/afspraken/999", 404),
                       (f"/afspraken/{theirs}/overeenkomst.pdf", 404)):  # fmt: skip
        assert farid.get(page).status_code == code
    assert farid.post(f"/afspraken/{theirs}/tekenen", {"side": "municipality"}).status_code == 404
