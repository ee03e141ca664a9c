"""Home says the same as the lists it leads to, and nothing that is not so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import i18n
from portal.web.urgency import urgency_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.test_urgency import approved


def test_home_says_in_the_words_of_the_queue_how_urgent_a_case_is(world: World, cast: Cast, browse: Any) -> None:
    case = approved(world, cast, 7)
    carla = browse("carla")
    carla.post(f"/zaken/{case.number}/nemen")
    with i18n.reading_in("nl"):
        words = urgency_of(case, world.clock.now()).words
    assert words.startswith("spoed: ")
    for page in ("/", "/werkvoorraad"):
        text = carla.get(page).text
        assert words in text
        assert "nog 3 werkdagen" not in text, "what the step alone has left"


def test_a_request_without_money_shows_no_amount(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        number = cast.asks_account(session, "anna").number
    for who, page in (("els", "/werkvoorraad"), ("anna", "/"), ("anna", "/zaken")):
        text = browse(who).get(page).text
        assert str(number) in text
        assert "€\xa00,00" not in text


@pytest.mark.parametrize(("hours", "words"), [(0, "vandaag"), (8, "te laat")])
def test_what_should_have_been_done_is_late_on_the_same_day(
    world: World, cast: Cast, browse: Any, hours: int, words: str
) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        due = case.step_due
    assert due is not None
    world.clock.advance(due - timedelta(hours=1) - world.clock.now())  # type: ignore[attr-defined]
    world.clock.advance(timedelta(hours=hours))  # type: ignore[attr-defined]
    for page in ("/", "/akkoord"):
        text = browse("bram").get(page).text
        assert f"{words}</span>" in text
    assert ("moest di 1 dec klaar zijn" in browse("anna").get("/").text) is (words == "te laat")
