"""What clerks do: take the next claim from the queue, check it, grant less, send it back, and mend refused payments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from portal.commands import cases, flags
from portal.commands.contact import Asked, Spoken, record_contact
from portal.models.cases import Case
from portal.queries.gaps import open_in
from seed.accounts import CHANGE, Accounts
from seed.deciding import fitting
from seed.filing import CLAIM, Filing, Story
from seed.office import later, moment
from seed.sources import source
from seed.stage import Stage
from workflows import CASE_TYPES
from workflows.expense_claim.checking import REFUSE
from workflows.flags import DOUBLE, NOT_DOUBLE
from workflows.gaps import Gap
from workflows.kernel import Given
from workflows.money import plain


class Checking:
    """The clerks of the SSC at work."""

    def __init__(self, stage: Stage, stories: dict[int, Story], filing: Filing) -> None:
        self._stage, self._stories, self._filing = stage, stories, filing
        self.accounts = Accounts(stage)
        self.stops = stage.until
        """From when on no clerk takes another claim of their own accord."""

    def day(self, day: date, capacity: float) -> None:
        """Let the clerks who are in work through their share of this many claims."""
        stage, rng = self._stage, self._stage.rng("clerks", day)
        present = [clerk for clerk in stage.staff.clerks if rng.random() < 0.8] or stage.staff.clerks[:1]
        for clerk in present:
            share = capacity / len(present)
            quota = int(share) + (rng.random() < share % 1)
            if quota:
                start = rng.choice((8.4, 9.0, 10.0, 13.1, 14.0, 15.0)) + rng.random() / 2
                stage.plan(moment(day, start), partial(self._next, clerk, quota, moment(day, 16.9), rng))

    def _next(self, clerk: int, quota: int, end: datetime, rng: Random) -> None:
        """Take the next claim, or look again later when there is none."""
        stage = self._stage
        if stage.now >= min(end, self.stops) or quota == 0:
            return
        case = cases.take_next(stage.session, stage.viewer(clerk), stage.now)
        if case is None:
            stage.plan(
                stage.now + timedelta(minutes=rng.randrange(90, 200)), partial(self._next, clerk, quota - 1, end, rng)
            )
            return
        stage.session.flush()  # so that nobody else is given it
        ready = stage.now + timedelta(minutes=rng.uniform(4, 22))
        stage.plan(ready, partial(self.finish, clerk, case.id))
        stage.plan(ready + timedelta(minutes=rng.uniform(1, 20)), partial(self._next, clerk, quota - 1, end, rng))

    def check_now(self, clerk: int, story: Story, minutes: float = 9) -> None:
        """Let this clerk take just this claim, if it is free, and check it."""
        stage = self._stage
        case = stage.case(story.case_id)
        if case.state == "approved" and case.assignee_id is None:
            cases.take(stage.session, stage.viewer(clerk), case, stage.now)
            stage.session.flush()
            stage.plan(stage.now + timedelta(minutes=minutes), partial(self.finish, clerk, case.id))

    def suspend_now(self, clerk: int, story: Story, why: str) -> None:
        """Let this clerk take just this claim, if it is free, and stop its clock."""
        stage = self._stage
        case = stage.case(story.case_id)
        if case.state == "approved" and case.assignee_id is None:
            cases.take(stage.session, stage.viewer(clerk), case, stage.now)
            self._act(clerk, case, "suspend", why)

    def finish(self, clerk: int, case_id: int) -> None:
        """Decide on what was taken, unless it was withdrawn in the meantime; a question about it comes first."""
        stage = self._stage
        case = stage.case(case_id)
        if case.assignee_id != clerk:
            return
        stage.session.flush()
        if any(one.kind is Gap.QUESTION for one in open_in(stage.session, (case,)).get(case_id, ())):
            stage.plan(later(stage.ssc_office, stage.now, 2), partial(self.finish, clerk, case_id))
            return
        if case.type == CHANGE.key:
            self.accounts.check(clerk, case)
        elif case.state == "unpaid":
            self._mend_payment(clerk, case)
        elif case.state == "approved":
            self._check(clerk, case)

    def _check(self, clerk: int, case: Case) -> None:
        story = self._stories[case.id]
        outcome, words = story.fate.clerk, source("words")
        if outcome == "send_back":
            fix = fitting(story)
            self._act(clerk, case, "send_back", fix["text"])
            self._filing.came_back(story, fix["fix"], fix.get("more", ""))
            return
        if outcome == "refuse":
            self._act(clerk, case, "refuse", story.rng.choice(words["reject"]["clerk"]))
            return
        self.tick(clerk, case)
        doubles = self._settle(clerk, case)
        content = self._assessed(story, case, lower=outcome in ("lower", "adjust"), doubles=doubles)
        if not CLAIM.facts(content).sanctioned_cents:
            self._act(clerk, case, "refuse", words["double"]["refused"])
            return
        if outcome == "adjust" and content != case.content:
            story.fate.clerk = "pass"
            self._act(clerk, case, "adjust", content=content)
            again = self._stage.now + timedelta(minutes=story.rng.randrange(15, 60))
            self._stage.plan(again, partial(self.finish, clerk, case.id))
            return
        self._act(clerk, case, "check", content=content)

    def _act(
        self, clerk: int, case: Case, key: str, reason: str = "", content: Mapping[str, Any] | None = None
    ) -> None:
        stage = self._stage
        cases.act_as(stage.session, stage.viewer(clerk), case, key, Given(reason, content or {}), stage.now)

    def tick(self, clerk: int, case: Case, most: int = 1000) -> None:
        """Tick the checklist, or the first few of it."""
        stage = self._stage
        viewer = stage.viewer(clerk)
        asked = [
            (line, key) for line, checks in CASE_TYPES[case.type].checks(case.content).items() for key, _ in checks
        ]
        for line, key in asked[:most]:
            cases.tick(case, viewer, line, key, True, stage.now)

    def _settle(self, clerk: int, case: Case) -> set[str]:
        """Settle the signals: the same file again is a duplicate. Tells which lines are."""
        stage, words = self._stage, source("words")["double"]
        for place, flag in enumerate(case.flags):
            if flag["asks"] and not flag["settled_as"]:
                answer = DOUBLE if flag["code"] == "duplicate_file" else NOT_DOUBLE
                reason = words[answer].format(other=flag["about"])
                flags.settle(stage.session, stage.viewer(clerk), case, place, answer, reason, stage.now)
        return {flag["line"] for flag in case.flags if flag["settled_as"] == DOUBLE}

    def _assessed(self, story: Story, case: Case, *, lower: bool, doubles: Collection[str]) -> Mapping[str, Any]:
        """The content as the check bench hands it in: what is granted per line, one of them lowered if so fated."""
        typed = {f"granted-{line['key']}": plain(line["sanctioned_cents"]) for line in case.content["lines"]}
        typed |= {f"reason-{line['key']}": line.get("reduction_reason", "") for line in case.content["lines"]}
        reasons = [r for r in source("words")["lower"] if lower]
        able = [
            (line, r["text"]) for line in case.content["lines"] for r in reasons if r["category"] == line["category"]
        ]
        if able:
            line, reason = story.rng.choice(able)
            granted = line["claimed_cents"] * story.rng.randrange(60, 95) // 100
            typed |= {f"granted-{line['key']}": plain(granted), f"reason-{line['key']}": reason}
        for key in doubles:
            typed |= {f"line-{key}": REFUSE, f"reason-{key}": source("words")["double"]["line"]}
        if CLAIM.assess is None:
            return case.content
        return CLAIM.assess(case.content, typed, "nl")[0]

    def _mend_payment(self, clerk: int, case: Case) -> None:
        """The bank could not pay: call the employee, who asks for another account; when that is checked, pay again."""
        stage, words = self._stage, source("words")
        story = self._stories[case.id]
        said = next(c for c in words["contact"] if c["when"] == "unpaid")
        viewer = stage.viewer(clerk)
        asked = Asked(said["subject"], said["question"], said["answer"], case_id=case.id)
        record_contact(stage.session, viewer, Spoken("telephone", 2, (asked,), case.initiator_id), stage.now)
        second = story.rng.choice([c for c in stage.staff.clerks if c not in (clerk, case.initiator_id)])
        hours = story.rng.uniform(0.4, 1.5)
        self.accounts.ask_and_check(case.initiator_id, second, hours)
        stage.plan(stage.now + timedelta(hours=hours + 0.2), partial(self._pay_again, clerk, case.id))

    def _pay_again(self, clerk: int, case_id: int) -> None:
        case = self._stage.case(case_id)
        if case.state == "unpaid" and case.assignee_id == clerk:
            reason = self._stories[case_id].rng.choice(source("words")["pay_again"]["reasons"])
            self._act(clerk, case, "pay_again", reason)
