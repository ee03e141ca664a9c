"""Samples in the history: drawn at night, judged by managers, and asked back from employees where not all was due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from portal.clock import local_date
from portal.commands import cases, sampling
from portal.jobs import sample
from portal.models.cases import Case
from portal.queries.people import policies_of
from portal.queries.sampling import month_of, next_month
from seed.absences import Absence
from seed.office import later, moment
from seed.sources import source
from seed.stage import Stage
from workflows.kernel import Given
from workflows.money import plain
from workflows.sample.judging import judge
from workflows.sampling import LIMIT

NOT_RIGHT = 0.2
"""Which part of the samples is not right."""
BEFORE_ANYBODY = 6.0
"""The hour at which is drawn: before the first employee of the day."""
AGREES = 0.7
"""Which part of the employees agrees at once."""


class Samples:
    """The nights on which is drawn, and what people do with what was drawn."""

    def __init__(self, stage: Stage, absences: Mapping[int, Sequence[Absence]]) -> None:
        self._stage, self._absences = stage, absences
        self._seen = 0

    def night(self, at: datetime) -> None:
        """Draw, on working days; the managers who are asked come to it in the days after."""
        stage = self._stage
        if not stage.ssc_office.is_working_day(local_date(at)):
            return
        at = moment(local_date(at), BEFORE_ANYBODY)
        self._choose(at)
        sample.run(stage.world, at)
        with stage.world.db.session(writes=False) as session:
            new = session.execute(
                select(Case.id, Case.number, Case.municipality_id)
                .where(Case.type == "sample", Case.id > self._seen)
                .order_by(Case.id)
            ).all()
        for case_id, number, municipality_id in new:
            self._seen = case_id
            hours = stage.rng("sample", number).uniform(3, 30)
            stage.plan(later(stage.office(municipality_id), at, hours), partial(self._judge, case_id))

    def _choose(self, at: datetime) -> None:
        """The seeds of an invented world are drawn like all else in it, so that the same seed gives the same world."""
        stage, month = self._stage, month_of(local_date(at))
        with stage.world.db.transaction() as session:
            for municipality_id in sorted(stage.municipalities):
                if not policies_of(session, municipality_id).number(LIMIT, local_date(at)):
                    continue
                for one in (month, next_month(month)):
                    which = {"where": municipality_id, "month": one}
                    if session.scalars(sampling.OF_MONTH, which).first() is None:
                        drawn = f"{stage.rng('seed', municipality_id, one).getrandbits(256):064x}"
                        sampling.choose(session, municipality_id, one, drawn, at)

    def _judge(self, case_id: int) -> None:
        stage = self._stage
        case, rng = stage.case(case_id), stage.rng("judge", case_id)
        if case.state != "judging" or case.approver_id is None:
            return
        today = local_date(stage.now)
        if any(away.first <= today <= away.last for away in self._absences.get(case.approver_id, ())):
            stage.plan(later(stage.office(case.municipality_id), stage.now, 9), partial(self._judge, case_id))
            return
        if rng.random() >= NOT_RIGHT:
            self._act(case.approver_id, case, "right")
            return
        line = rng.choice(case.content["lines"])
        cents = max(1, line["sanctioned_cents"] * rng.randrange(20, 101) // 100)
        typed = {
            f"wrong-{line['key']}": plain(cents),
            f"why-{line['key']}": rng.choice(source("words")["sample"]["wrong"]),
        }
        content, _ = judge(case.content, typed, "nl")
        self._act(case.approver_id, case, "wrong", Given(content=content))
        stage.session.flush()
        recovery = stage.session.scalars(select(Case.id).where(Case.parent_id == case.id)).one()
        stage.plan(stage.now + timedelta(hours=rng.uniform(1, 5)), partial(self._answer, recovery))

    def _answer(self, case_id: int) -> None:
        """The employee agrees, or objects; then a clerk who had no part in it decides."""
        stage = self._stage
        case, rng = stage.case(case_id), stage.rng("answer", case_id)
        if case.state == "upheld" or rng.random() < AGREES:
            self._act(case.initiator_id, case, "agree")
            return
        self._act(case.initiator_id, case, "object", Given(rng.choice(source("words")["sample"]["object"])))
        able = [c for c in stage.staff.clerks if c not in case.content["apart"] and c != case.initiator_id]
        if able:
            # Taken at once: it is not for the next clerk who asks for work, who may have checked the claim.
            clerk = rng.choice(able)
            cases.take(stage.session, stage.viewer(clerk), case, stage.now)
            stage.session.flush()
            stage.plan(later(stage.ssc_office, stage.now, rng.uniform(1, 12)), partial(self._decide, case_id, clerk))

    def _decide(self, case_id: int, clerk: int) -> None:
        stage = self._stage
        case, rng = stage.case(case_id), stage.rng("objection", case_id)
        if case.state != "objected" or case.assignee_id != clerk:
            return
        key = rng.choice(("uphold", "drop"))
        self._act(clerk, case, key, Given(rng.choice(source("words")["sample"][key])))
        if key == "uphold":
            stage.plan(stage.now + timedelta(hours=rng.uniform(1, 3)), partial(self._answer, case_id))

    def _act(self, who: int, case: Case, key: str, given: Given = cases.NOTHING) -> None:
        cases.act_as(self._stage.session, self._stage.viewer(who), case, key, given, self._stage.now)
