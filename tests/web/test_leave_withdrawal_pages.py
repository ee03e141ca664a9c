"""Withdrawing leave on the screen: from the dossier of the leave, with its days ticked, to hours that are back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from portal.queries.leave import booked_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.leave import given, granted, left


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_somebody_withdraws_three_days_of_two_weeks(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-12-07", "2026-12-18")
        number, leave_id, before = leave.number, leave.id, left(session, cast)["statutory", 2026]
    anna, bram = browse("anna"), browse("bram")
    assert "Verlof intrekken" not in text(bram.get(f"/zaken/{number}"))
    assert bram.post(f"/zaken/{number}/vervolg/leave_withdrawal", {}).status_code == 404
    assert "Verlof intrekken" in text(anna.get(f"/zaken/{number}"))
    assert "Verlof intrekken" not in text(anna.get("/"))
    assert anna.post("/zaken/nieuw/leave_withdrawal", {}).status_code == 404
    for nothing in ("leave", "expense_claim", "nonsense"):
        assert anna.post(f"/zaken/{number}/vervolg/{nothing}", {}).status_code == 404
    begun = anna.post(f"/zaken/{number}/vervolg/leave_withdrawal", {})
    draft = begun.headers["Location"]
    assert anna.post(f"/zaken/{number}/vervolg/leave_withdrawal", {}).headers["Location"] == draft
    form = anna.get(draft).get_data(as_text=True)
    assert form.count('type="checkbox" name="day-') == 10
    assert form.count("checked") == 0
    assert "Alle dagen die nog komen" in form
    nobody = anna.get(anna.get(anna.post(draft, {"note": "", "do": "review"}).headers["Location"]).headers["Location"])
    assert "Kies minstens één dag." in text(nobody)
    days = {f"day-2026-12-{day}": "y" for day in (9, 10, 14)}
    review = text(anna.get(anna.post(draft, {**{k.replace("-9", "-09"): v for k, v in days.items()}, "note": "",
                                             "do": "review"}).headers["Location"]))  # fmt: skip
    assert "21,6 uur" in review
    assert "staan meteen weer op uw saldo" in review
    sent = anna.post(f"{draft}/indienen", {})
    page = text(anna.get(sent.headers["Location"]))
    assert "Teruggegeven" in page
    assert str(number) in page
    with world.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] == before + 3 * 432
        assert {one.day for one in booked_of(session, leave_id)} == {
            date(2026, 12, day) for day in (7, 8, 11, 15, 16, 17, 18)
        }
        followed = whole(session, leave_id)
        assert followed.state == "granted"
    assert "Verlof intrekken VRI-2026-000001" in text(bram.get("/zaken/VRI-2026-000001"))
    assert browse("otto").get("/zaken/VRI-2026-000001").status_code == 404


def test_of_leave_that_came_back_whole_there_is_nothing_to_withdraw(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        number = granted(session, cast, "2026-12-14").number
    anna = browse("anna")
    draft = anna.post(f"/zaken/{number}/vervolg/leave_withdrawal", {}).headers["Location"]
    assert anna.post(f"{draft}/indienen", {}).status_code == 302
    assert "Verlof intrekken </button>" not in anna.get(f"/zaken/{number}").get_data(as_text=True)
    assert anna.post(f"/zaken/{number}/vervolg/leave_withdrawal", {}).status_code == 404


def test_the_manager_decides_by_mail_on_days_that_began(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-11-23", "2026-11-27")
        number, before = leave.number, left(session, cast)["statutory", 2026]
    anna = browse("anna")
    draft = anna.post(f"/zaken/{number}/vervolg/leave_withdrawal", {}).headers["Location"]
    assert "checked" not in anna.get(draft).get_data(as_text=True)
    review = text(anna.get(anna.post(draft, {"day-2026-11-23": "y", "do": "review"}).headers["Location"]))
    assert "vragen we uw leidinggevende" in review
    assert anna.post(f"{draft}/indienen", {}).status_code == 302
    bram = browse("bram")
    page = text(bram.get("/zaken/VRI-2026-000001"))
    assert "maandag 23 november 2026" in page
    bram.post("/zaken/VRI-2026-000001/approve", {})
    with world.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] == before + 432
