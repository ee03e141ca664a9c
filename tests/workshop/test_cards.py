"""Cards: they fall on seats, and what people make of them is found by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.commands import cases
from portal.commands.contact import Asked, ask_question
from portal.queries.cases import documents_of
from portal.queries.people import employments_of
from portal.workshop import cards, reading
from portal.workshop.scenario import CLAIM
from portal.workshop.scenario import Card as Dealt
from portal.workshop.script import Script
from portal.workshop.tables import Card, Seat, WorkshopBase
from tests.cast import Cast
from tests.conftest import TUESDAY
from workflows.kernel import Refused

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SOON = TUESDAY + timedelta(hours=1)


@pytest.fixture
def session(cast: Cast) -> Iterator[Session]:
    """Three seats of employees."""
    WorkshopBase.metadata.create_all(cast.world.db.engine)
    with cast.world.db.session() as session:
        for name in ("anna", "aart", "olga"):
            session.add(Seat(key=name, role="employee", person_id=cast.people[name]))
            session.flush()
        yield session


def test_cards_are_dealt_fairly_and_each_falls_once(session: Session) -> None:
    session.get_one(Seat, 3).played_by = "person"
    session.get_one(Seat, 1).away_until = SOON
    fell = [cards.deal(session, f"c{number}", TUESDAY, role="employee").seat_id for number in range(4)]
    assert fell == [3, 2, 3, 2]
    again = cards.deal(session, "c0", SOON, role="employee")
    assert (again.seat_id, again.dealt_at) == (3, TUESDAY)
    assert Counter(cards.deal(session, f"d{n}", SOON, role="employee").seat_id for n in range(5)) == {1: 3, 2: 1, 3: 1}
    assert cards.deal(session, "mine", SOON, seat="aart").seat_id == 2
    with pytest.raises(Refused) as refused:
        cards.deal(session, "nobody", SOON, role="treasurer")
    assert refused.value.codes == {"card_no_seat"}


def _script(number: int) -> Script:
    """The scenario that comes along first, for few people; in round 2 receipts are photographed."""
    return Script(reading.read(reading.SHIPPED / "claim-from-paper-to-portal.toml"), 6, number)


def _claim(script: Script) -> Dealt:
    return next(card for card in script.cards.values() if card.kind == CLAIM and card.papers)


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_begun_from_a_card_is_one_draft_with_its_papers_and_done_when_it_is_handed_in(
    session: Session, cast: Cast, number: int
) -> None:
    script, anna = _script(number), cast.viewer(session, "anna")
    dealt, files = _claim(script), cast.world.files
    card = cards.deal(session, dealt.key, TUESDAY, seat="anna")
    case = cards.begin(session, files, card, dealt, anna, TUESDAY, script)
    assert cards.begin(session, files, card, dealt, anna, SOON, script).id == case.id
    there = {document.line_key for document in documents_of(session, case.id)}
    assert there == ({paper.line for paper in dealt.papers} if number == 2 else set())
    assert {paper.line for paper in dealt.papers} <= set((case.draft or {}).values())
    kinds = {dealt.key: CLAIM}
    assert (cards.follow(session, kinds, SOON), card.done_at) == (0, None)
    whole = cast.draft(session, "anna", f"card-{card.id}")
    assert whole.id == case.id
    cast.act(session, "anna", whole, "submit", content=cast.content(whole))
    assert cards.follow(session, kinds, SOON) == 1
    assert card.done_at == whole.received_at
    cards.undone(card)
    assert card.done_at is None


def test_who_works_for_nobody_begins_nothing(session: Session, cast: Cast) -> None:
    script = _script(2)
    card = cards.deal(session, "c1", TUESDAY, seat="anna")
    for employment in employments_of(session, cast.people["anna"]):
        session.delete(employment)
    session.flush()
    with pytest.raises(Refused) as refused:
        cards.begin(session, cast.world.files, card, _claim(script), cast.viewer(session, "anna"), TUESDAY, script)
    assert refused.value.codes == {"card_not_at_work"}


def test_what_people_begin_by_themselves_is_tied_to_their_oldest_card_of_that_kind(
    session: Session, cast: Cast
) -> None:
    kinds = {"c1": "claim", "c2": "claim", "q": "question", "aart": "claim", "l": "leave"}
    before = cast.submitted(session, "anna", key="before")
    before.created_at = TUESDAY - timedelta(hours=1)
    dealt = {key: cards.deal(session, key, TUESDAY, seat="aart" if key == "aart" else "anna") for key in kinds}
    first, second = cast.submitted(session, "anna", key="k1"), cast.draft(session, "anna", "k2")
    contact = ask_question(session, cast.viewer(session, "anna"), Asked("rules", "Mag dat?"), "q1", TUESDAY)
    session.flush()
    assert cards.follow(session, kinds, SOON) == 3
    assert (dealt["c1"].case_id, dealt["c2"].case_id, dealt["q"].contact_id) == (first.id, second.id, contact.id)
    assert [key for key, card in dealt.items() if card.done_at] == ["c1", "q"]
    assert (dealt["aart"].case_id, dealt["l"].case_id) == (None, None)
    leave = cases.start(session, "leave", employments_of(session, cast.people["anna"])[0], "l1", TUESDAY)
    session.flush()
    assert cards.follow(session, kinds, SOON) == 1
    assert dealt["l"].case_id == leave.id
    assert cards.follow(session, kinds, SOON) == 0


def test_the_cards_of_a_seat_come_the_newest_first_and_are_done_once(session: Session) -> None:
    for key in ("c1", "c2"):
        cards.deal(session, key, TUESDAY, seat="anna")
    seat = session.get_one(Seat, 1)
    found = cards.of_seat(session, seat)
    assert [card.key for card in found] == ["c2", "c1"]
    cards.done(found[0], TUESDAY)
    cards.done(found[0], SOON)
    assert session.get_one(Card, found[0].id).done_at == TUESDAY
