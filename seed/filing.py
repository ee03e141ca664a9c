"""What employees do: fill in a claim, add the receipts, submit it; mend it when it comes back; withdraw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.commands import cases
from portal.commands.documents import add_document, remove_document
from portal.models.cases import Case
from portal.queries.cases import documents_of
from seed.claims import Claim, Line
from seed.evidence import Receipt, intake_of
from seed.fates import Fate
from seed.office import later
from seed.people import Post
from seed.stage import Stage
from workflows import CASE_TYPES
from workflows.kernel import Given

CLAIM = CASE_TYPES["expense_claim"]
GIVE_UP_HOURS = 150
"""After how many office hours a claim that came back is withdrawn, by those who do not mend it."""


class StoryDoesNotFit(Exception):
    """The form found mistakes in what the seed filled in: seed and case type do not belong together any more."""


@dataclass
class Story:
    """One claim from beginning to end: who, what, and how it will go."""

    name: str
    person_id: int
    post: Post
    claim: Claim
    fate: Fate
    rng: Random
    preparer_id: int | None = None
    """Who fills it in for the employee, who has not confirmed it yet."""
    finished: bool = True
    """False leaves it a draft."""
    case_id: int = 0
    documents: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    """What was added to each line, as the form is told."""


class Filing:
    """Employees at their screens. `when_asked` is what happens when a claim waits for a manager."""

    def __init__(self, stage: Stage, stories: dict[int, Story]) -> None:
        self._stage, self._stories = stage, stories
        self.when_asked: list[Callable[[Story], None]] = []

    def begin(self, story: Story) -> None:
        """Fill in the form and add the receipts; submitting follows some minutes later."""
        stage, rng = self._stage, story.rng
        employment = stage.employments[story.post.employment_id]
        key = f"{rng.getrandbits(128):032x}"
        case = cases.start(stage.session, CLAIM.key, employment, key, stage.now, story.preparer_id)
        story.case_id = case.id
        self._stories[case.id] = story
        case = stage.case(case.id)
        for line in story.claim.lines:
            if line.receipt is not None:
                self._add(story, case, line, line.receipt)
        cases.save_draft(stage.session, case, story.claim.typed(case.cost_centre), stage.now)
        if story.finished:
            minutes = len(story.claim.lines) + rng.uniform(2, 25)
            stage.plan(stage.now + timedelta(minutes=minutes), partial(self.submit, story))

    def _add(self, story: Story, case: Case, line: Line, receipt: Receipt) -> None:
        session, files = self._stage.session, self._stage.files
        at = self._stage.now + timedelta(minutes=1 + len(story.documents))
        document = add_document(
            session,
            files,
            case,
            intake_of(receipt, line.original or line.key),
            line_key=line.key,
            by=story.person_id,
            at=at,
        )
        entry = {"id": document.id, "sha256": document.sha256, "name": document.name}
        story.documents[line.key] = (*story.documents.get(line.key, ()), entry)

    def submit(self, story: Story) -> None:
        """Submit what was filled in, understood as the portal understands it."""
        stage = self._stage
        case = stage.case(story.case_id)
        content = self._understood(story, case)
        if content is None:
            self._throw_away(story, case)
            return
        hand = stage.viewer(story.preparer_id or story.person_id)
        cases.act_as(stage.session, hand, case, "submit", Given(content=content), stage.now)
        if case.state == "submitted":
            for do in self.when_asked:
                do(story)

    def _throw_away(self, story: Story, case: Case) -> None:
        """The form says that nothing is left to pay: the employee gives up, and a draft goes with its receipts."""
        if case.number is None:
            for document in documents_of(self._stage.session, case.id):
                remove_document(self._stage.session, document)
        self.withdraw(story)

    def _understood(self, story: Story, case: Case) -> Mapping[str, Any] | None:
        """What the form makes of it; None when the most was reached and nothing would be paid."""
        filling = self._stage.filling_in(case, story.documents)
        content, problems = CLAIM.read(CLAIM.form(formdata=MultiDict(case.draft or {})), filling)
        if {problem.code for problem in problems} == {"nothing_left"}:
            return None
        if problems:
            raise StoryDoesNotFit(", ".join(f"{p.field}: {p.code}" for p in problems))
        return content

    def came_back(self, story: Story, fix: str, more: str = "") -> None:
        """A claim came back: the employee mends it after a while, or gives up in the end."""
        stage, fate = self._stage, story.fate
        story.fate = fate.after_return()
        office = stage.office(story.post.municipality_id)
        if fate.again:
            stage.plan(later(office, stage.now, fate.again_hours), partial(self._mend, story, fix, more))
        else:
            stage.plan(later(office, stage.now, GIVE_UP_HOURS), partial(self.withdraw, story))

    def _mend(self, story: Story, fix: str, more: str) -> None:
        stage = self._stage
        case = stage.case(story.case_id)
        typed = dict(case.draft or {})
        if fix == "purpose":
            typed["purpose"] = f"{typed['purpose']}, {more}"
        elif fix == "km":
            typed |= _fewer_kilometres(typed)
        else:
            self._another_receipt(story, case)
        cases.save_draft(stage.session, case, typed, stage.now)
        stage.plan(stage.now + timedelta(minutes=story.rng.uniform(3, 15)), partial(self.submit, story))

    def _another_receipt(self, story: Story, case: Case) -> None:
        """The same receipt once more, on a better photo."""
        line, receipt = next((line, line.receipt) for line in story.claim.lines if line.receipt is not None)
        self._add(story, case, line, replace(receipt, seed=receipt.seed + 1))

    def withdraw(self, story: Story) -> None:
        """Take the claim back, as long as that is possible."""
        stage = self._stage
        case = stage.case(story.case_id)
        if case.state in CLAIM.action("withdraw").at:
            cases.act_as(stage.session, stage.viewer(story.person_id), case, "withdraw", Given(), stage.now)


def _fewer_kilometres(typed: Mapping[str, str]) -> dict[str, str]:
    """The distances once more, by a shorter way."""
    return {key: str(max(1, int(km) * 9 // 10)) for key, km in typed.items() if key.endswith("-km")}
