"""What comes after leave was approved: days that are taken back, who is ill, and hours of an old year that lapse."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.clock import local_date
from portal.commands import cases
from portal.commands.beginning import begin_about
from portal.jobs import leave_settling
from portal.models.cases import Case
from portal.models.leave import LeaveEntry, LeaveLot
from portal.queries.leave import booked_of
from seed.office import moment, workdays
from seed.people import Member
from seed.stage import Stage
from workflows import CASE_TYPES
from workflows.kernel import Given, Refused
from workflows.sickness.content import partly, recover

WITHDRAWAL, SICKNESS = CASE_TYPES["leave_withdrawal"], CASE_TYPES["sickness"]
WITHDRAWN_A_MONTH, ILL_A_MONTH = 0.02, 0.05
"""How often an employee takes days of leave back, or reports ill."""
PARTLY = 0.2
CARRIED = 6
"""How many people brought hours of an old year along from the system before."""
ONE_DAY = timedelta(days=1)


class AfterLeave:
    """Puts it on the agenda."""

    def __init__(self, stage: Stage, begin: date) -> None:
        self._stage, self._begin = stage, begin
        self._month = (0, 0)

    def plan(self, employees: int, months: int) -> None:
        """People change their minds, are ill for some days, and each month the portal looks at what lapses."""
        stage, rng = self._stage, self._stage.rng("after leave")
        days = workdays(stage.ssc_office, self._begin, local_date(stage.until))
        able = [one for one in stage.staff.members.values() if one.id != stage.staff.named["anna"]]
        for day in sorted(rng.choices(days, k=round(employees * months * WITHDRAWN_A_MONTH))):
            stage.plan(moment(day, 13), partial(self._withdraw, rng))
        for number, day in enumerate(sorted(rng.choices(days, k=round(employees * months * ILL_A_MONTH)))):
            stage.plan(
                moment(day, 8.5), partial(self._ill, f"ill-{number}", rng.choice(able), stage.rng("ill", number))
            )
        stage.plan(moment(days[0], 7), self._carry_over)
        stage.at_opening.append(self._monthly)

    def _monthly(self, at: datetime) -> None:
        if (at.year, at.month) != self._month:
            self._month = (at.year, at.month)
            leave_settling.lapse(self._stage.world, at)

    def _carry_over(self) -> None:
        """Some hours of two years before the next turn of the year: they lapse with it."""
        stage = self._stage
        year = self._begin.year - 1
        clerks = sorted(stage.staff.clerks)[:2]
        for member in sorted(stage.staff.members.values(), key=lambda one: one.id)[:CARRIED]:
            post = member.post(local_date(stage.now))
            if post is None or member.id in clerks:
                continue
            lot = LeaveLot(
                person_id=member.id, municipality_id=post.municipality_id, kind="statutory",
                valid_from=date(year, 7, 1), last_day=date(year + 1, 12, 31), ends_as="lapses",
                source="Cao Gemeenten, artikel 6.1", created_at=stage.now,
            )  # fmt: skip
            stage.session.add(lot)
            stage.session.flush()
            stage.session.add(
                LeaveEntry(
                    person_id=member.id, municipality_id=post.municipality_id, lot_id=lot.id, kind="statutory",
                    what="correct", minutes=60 * stage.rng("carried", member.id).choice((4, 8, 12, 20)),
                    day=local_date(stage.now), recorded_at=stage.now, by_id=clerks[0], second_id=clerks[1],
                    reason="Overgenomen uit het vorige systeem",
                )
            )  # fmt: skip
        stage.session.flush()

    def _withdraw(self, rng: Random) -> None:
        """Somebody with leave to come takes a day or some back."""
        stage, today = self._stage, local_date(self._stage.now)
        stage.session.flush()
        able = stage.session.scalars(
            select(Case.id)
            .where(Case.type == "leave", Case.state == "granted", Case.period_from > today,
                   Case.initiator_id != stage.staff.named["anna"])
            .order_by(Case.id)
        ).all()  # fmt: skip
        if not able:
            return
        new = begin_about(stage.session, WITHDRAWAL, stage.case(rng.choice(able)), stage.now)
        of = new.parent_id
        coming = sorted({one.day for one in booked_of(stage.session, of) if one.day > today}) if of else []
        if new.state != "draft" or not coming:
            return
        case = stage.case(new.id)
        case.draft = {f"day-{day}": "y" for day in coming[: rng.choice((1, 1, 2, 3))]}
        self._hand_in(case, dict(case.draft))

    def _hand_in(self, case: Case, typed: dict[str, str]) -> bool:
        stage, case_type = self._stage, CASE_TYPES[case.type]
        content, problems = case_type.read(case_type.form(formdata=MultiDict(typed)), stage.filling_in(case, {}))
        key = "withdraw" if problems else "submit"
        given = Given() if problems else Given(content=content)
        cases.act_as(stage.session, stage.viewer(case.initiator_id), case, key, given, stage.now)
        stage.session.flush()
        return not problems

    def _ill(self, name: str, member: Member, rng: Random) -> None:
        stage = self._stage
        post = member.post(local_date(stage.now))
        if post is None:
            return
        new = cases.start(stage.session, SICKNESS.key, stage.employments[post.employment_id], name, stage.now)
        case = stage.case(new.id)
        if not self._hand_in(case, {"first": local_date(stage.now).isoformat()}):
            return
        back = stage.office(post.municipality_id).add_working_days(
            local_date(stage.now), rng.choice((1, 1, 2, 2, 3, 4, 6, 9))
        )
        if rng.random() < PARTLY:
            stage.plan(moment(back, 8), partial(self._better, case.id, back, "partly"))
            back = stage.office(post.municipality_id).add_working_days(back, 4)
        stage.plan(moment(back, 8.2), partial(self._better, case.id, back, "recover"))

    def _better(self, case_id: int, day: date, key: str) -> None:
        stage = self._stage
        case = stage.case(case_id)
        read = partly if key == "partly" else recover
        content, problems = read(case.content, {f"{key}-day": day.isoformat(), "partly-percent": "50"}, "nl")
        if problems or case.state != "ill":
            return
        cases.act_as(stage.session, stage.viewer(case.initiator_id), case, key, Given(content=content), stage.now)
        stage.session.flush()
        proposed = select(Case.id).where(
            Case.type == WITHDRAWAL.key, Case.state == "submitted", Case.initiator_id == case.initiator_id
        )
        for one in stage.session.scalars(proposed).all():
            stage.plan(stage.now + timedelta(hours=4), partial(self._confirm, one))

    def _confirm(self, case_id: int) -> None:
        stage = self._stage
        case = stage.case(case_id)
        if case.state != "submitted" or case.approver_id is None:
            return
        try:
            cases.act_as(stage.session, stage.viewer(case.approver_id), case, "approve", Given(), stage.now)
        except Refused:
            return
        stage.session.flush()
