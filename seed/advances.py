"""A few people who ask for an advance: decided on, checked, paid, and accounted for with claims or money paid back."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.clock import local_date
from portal.commands import cases, returned_money
from portal.models.cases import Case
from portal.models.payments import BankEntry
from portal.queries.outstanding import outstanding_of
from seed.office import earlier
from seed.payments import Treasury
from seed.people import Member
from seed.sources import source
from seed.stage import Stage
from workflows import CASE_TYPES
from workflows.kernel import Given
from workflows.money import plain

ADVANCE = CASE_TYPES["advance"]
A_DAY = 8
"""Office hours."""
DECIDED_FROM = 3
"""Working days before the end of the story after which an advance still waits for its manager."""


class Advances:
    """The advances of the story, of people who claim often: so they are settled soon."""

    def __init__(self, stage: Stage, treasury: Treasury) -> None:
        self._stage, self._treasury = stage, treasury

    def plan(self, begin: date, never: frozenset[int]) -> None:
        """Put each on the agenda that lies within the story, of others than these."""
        rows = source("advances")["advance"]
        able = (m for m in self._stage.staff.members.values() if m.claims and m.id not in never)
        keen = sorted(able, key=lambda m: (-m.keen, m.id))
        rng = self._stage.rng("advances")
        for row, member in zip(rows, rng.sample(keen[: 4 * len(rows)], min(len(rows), len(keen))), strict=False):
            at = earlier(self._stage.ssc_office, self._stage.until, row["ago"] * A_DAY)
            if local_date(at) > begin:
                self._stage.plan(at, partial(self._ask, member, row))

    def _ask(self, member: Member, row: dict[str, Any]) -> None:
        stage = self._stage
        today = local_date(stage.now)
        post = member.post(today)
        if post is None:
            return
        key = f"{stage.rng('advance', member.id).getrandbits(128):032x}"
        case = cases.start(stage.session, ADVANCE.key, stage.employments[post.employment_id], key, stage.now)
        case = stage.case(case.id)
        first = today + timedelta(days=7)
        typed = {
            "purpose": row["purpose"], "amount": plain(row["cents"]), "period_from": first.isoformat(),
            "period_to": (first + timedelta(days=row["length"])).isoformat(), "cost_centre": case.cost_centre,
        }  # fmt: skip
        cases.save_draft(stage.session, case, typed, stage.now)
        filling = stage.filling_in(case, {})
        content, problems = ADVANCE.read(ADVANCE.form(formdata=MultiDict(typed)), filling)
        if problems:
            return
        cases.act_as(stage.session, stage.viewer(member.id), case, "submit", Given(content=content), stage.now)
        stage.session.flush()
        if row["ago"] >= DECIDED_FROM:
            stage.plan(stage.now + timedelta(hours=2), partial(self._decide, case.id))
            if row["back"]:
                back = earlier(stage.ssc_office, stage.until, (row["ago"] - row["back"]) * A_DAY)
                stage.plan(back, partial(self._pay_back, case.id))

    def _decide(self, case_id: int) -> None:
        """The manager approves, and a clerk who had no part in it checks it there and then."""
        stage = self._stage
        case = stage.case(case_id)
        while case.state in ("submitted", "countersign") and case.approver_id:
            key = "approve" if case.state == "submitted" else "countersign"
            cases.act_as(stage.session, stage.viewer(case.approver_id), case, key, Given(), stage.now)
            case = stage.case(case_id)
        clerk = next((who for who in stage.staff.clerks if self._may_check(case, who)), None)
        if case.state == "approved" and clerk is not None:
            viewer = stage.viewer(clerk)
            cases.take(stage.session, viewer, case, stage.now)
            for line, checks in ADVANCE.checks(case.content).items():
                for key, _ in checks:
                    cases.tick(case, viewer, line, key, True, stage.now)
            cases.act_as(stage.session, viewer, case, "check", Given(), stage.now)
        stage.session.flush()

    @staticmethod
    def _may_check(case: Case, who: int) -> bool:
        return who not in {case.initiator_id, *(person for _, *persons in case.trail for person in persons)}

    def _pay_back(self, case_id: int) -> None:
        """What was not spent is paid back: it stands on the statement of the next morning."""
        stage = self._stage
        debt, case = outstanding_of(stage.session, case_id), stage.case(case_id)
        if debt is None or not debt.open_cents or debt.held_at is not None:
            return
        text = f"Restant voorschot {case.number}"
        self._treasury.stray(case.municipality_id, case.initiator.name, debt.open_cents, text)
        stage.plan(stage.now + timedelta(days=5), partial(self._book, case_id, text))

    def _book(self, case_id: int, text: str) -> None:
        """A clerk books what came in; not when a claim has settled it meanwhile: that is left for a person."""
        stage = self._stage
        debt, case = outstanding_of(stage.session, case_id), stage.case(case_id)
        entry = stage.session.scalars(select(BankEntry).where(BankEntry.description == text)).first()
        if debt is None or entry is None or entry.resolved_at is not None or entry.cents > debt.open_cents:
            return
        clerk = next(who for who in stage.staff.clerks if who != case.initiator_id)
        returned_money.give_back(stage.session, stage.viewer(clerk), entry, case.number or "", stage.now)
        stage.session.flush()
