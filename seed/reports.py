"""The figures through the year: what is measured from the beginning on, and every month published when it is over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import indicators, reports
from portal.commands.definitions import define_all
from portal.worlds import World
from seed.sources import source
from seed.stage import Stage
from workflows.periods import month, shifted


def define(session: Session, first: date, at: datetime, today: date) -> None:
    """Begin to measure, from before anything came in."""
    define_all(session, source("indicators")["indicators"], shifted(first, -1), at, today)


class Publisher:
    """Counts and publishes, on the first morning of each month."""

    def __init__(self, stage: Stage, first: date) -> None:
        self.stage, self.month = stage, first.replace(day=1)

    def morning(self, at: datetime) -> None:
        """Publish the month before this one, if that was not done yet."""
        if shifted(self.month, 1) > local_date(at):
            return
        session = self.stage.session
        indicators.catch_up_fully(session, at)
        for place in (*self.stage.municipalities.values(), None):
            reports.publish(session, place, month(self.month), at)
        session.commit()
        self.month = shifted(self.month, 1)


def rest(world: World) -> None:
    """Count what happened since."""
    with world.db.transaction() as session:
        indicators.catch_up_fully(session, world.clock.now())
