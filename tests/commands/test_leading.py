"""Who leads and who has a mandate from a day on; and that nothing is changed but what was seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands.changes import Author
from portal.commands.foreseeing import Foreseen, foresee
from portal.commands.leading import name_leader
from portal.commands.mandates import Terms, end_mandate, give_mandate
from portal.models.changes import Change
from portal.models.people import ManagerRelation, Mandate, Person, Unit
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import refused
from tests.commands.test_approvers import leave

TODAY = date(2026, 11, 24)
KINDS = frozenset({"expense_claim"})


def day(number: int) -> date:
    return TODAY + timedelta(number)


def hanna(cast: Cast) -> Author:
    return Author(cast.people["hanna"], None)


def units(session: Session, *names: str) -> list[Unit]:
    return list(session.scalars(select(Unit).where(Unit.name.in_(names)).order_by(Unit.id)))


def led(cast: Cast, session: Session, unit: Unit) -> list[tuple[str, date, date | None]]:
    names = {person: name for name, person in cast.people.items()}
    session.flush()
    rows = session.scalars(
        select(ManagerRelation).where(ManagerRelation.unit_id == unit.id).order_by(ManagerRelation.valid_from)
    )
    return [(names[row.manager_id], row.valid_from, row.valid_to) for row in rows]


def name(cast: Cast, session: Session, who: str | None, first: date | None, reason: str = "Reorganisatie") -> None:
    leader = session.get_one(Person, cast.people[who]) if who else None
    team = units(session, "Team Vergunningen")[:1]
    name_leader(session, hanna(cast), team, leader, first, reason, cast.world.clock.now(), TODAY)


def test_a_leader_is_named_from_a_day_on_and_what_was_before_stays(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        (team, *_) = units(session, "Team Vergunningen")
        name(cast, session, "aart", day(7))
        assert led(cast, session, team) == [("bram", SINCE, day(6)), ("aart", day(7), None)]
        name(cast, session, "els", day(3))
        assert led(cast, session, team) == [("bram", SINCE, day(2)), ("els", day(3), None)]
        name(cast, session, None, day(5))
        assert led(cast, session, team) == [("bram", SINCE, day(2)), ("els", day(3), day(4))]
        log = session.scalars(select(Change).order_by(Change.id)).all()
        assert [(c.what, c.old["leader"], c.new["leader"]) for c in log] == [
            ("leader.named", "Bram de Wit", "Aart de Wit"), ("leader.named", "Bram de Wit", "Els de Wit"),
            ("leader.named", "Els de Wit", ""),
        ]  # fmt: skip


def test_who_cannot_lead_is_refused(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        leave(cast, session, "aart")
        assert refused(lambda: name(cast, session, "aart", day(0))) == {"leader_not_there"}
        assert refused(lambda: name(cast, session, "els", day(-1))) == {"leader_past"}
        assert refused(lambda: name(cast, session, "els", None)) == {"first_day_missing"}
        assert refused(lambda: name(cast, session, "els", day(0), " ")) == {"change_reason_missing"}
        assert refused(lambda: name(cast, session, "hanna", day(0))) == {"own_rights"}
        now = world.clock.now()
        nothing = refused(lambda: name_leader(session, hanna(cast), [], None, day(0), "x", now, TODAY))
        assert nothing == {"leader_no_units"}
        elsewhere = Author(cast.people["hanna"], frozenset({cast.municipalities["duinrade"]}))
        team = units(session, "Team Vergunningen")[:1]
        outside = refused(lambda: name_leader(session, elsewhere, team, None, day(0), "x", now, TODAY))
        assert outside == {"outside_your_work"}


def give(cast: Cast, session: Session, who: str, reason: str = "Besluit", **changed: object) -> Mandate:
    known: dict[str, object] = {
        "municipality_id": cast.municipalities["waterveen"], "kind": "expense_claim", "cents": 500_000,
        "cost_centres": " 11*  1200 ", "designated": False, "first": day(0), "last": None,
    }  # fmt: skip
    terms = Terms(**known | changed)  # type: ignore[arg-type]
    holder = session.get_one(Person, cast.people[who])
    return give_mandate(session, hanna(cast), holder, terms, KINDS, reason, cast.world.clock.now(), TODAY)


def end(cast: Cast, session: Session, mandate: Mandate, last: date | None, reason: str = "Besluit") -> None:
    end_mandate(session, hanna(cast), mandate, last, reason, cast.world.clock.now(), TODAY)


def test_a_mandate_is_given_and_ended_with_a_reason(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given = give(cast, session, "aart")
        assert (given.cost_centres, given.maximum_cents) == ("11* 1200", 500_000)
        end(cast, session, given, day(9))
        assert given.valid_to == day(9)
        coming = give(cast, session, "els", first=day(4), last=day(30))
        end(cast, session, coming, day(1))
        session.flush()
        holders = session.scalars(select(Mandate.person_id).order_by(Mandate.id)).all()
        assert cast.people["els"] not in holders
        log = session.scalars(select(Change).order_by(Change.id)).all()
        assert [c.what for c in log] == ["mandate.given", "mandate.ended"] * 2
        assert (log[0].new["maximum"], log[1].new["valid_to"]) == ("5000.00", day(9).isoformat())


def test_a_mandate_that_makes_no_sense_is_refused(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        leave(cast, session, "aart")
        for code, who, changed in (
            ("mandate_holder", "aart", {}),
            ("own_rights", "hanna", {}),
            ("mandate_kind", "els", {"kind": "lunch"}),
            ("mandate_kind", "els", {"municipality_id": None}),
            ("mandate_centres", "els", {"cost_centres": "11;12"}),
            ("first_day_missing", "els", {"first": None}),
            ("mandate_past", "els", {"first": day(-1)}),
            ("last_before_first", "els", {"last": day(-1)}),
            ("change_reason_missing", "els", {"reason": ""}),
        ):
            assert refused(lambda who=who, changed=changed: give(cast, session, who, **changed)) == {code}, code
        mandate = session.scalars(select(Mandate).where(Mandate.person_id == cast.people["bram"])).one()
        assert refused(lambda: end(cast, session, mandate, None)) == {"last_day_missing"}
        assert refused(lambda: end(cast, session, mandate, day(-1))) == {"last_before_first"}
        mandate.valid_to = day(-1)
        assert refused(lambda: end(cast, session, mandate, day(0))) == {"mandate_over"}


def seen(cast: Cast, session: Session, change: Callable[[], object], digest: str = "", on: date = TODAY,
         *, always: bool = False) -> Foreseen:  # fmt: skip
    return foresee(session, change, "the change", digest, {cast.municipalities["waterveen"]}, on, always=always)


def test_what_was_seen_is_what_happens(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = cast.submitted(session)
        cast.submitted(session, "olga")
        session.commit()
        (team, *_) = units(session, "Team Vergunningen")

        def change() -> None:
            name(cast, session, "diane", day(0))

        looked = seen(cast, session, change)
        assert not looked.done
        assert [(m.case_id, m.before, m.after) for m in looked.moved] == [
            (first.id, cast.people["bram"], cast.people["diane"])
        ]
        assert led(cast, session, team) == [("bram", SINCE, None)]
        assert session.scalars(select(Change)).all() == []
        # Meanwhile somebody else submits: what was seen is not what would happen.
        cast.submitted(session, "aart")
        again = seen(cast, session, change, looked.digest)
        assert (again.done, len(again.moved)) == (False, 2)
        assert again.counts() == {(cast.people["bram"], cast.people["diane"]): 2}
        assert seen(cast, session, change, again.digest).done
        assert [who for who, *_ in led(cast, session, team)] == ["bram", "diane"]


def test_what_follows_nothing_is_made_at_once_unless_it_must_be_seen(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        looked = seen(cast, session, lambda: name(cast, session, "els", day(2)), on=day(2), always=True)
        assert (looked.done, looked.moved) == (False, ())
        assert seen(cast, session, lambda: name(cast, session, "els", day(2)), on=day(2)).done


def test_a_refusal_while_looking_leaves_nothing_behind(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:

        def change() -> None:
            name(cast, session, "diane", day(0))
            name(cast, session, "diane", day(-1))

        assert refused(lambda: seen(cast, session, change)) == {"leader_past"}
        assert session.scalars(select(Change)).all() == []


def test_somebody_who_leaves_later_takes_their_requests_along_on_that_day(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.submitted(session)
        mandate = session.scalars(select(Mandate).where(Mandate.person_id == cast.people["bram"])).one()
        found = seen(cast, session, lambda: end(cast, session, mandate, day(5)), on=day(6))
        assert [(m.before, m.after) for m in found.moved] == [(cast.people["bram"], cast.people["diane"])]
        assert local_date(world.clock.now()) == TODAY
