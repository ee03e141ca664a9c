"""A month is published once, stays as it was published, and is corrected by another edition beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import indicators, reports
from portal.jobs import indicators as jobs
from portal.models.mail import OutboxMail
from portal.models.people import Municipality
from portal.models.reports import Report
from portal.queries.reports import asked, editions
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused
from tests.counted import NOW, OCTOBER, Log, claim, two_claims
from workflows.periods import parsed


@pytest.fixture
def counting(world: World, cast: Cast) -> Cast:
    """A month in which one of two claims was paid in time."""
    two_claims(world, cast)
    return cast


def _place(session: Session) -> Municipality:
    return session.scalars(select(Municipality).order_by(Municipality.id)).first()  # type: ignore[return-value]


def _paid(report: Report) -> tuple[int, int]:
    figure = next(one for one in report.figures["figures"] if one["key"] == "claims_paid")
    return figure["numerator"], figure["denominator"]


def test_every_month_is_published_once_and_mailed(world: World, counting: Cast) -> None:
    told = jobs.report(world, NOW)
    assert told[0]["months"] == 1
    assert jobs.report(world, NOW) == []
    with world.db.session() as session:
        found = session.scalars(select(Report).order_by(Report.id)).all()
        assert [(one.scope, one.period, one.edition) for one in found][-1] == ("*", "2026-10", 1)
        assert len(found) == len(counting.municipalities) + 1
        assert _paid(found[0]) == (1, 2)
        mails = session.scalars(select(OutboxMail).where(OutboxMail.letter == "report")).all()
        assert {mail.person_id for mail in mails} == {counting.people["farid"], counting.people["ilse"]}
        mail = next(mail for mail in mails if mail.person_id == counting.people["farid"])
        assert "Declaraties binnen 10 werkdagen betaald: 50%" in mail.text
        assert "[[home:/rapporten/waterveen/2026-10]]" in mail.text


def test_what_was_published_stays_and_a_correction_stands_beside_it(world: World, counting: Cast) -> None:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    with world.db.transaction() as session:
        place, ilse = _place(session), counting.people["ilse"]
        assert refused(lambda: reports.restate(session, ilse, place, OCTOBER, "x", NOW)) == {"report_not_published"}
        reports.publish(session, place, OCTOBER, NOW)
        assert reports.publish(session, place, OCTOBER, NOW) is None
        assert refused(lambda: reports.restate(session, ilse, place, OCTOBER, "x", NOW)) == {"report_unchanged"}
        # The bank gives the first payment back: it was not paid in October after all.
        stories = [claim(1, 5, ("unpaid", at))]
        log = Log(session, counting, after=100)
        log.steps(stories, at, NOW)
        indicators.catch_up_fully(session, NOW)
        found = asked(session, place, OCTOBER, NOW)
        assert found is not None
        assert found.published is not None
        assert next(one for one in found.data["figures"] if one["key"] == "claims_paid")["numerator"] == 1
        assert refused(lambda: reports.restate(session, ilse, place, OCTOBER, " ", NOW)) == {"change_reason_missing"}
        reports.restate(session, ilse, place, OCTOBER, "De bank stortte terug", NOW)
        old, new = editions(session, place, "2026-10")
        assert (_paid(old), _paid(new)) == ((1, 2), (0, 2))
        again = asked(session, place, OCTOBER, NOW)
        assert again is not None
        assert (again.before.number if again.before else 0, again.data) == (1, new.figures)


def test_a_period_is_published_when_it_is_over(world: World, counting: Cast) -> None:
    november = parsed("2026-11") or OCTOBER
    with world.db.transaction() as session:
        assert refused(lambda: reports.publish(session, None, november, NOW)) == {"period_not_over"}
