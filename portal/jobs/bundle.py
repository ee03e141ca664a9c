"""The mail of the day: for each approver who chose it, at their hour, in office hours, once a day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.clock import AMSTERDAM, local_date
from portal.commands import bundles
from portal.jobs.telling import Told, unless_idle
from portal.models.people import Person
from portal.queries.bundles import last_bundle, people_with_parts
from portal.queries.people import calendar_of, employments_of, national_calendar
from portal.worlds import World


def run(world: World, at: datetime) -> Told:
    """Make each mail of the day that is due."""
    mails = requests = 0
    with world.db.transaction() as session:
        for person in people_with_parts(session):
            if _due(session, person, at) and (count := bundles.make(session, person, at)):
                mails, requests = mails + 1, requests + count
    return unless_idle("bundled", mails=mails, requests=requests)


def _due(session: Session, person: Person, at: datetime) -> bool:
    """Whether this person's hour has come today; who no longer wants to wait gets what still waits at once."""
    if person.daily_hour is None:
        return True
    employments = employments_of(session, person.id)
    calendar = calendar_of(employments[0].unit.municipality) if employments else national_calendar()
    if at.astimezone(AMSTERDAM).hour < person.daily_hour or calendar.next_office_moment(at) != at:
        return False
    last = last_bundle(session, person.id)
    return last is None or local_date(last) < local_date(at)
