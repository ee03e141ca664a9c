"""Seats: joining without an account, coming back on another phone, changing places in the middle of something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import cases
from portal.models.cases import Case
from portal.models.people import SignIn
from portal.workshop import seats
from portal.workshop.tables import Diary, Seat, Timer, WorkshopBase
from tests.cast import Cast
from tests.conftest import TUESDAY
from workflows.kernel import Refused

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WALL = TUESDAY


@pytest.fixture
def session(cast: Cast) -> Iterator[Session]:
    """Three seats: the employee, then the clerk, then the manager are filled."""
    WorkshopBase.metadata.create_all(cast.world.db.engine)
    with cast.world.db.session() as session:
        for name, role in (("anna", "employee"), ("carla", "clerk"), ("bram", "manager")):
            session.add(Seat(key=name, role=role, person_id=cast.people[name]))
            session.flush()
        yield session


def _codes(refused: pytest.ExceptionInfo[Refused]) -> frozenset[str]:
    return refused.value.codes


def test_one_joins_with_a_nickname_alone_and_seats_are_filled_in_order(session: Session) -> None:
    first, pin = seats.join(session, "  Noor   B. ", WALL)
    second, _ = seats.join(session, "Sem", WALL)
    assert (first.key, first.nickname, second.key) == ("anna", "Noor B.", "carla")
    assert (len(pin), pin.isdigit()) == (4, True)
    assert pin not in first.pin
    assert (first.played_by, first.joined, session.get_one(Seat, 3).played_by) == ("person", WALL, "bot")


def test_a_name_that_clashes_is_too_short_or_too_long_is_refused_and_so_is_one_too_many(session: Session) -> None:
    seats.join(session, "Noor", WALL)
    for name, code in (("nOOR", "nickname_taken"), ("N", "nickname_length"), ("N" * 25, "nickname_length"),
                       ("\u202e\x00", "nickname_length")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            seats.join(session, name, WALL)
        assert _codes(refused) == {code}
    seats.join(session, "Sem", WALL)
    seats.join(session, "Lot", WALL)
    with pytest.raises(Refused) as refused:
        seats.join(session, "Te laat", WALL)
    assert _codes(refused) == {"workshop_full"}


def test_one_comes_back_on_another_phone_with_the_half_typed_form(session: Session, cast: Cast) -> None:
    seat, pin = seats.join(session, "Noor", WALL)
    old = seats.sign_in(session, seat, TUESDAY)
    draft = cast.draft(session, "anna")
    cases.save_draft(session, draft, {"purpose": "half get"}, TUESDAY)
    session.flush()
    again = seats.come_back(session, " noor", f" {pin[:2]} {pin[2:]} ", WALL)
    new = seats.sign_in(session, again, TUESDAY)
    session.flush()
    assert again.id == seat.id
    assert session.scalars(select(SignIn.nonce)).all() == [new.nonce] != [old.nonce]
    assert session.get_one(Case, draft.id).draft == {"purpose": "half get"}


def test_a_wrong_code_is_refused_as_an_unknown_name_is_and_after_a_few_one_waits(session: Session) -> None:
    _, pin = seats.join(session, "Noor", WALL)
    wrong = f"{(int(pin) + 1) % 10_000:04d}"
    for name, typed in (("Niemand", pin), ("", ""), *(("Noor", wrong),) * seats.MOST_TRIES):
        with pytest.raises(Refused) as refused:
            seats.come_back(session, name, typed, WALL)
        assert _codes(refused) == {"pin_wrong"}
        session.flush()
    with pytest.raises(Refused) as refused:
        seats.come_back(session, "Noor", pin, WALL)
    assert _codes(refused) == {"pin_wait"}
    assert seats.come_back(session, "Noor", pin, WALL + seats.WINDOW).key == "anna"


def test_the_trainer_gives_a_new_code_to_whoever_lost_theirs(session: Session) -> None:
    seat, pin = seats.join(session, "Noor", WALL)
    new = seats.new_pin(session, seat)
    assert seats.come_back(session, "Noor", new, WALL).id == seat.id
    if new != pin:
        with pytest.raises(Refused):
            seats.come_back(session, "Noor", pin, WALL)
    with pytest.raises(Refused) as refused:
        seats.new_pin(session, session.get_one(Seat, 3))
    assert _codes(refused) == {"seat_nobody"}


def test_joining_late_and_taking_over_put_aside_what_a_bot_had_planned(session: Session) -> None:
    session.add_all(Timer(at=TUESDAY, kind=kind, seat_id=1) for kind in ("bot", "deal"))
    session.flush()
    seat, _ = seats.join(session, "Noor", WALL)
    planned = {one.kind: one.done for one in session.scalars(select(Timer))}
    assert planned == {"bot": True, "deal": False}
    seats.take_over(session, seat, "trainer", TUESDAY, WALL)
    assert seat.played_by == "trainer"
    seats.hand_back(session, seat, TUESDAY, WALL)
    empty = session.get_one(Seat, 3)
    seats.take_over(session, empty, "trainer", TUESDAY, WALL)
    seats.hand_back(session, empty, TUESDAY, WALL)
    session.flush()
    assert (seat.played_by, empty.played_by) == ("person", "bot")
    assert [one.kind for one in session.scalars(select(Diary).order_by(Diary.id))] == [
        "took_over", "handed_back", "took_over", "handed_back",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="trainer or a bot"):
        seats.take_over(session, seat, "person", TUESDAY, WALL)


def test_people_change_places_and_their_phones_go_along(session: Session, cast: Cast) -> None:
    anna, pin = seats.join(session, "Noor", WALL)
    carla, other_pin = seats.join(session, "Sem", WALL)
    noor, sem = seats.sign_in(session, anna, TUESDAY).nonce, seats.sign_in(session, carla, TUESDAY).nonce
    session.flush()
    seats.hand_over(session, anna, carla, TUESDAY, WALL)
    session.flush()
    by_account = {seats.account_of(session, seat).id: seat.key for seat in (anna, carla)}
    now = {row.nonce: by_account[row.account_id] for row in session.execute(select(SignIn.nonce, SignIn.account_id))}
    assert now == {noor: "carla", sem: "anna"}
    assert (anna.nickname, carla.nickname, anna.played_by, carla.played_by) == ("Sem", "Noor", "person", "person")
    bram = session.get_one(Seat, 3)
    seats.hand_over(session, carla, bram, TUESDAY, WALL)
    assert (carla.nickname, carla.played_by, bram.nickname, bram.played_by) == ("", "bot", "Noor", "person")
    assert seats.come_back(session, "Noor", pin, WALL).key == "bram"
    assert seats.come_back(session, "Sem", other_pin, WALL).key == "anna"
    for one, other, code in ((anna, anna, "seat_same"), (carla, anna, "seat_nobody")):
        with pytest.raises(Refused) as refused:
            seats.hand_over(session, one, other, TUESDAY, WALL)
        assert _codes(refused) == {code}


def test_a_phone_that_is_not_heard_of_is_offered_and_lent_until_it_is(session: Session) -> None:
    seat, _ = seats.join(session, "Noor", WALL)
    soon, later = WALL + seats.OFFLINE - timedelta(seconds=1), WALL + seats.OFFLINE
    assert seats.offline(seats.all_seats(session), soon) == []
    assert seats.offline(seats.all_seats(session), later) == [seat]
    seats.lend(session, seat, TUESDAY, later)
    assert (seat.played_by, seat.lent) == ("bot", True)
    seats.seen(session, seat, later)
    assert (seat.played_by, seat.lent, seats.offline(seats.all_seats(session), later)) == ("person", False, [])
    seats.take_over(session, seat, "bot", TUESDAY, later)
    seats.seen(session, seat, later)
    assert seat.played_by == "bot"


def test_bots_step_in_by_themselves_as_long_as_the_switch_is_on(session: Session) -> None:
    assert seats.bots_step_in(session), "nobody waits for a missing person unless the trainer wants it so"
    for on, now in ((True, True), (False, False), (False, False), (True, True)):
        seats.let_bots_step_in(session, on, TUESDAY, WALL)
        session.flush()
        assert seats.bots_step_in(session) is now
    assert len(session.scalars(select(Diary)).all()) == 2


def test_who_goes_home_leaves_a_free_seat(session: Session) -> None:
    seat, _ = seats.join(session, "Noor", WALL)
    seats.sign_in(session, seat, TUESDAY)
    session.flush()
    seats.leave(session, seat, TUESDAY, WALL)
    assert (seat.nickname, seat.played_by, session.scalars(select(SignIn)).all()) == ("", "bot", [])
    assert seats.join(session, "Sem", WALL)[0].id == seat.id
    with pytest.raises(Refused) as refused:
        seats.leave(session, session.get_one(Seat, 3), TUESDAY, WALL)
    assert _codes(refused) == {"seat_nobody"}


@pytest.mark.parametrize(
    "other", ["\uff22loem", "\u0412loem", "Bl\u043eem", "Bloem\u200b", "\u202eBloem", "Bloem\u2800"]
)
def test_nobody_takes_a_name_that_looks_like_anothers(session: Session, other: str) -> None:
    seats.join(session, "Bloem", WALL)
    for name, code in ((other, "nickname_taken"), ("\u3164\u2800\u3164", "nickname_length")):
        with pytest.raises(Refused) as refused:
            seats.join(session, name, WALL)
        assert _codes(refused) == {code}


def test_a_name_is_the_same_however_a_phone_writes_its_accents(session: Session) -> None:
    seat, pin = seats.join(session, "Ren\u00e9e", WALL)
    assert seats.come_back(session, "Rene\u0301e", pin, WALL).id == seat.id
