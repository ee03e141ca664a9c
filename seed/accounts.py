"""People who get another bank account, and the clerks who make sure that it was them who asked."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from werkzeug.datastructures import MultiDict

from portal.clock import local_date
from portal.commands import cases
from portal.models.cases import Case
from portal.queries.bank_accounts import account_of
from seed.organisation import invented_iban
from seed.stage import Stage
from workflows import CASE_TYPES
from workflows.filling import FillingIn
from workflows.iban import grouped
from workflows.kernel import Given
from workflows.policies import PolicyBook

CHANGE = CASE_TYPES["account_change"]


class Accounts:
    """Changes of account number, from the question to the check."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._count = 0

    def ask(self, person_id: int) -> int:
        """Ask to be paid on another account. Answers with the case."""
        stage = self._stage
        self._count += 1
        member = stage.staff.members[person_id]
        post = member.post(local_date(stage.now)) or member.posts[-1]
        key = f"{stage.rng('account', person_id, self._count).getrandbits(128):032x}"
        case = cases.start(stage.session, CHANGE.key, stage.employments[post.employment_id], key, stage.now)
        case = stage.case(case.id)
        iban = invented_iban(3 * 10**9 + 7919 * self._count + person_id)
        typed = {"iban": grouped(iban), "holder": member.person.name}
        cases.save_draft(stage.session, case, typed, stage.now)
        account = account_of(stage.session, person_id)
        in_use = account.iban if account else ""
        filling = FillingIn(local_date(stage.now), PolicyBook(()), (), {}, account=in_use)
        content, _ = CHANGE.read(CHANGE.form(formdata=MultiDict(typed)), filling)
        cases.act_as(stage.session, stage.viewer(person_id), case, "submit", Given(content=content), stage.now)
        stage.session.flush()
        return case.id

    def ask_and_check(self, person_id: int, clerk: int, hours: float) -> None:
        """Ask, and let this clerk check it some hours later, unless another has done so by then."""
        case_id = self.ask(person_id)
        self._stage.plan(self._stage.now + timedelta(hours=hours), partial(self.take, clerk, case_id))

    def take(self, clerk: int, case_id: int) -> None:
        """Let this clerk take this change, when it is free, and check it."""
        stage = self._stage
        case = stage.case(case_id)
        if case.state == "submitted" and case.assignee_id is None:
            cases.take(stage.session, stage.viewer(clerk), case, stage.now)
            self.check(clerk, case)

    def check(self, clerk: int, case: Case) -> None:
        """Tick the checklist and approve: the employee was called, and had asked for it."""
        stage = self._stage
        viewer = stage.viewer(clerk)
        for line, checks in CHANGE.checks(case.content).items():
            for key, _ in checks:
                cases.tick(case, viewer, line, key, True, stage.now)
        cases.act_as(stage.session, viewer, case, "check", Given(), stage.now)
        stage.session.flush()

    def refuse(self, clerk: int, case_id: int, reason: str) -> None:
        """Reject a change: the employee knew nothing of it."""
        stage = self._stage
        case = stage.case(case_id)
        if case.state == "submitted" and case.assignee_id is None:
            viewer = stage.viewer(clerk)
            cases.take(stage.session, viewer, case, stage.now)
            cases.act_as(stage.session, viewer, case, "refuse", Given(reason), stage.now)
