"""What the tests of samples share: a municipality that samples, claims that pass, and a night of drawing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.commands import bank
from portal.jobs import sample
from portal.models.cases import Case, Document
from portal.models.people import Policy
from portal.models.sampling import SampleDraw
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import whole
from tests.commands.money import booked, debit, lines_in, release
from workflows.kernel import Given
from workflows.sample.judging import judge
from workflows.sampling import LIMIT, PERCENT, PERCENT_FAILED

BELOW = 4_900


def agree(
    session: Session, cast: Cast, place: str = "waterveen", *, limit: int = 10_000, percent: str = "100",
    failed: str = "", since: date = SINCE,
) -> None:  # fmt: skip
    """A municipality agrees to sample: below this amount, so many percent."""
    for key, value in ((LIMIT, str(limit)), (PERCENT, percent), (PERCENT_FAILED, failed)):
        if value:
            where = cast.municipalities[place]
            session.add(Policy(key=key, value=value, municipality_id=where, valid_from=since, source="test"))
    session.flush()


def small(session: Session, cast: Cast, name: str = "anna", *, key: str = "s0", cents: int = BELOW) -> Case:
    """A small claim, submitted, that is like no other: nothing about it asks for a decision."""
    case = cast.draft(session, name, key)
    session.execute(update(Document).where(Document.case_id == case.id).values(original_sha256=f"{case.id:064d}"))
    content = cast.content(case, cents)
    day = date(2026, 11, 20) - timedelta(days=case.id)
    content["lines"][0] |= {"date": day.isoformat(), "description": f"Parkeren, keer {case.id}"}
    cast.act(session, name, case, "submit", content=content)
    return case


def passed(session: Session, cast: Cast, name: str = "anna", *, key: str = "s1", cents: int = BELOW) -> Case:
    """A claim that went on without approval and was checked: it waits for the payment run."""
    case = small(session, cast, name, key=key, cents=cents)
    assert case.state == "approved"
    cast.checked(session, case)
    return case


def pay(session: Session, cast: Cast, *cases: Case) -> None:
    """Release these and let the bank book them."""
    batch = release(session, cast, *(case.id for case in cases))
    file = booked(*(debit(line) for line in lines_in(session, batch)))
    bank.take_in(session, file, "answer.xml", cast.world.clock.now())
    session.flush()


def paid(session: Session, cast: Cast, name: str = "anna", *, key: str = "s1", cents: int = BELOW) -> int:
    """A claim that was paid without approval beforehand."""
    case = passed(session, cast, name, key=key, cents=cents)
    pay(session, cast, case)
    assert whole(session, case.id).state == "paid"
    return case.id


def night(world: World) -> Any:
    """A run of the job."""
    return sample.run(world, world.clock.now())


def sample_of(session: Session, case_id: int) -> Case:
    """The sample that followed from a claim."""
    query = select(Case.id).where(Case.parent_id == case_id, Case.type == "sample")
    return whole(session, session.scalars(query).one())


def draws(session: Session) -> list[SampleDraw]:
    """Every draw, the first first."""
    return list(session.scalars(select(SampleDraw).order_by(SampleDraw.id)))


def sampled(world: World, cast: Cast, name: str = "anna", **more: Any) -> int:
    """A sample that waits for its manager; the municipality draws everything."""
    with world.db.transaction() as session:
        if session.scalars(select(Policy).where(Policy.key == LIMIT)).first() is None:
            agree(session, cast)
        claim = paid(session, cast, name, **more)
    night(world)
    with world.db.session(writes=False) as session:
        return sample_of(session, claim).id


def judged(case: Case, cents: int = 900, why: str = "Dit was een priverit") -> Given:
    """The first line of a sample judged as not due, for so much."""
    key = case.content["lines"][0]["key"]
    content, problems = judge(case.content, {f"wrong-{key}": f"{cents / 100:.2f}", f"why-{key}": why}, "en")
    assert not problems
    return Given(content=content)
