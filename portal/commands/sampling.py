"""Samples: choosing the seed of a month, putting cases among those that may be drawn, and drawing them by lot."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.models.cases import Case
from portal.models.events import REGISTER, CaseEvent, record
from portal.models.people import Municipality
from portal.models.sampling import SampleDraw, SampleSeed
from portal.queries.people import policies_of
from portal.queries.sampling import CHOSEN, failed_lately, month_of, next_month
from workflows.parties import Channel, Party
from workflows.sampling import LIMIT, commitment, is_drawn, threshold

OF_MONTH = select(SampleSeed).where(
    SampleSeed.municipality_id == bindparam("where"), SampleSeed.month == bindparam("month")
)
OF_CASE = select(SampleDraw.id).where(SampleDraw.case_id == bindparam("case"))
TAKE_OUT = delete(SampleDraw).where(SampleDraw.case_id == bindparam("case"), SampleDraw.drawn.is_(None))


def seed_of(session: Session, municipality_id: int, month: date, at: datetime) -> SampleSeed:
    """The seed of a municipality's month; chosen now when there is none yet. It is never chosen twice."""
    which = {"where": municipality_id, "month": month}
    found = session.scalars(OF_MONTH, which).first()
    if found is not None:
        return found
    try:
        with session.begin_nested():
            return choose(session, municipality_id, month, secrets.token_hex(32), at)
    except IntegrityError:
        # Chosen by another at the same moment.
        return session.scalars(OF_MONTH, which).one()


def choose(session: Session, municipality_id: int, month: date, seed: str, at: datetime) -> SampleSeed:
    """Store this seed for a municipality's month, and its digest in the chain: proof that it was not another."""
    new = SampleSeed(municipality_id=municipality_id, month=month, seed=seed, chosen_at=at)
    session.add(new)
    session.flush()
    record(session, _chosen(new, at))
    return new


def _chosen(seed: SampleSeed, at: datetime) -> CaseEvent:
    return CaseEvent(
        case_id=REGISTER, action=CHOSEN, from_state="", to_state="", enabled_at=at, started_at=at, at=at,
        actor_id=None, on_behalf_of_id=None, channel=Channel.JOB.value, reason="",
        data={
            "municipality": seed.municipality_id, "month": seed.month.isoformat(), "digest": commitment(seed.seed),
        },
    )  # fmt: skip


def prepare(session: Session, at: datetime) -> int:
    """Choose the seeds of this month and the next wherever claims go on without approval beforehand. How many."""
    today = local_date(at)
    chosen = 0
    for municipality_id in session.scalars(select(Municipality.id).order_by(Municipality.id)).all():
        policies = policies_of(session, municipality_id)
        for month in (month_of(today), next_month(month_of(today))):
            if policies.number(LIMIT, max(today, month)) > 0:
                chosen += seed_of(session, municipality_id, month, at).chosen_at == at
    return chosen


def may_be_drawn(session: Session, case: Case, at: datetime) -> None:
    """Put a case that went on without approval among those that may be drawn; take it out when somebody is asked."""
    # One that was filled in for somebody waits for their word first: it went on to nobody yet.
    asked = case.waits_for in (Party.APPROVER.name, Party.INITIATOR.name)
    unapproved = not asked and case.bound is None
    if unapproved and session.scalars(OF_CASE, {"case": case.id}).first() is None:
        today = local_date(at)
        seed = seed_of(session, case.municipality_id, month_of(today), at)
        failed = failed_lately(session, case.initiator_id, at)
        session.add(
            SampleDraw(
                seed_id=seed.id, case_id=case.id, number=case.number or "", entered_at=at,
                threshold=threshold(policies_of(session, case.municipality_id), today, failed=failed),
            )
        )  # fmt: skip
    elif not unapproved and len(case.trail) > 1:
        session.execute(TAKE_OUT, {"case": case.id})


def draw(session: Session, draw_id: int, at: datetime) -> bool | None:
    """Draw one case by lot. Whether it is in the sample; None when somebody was just before."""
    row = session.get_one(SampleDraw, draw_id, with_for_update=True, populate_existing=True)
    if row.drawn is not None:
        return None
    seed = session.get_one(SampleSeed, row.seed_id)
    row.drawn, row.drawn_at = is_drawn(seed.seed, row.number, row.threshold), at
    return row.drawn
