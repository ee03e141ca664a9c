"""What managers do: approve, send back, reject; by the portal or by the link in the mail; and when they are away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from portal.clock import local_date
from portal.commands import cases
from portal.models.cases import Case
from portal.queries.cases import standing
from portal.queries.stand_ins import stand_ins
from seed.absences import Absence
from seed.filing import Filing, Story
from seed.office import later, moment
from seed.sources import source
from seed.stage import Stage
from workflows.kernel import Given
from workflows.parties import Channel


class Deciding:
    """Managers and what they do with what they are asked."""

    def __init__(self, stage: Stage, filing: Filing, absences: Mapping[int, Sequence[Absence]]) -> None:
        self._stage, self._filing, self._absences = stage, filing, absences

    def asked(self, story: Story) -> None:
        """A claim waits for a manager: they will come to it in a while."""
        stage, hours = self._stage, story.fate.manager_hours
        if hours is not None:
            stage.plan(later(stage.office(story.post.municipality_id), stage.now, hours), partial(self.come_to, story))

    def come_to(self, story: Story) -> None:
        """Whoever is asked decides now; when they are away their substitute does, or it waits for them."""
        case = self._stage.case(story.case_id)
        if case.state not in ("submitted", "countersign") or case.approver_id is None:
            return
        absence = self._absent(case.approver_id)
        if absence is None:
            self._decide(story, case, case.approver_id)
        elif absence.substitute_id in stand_ins(self._stage.session, case, local_date(self._stage.now)):
            self._decide(story, case, absence.substitute_id or 0)
        else:
            back = moment(absence.last + timedelta(days=1), 8.5)
            self._stage.plan(later(self._stage.office(case.municipality_id), back, 0.5), partial(self.come_to, story))

    def _absent(self, person_id: int) -> Absence | None:
        today = local_date(self._stage.now)
        return next((a for a in self._absences.get(person_id, ()) if a.first <= today <= a.last), None)

    def _decide(self, story: Story, case: Case, who: int) -> None:
        match story.fate.manager:
            case "withdraw":
                story.fate.manager = "approve"
                self._filing.withdraw(story)
            case "return":
                fix = fitting(story)
                self._act(story, case, who, "return", fix["text"])
                self._filing.came_back(story, fix["fix"], fix.get("more", ""))
            case "reject":
                self._act(story, case, who, "reject", story.rng.choice(source("words")["reject"]["manager"]))
            case _ if case.state == "countersign":
                self._act(story, case, who, "countersign")
            case _:
                self._act(story, case, who, "approve")
                if case.state == "countersign":
                    self.asked(story)
                self._perhaps_withdraw(story)

    def _act(self, story: Story, case: Case, who: int, key: str, reason: str = "") -> None:
        stage, rng = self._stage, story.rng
        limit = stage.policies(case.municipality_id).number("link_limit_cents", local_date(stage.now))
        by_mail = story.fate.by_mail and case.claimed_cents <= limit
        channel = Channel.MAIL_LINK if by_mail else Channel.PORTAL
        actor = stage.viewer(who).actor(standing(case), channel=channel, signed_in=not by_mail)
        began = stage.now - timedelta(seconds=rng.randrange(20, 400))
        cases.act(stage.session, case, cases.Step(key, actor, stage.now, Given(reason=reason), began))

    def _perhaps_withdraw(self, story: Story) -> None:
        """The employee thinks better of it while the SSC has not come to it yet."""
        if story.fate.clerk == "withdraw":
            story.fate.clerk = "pass"
            at = self._stage.now + timedelta(minutes=story.rng.randrange(10, 240))
            self._stage.plan(at, partial(self._filing.withdraw, story))


def fitting(story: Story) -> dict[str, str]:
    """A reason to send this claim back: one that it can be mended for."""
    lines = story.claim.lines
    able = {
        "purpose": True,
        "receipt": any(line.receipt for line in lines),
        "km": any("km" in line.fields for line in lines),
    }
    wanted = {story.fate.fix} if story.fate.fix else {fix for fix, fits in able.items() if fits}
    reason: dict[str, str] = story.rng.choice([r for r in source("words")["return"] if r["fix"] in wanted])
    return reason
