"""The sample at night: choosing the seeds of the months to come, drawing what was paid, asking who must judge it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import sampling
from portal.commands.cases import SYSTEM_ACTOR, Step, act
from portal.jobs.telling import Told, unless_idle
from portal.models.cases import Case
from portal.models.sampling import SampleDraw
from portal.queries.cases import WHOLE
from portal.queries.sampling import to_draw
from portal.worlds import World


def run(world: World, at: datetime) -> Told:
    """Choose seeds, then draw each case in a transaction of its own, so that what was drawn stays drawn."""
    with world.db.transaction() as session:
        seeds = sampling.prepare(session, at)
        waiting = to_draw(session)
    drawn = 0
    for draw_id in waiting:
        with world.db.transaction() as session:
            drawn += draw(session, draw_id, at)
    return unless_idle("sample", seeds=seeds, passed=len(waiting), drawn=drawn)


def draw(session: Session, draw_id: int, at: datetime) -> bool:
    """Draw one case; when it is in the sample, the case of the sample follows from it."""
    if not sampling.draw(session, draw_id, at):
        return False
    case_id = select(SampleDraw.case_id).where(SampleDraw.id == draw_id)
    case = session.scalars(select(Case).where(Case.id == case_id.scalar_subquery()).options(*WHOLE)).one()
    act(session, case, Step("sample", SYSTEM_ACTOR, at))
    return True
