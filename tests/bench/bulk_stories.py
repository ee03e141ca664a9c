"""What became of one invented claim: its steps, with the rows that each step leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.commands.lines import row_of
from portal.searching import folded
from tests.bench.bulk_people import Employee, People
from workflows import CASE_TYPES
from workflows.parties import Party

CLAIM = CASE_TYPES["expense_claim"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RECEIPT_NAME = "bon.jpg"

PAID = ("submit", "approve", "check", "release", "settle")
TWICE = ("submit", "return", "submit", "approve", "check", "release", "settle")
CLOSED = (PAID, PAID, PAID, PAID, TWICE, PAID, PAID, PAID, PAID, ("submit", "reject"))
OPEN = (*[PAID[:2]] * 8, *[PAID[:1]] * 4, ("submit", "return"), PAID[:3], PAID[:4])
"""Of fifteen open claims eight wait for a clerk, four for a manager, and one each for the others."""
MOST_PAYABLE = 160

LETTERS = {
    "submit": (("received", "initiator"), ("ask", "approver")),
    "approve": (("approved", "initiator"), ("to_check", "ssc")),
    "check": (("checked", "initiator"),),
    "settle": (("paid", "initiator"), ("paid", "approver")),
    "return": (("returned", "initiator"),),
    "reject": (("rejected", "initiator"),),
}
TEXT = (
    "Beste collega,\n\nOver declaratie {number} is nieuws: {letter}.\n\n"
    "Het gaat om de zitting in Utrecht, met parkeren en een rit met de eigen auto. Op het portaal staat wat er is "
    "gebeurd, wie het nu heeft en wanneer u verder hoort.\n\n[[home:/zaken/{number}]]\n\nMet groet,\nHet SSC\n"
)


@dataclass
class Story:
    """One claim with everything about it, as rows without the ids that are given out later."""

    case: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    paid_at: datetime | None = None
    released_at: datetime | None = None
    payable_at: datetime | None = None

    def lines(self) -> Iterator[dict[str, Any]]:
        """What is kept of its lines, for others to be held against."""
        for line in CLAIM.lines(self.case["content"]):
            yield row_of(self.case["id"], self.case["initiator_id"], line)


def content_of(case_id: int, day: str, cents: int, receipt: str) -> dict[str, Any]:
    """What a claim of a parking ticket and a drive holds."""
    parking = {
        "key": "a", "category": "parking", "date": day, "description": "Parkeren bij de rechtbank",
        "sanctioned_cents": cents, "claimed_cents": cents, "vat_percent": "21", "vat_cents": cents * 21 // 121,
        "documents": [{"id": case_id, "sha256": receipt, "name": RECEIPT_NAME}],
    }  # fmt: skip
    drive = {
        "key": "b", "category": "own_car", "date": day, "description": "Bezoek", "origin": "Waterveen",
        "destination": "Utrecht", "km": "84", "claimed_cents": 1932, "sanctioned_cents": 1932, "rate": "23",
        "rate_from": "2024-01-01", "rate_source": "bench", "documents": [],
    }  # fmt: skip
    return {"purpose": f"Zitting {case_id} in Utrecht", "cost_centre": "1100", "lines": [parking, drive]}


def fates(cases: int) -> Iterator[tuple[str, ...]]:
    """What becomes of each claim, the oldest first: one in seven is still under way."""
    under_way = max(cases * 15 // 100, min(cases, 150))
    payable = 0
    for number in range(cases):
        if number < cases - under_way:
            yield CLOSED[number % len(CLOSED)]
            continue
        fate = OPEN[number % len(OPEN)]
        payable += fate == PAID[:3]
        # A payment run a day keeps the number of payables small, however many cases there are.
        yield PAID[:4] if fate == PAID[:3] and payable > MOST_PAYABLE else fate


def ticks_of(content: dict[str, Any], clerk: tuple[int, str], at: datetime) -> dict[str, Any]:
    """The whole checklist, ticked."""
    done = {"by": clerk[0], "name": clerk[1], "at": at.isoformat()}
    return {line: {key: done for key, _ in checks} for line, checks in CLAIM.checks(content).items()}


def _case(case_id: int, who: Employee, at: datetime, content: dict[str, Any]) -> dict[str, Any]:
    facts = CLAIM.facts(content)
    return {
        "id": case_id, "type": CLAIM.key, "number": f"DEC-{at.year}-{case_id:06d}", "state": "draft", "version": 1,
        "waits_for": "INITIATOR", "municipality_id": who.municipality_id, "employment_id": who.employment_id,
        "initiator_id": who.person_id, "preparer_id": None, "approver_id": who.manager_id, "assignee_id": None,
        "assigned_at": None, "title": facts.title, "claimed_cents": facts.claimed_cents,
        "sanctioned_cents": facts.sanctioned_cents, "cost_centre": facts.cost_centre,
        "period_from": facts.period_from, "period_to": facts.period_to, "content": content, "draft": None,
        "drafted_at": None, "ticks": {}, "bound": None, "trail": [], "client_key": f"bulk{case_id}", "created_at": at,
        "received_at": at, "state_since": at, "step_due": None, "act_by": None,
        "words": folded(f"DEC-{at.year}-{case_id:06d} {facts.title} {who.name}"), "target_due": at + 14 * DAY,
        "legal_due": at + 56 * DAY, "suspended_since": None, "reminded_at": None, "escalated_at": None,
        "closed_at": None, "result": None,
    }  # fmt: skip


def tell(case_id: int, who: Employee, people: People, fate: tuple[str, ...], at: datetime, receipt: str) -> Story:
    """The story of one claim: every step some hours after the one before."""
    content = content_of(case_id, at.date().isoformat(), 400 + case_id * 37 % 9000, receipt)
    story = Story(_case(case_id, who, at, content))
    clerk = people.clerks[case_id % len(people.clerks)]
    treasurer = people.treasurers[case_id % len(people.treasurers)]
    actors = {"approve": who.manager_id, "return": who.manager_id, "reject": who.manager_id, "check": clerk[0],
              "release": treasurer, "settle": None, "submit": who.person_id}  # fmt: skip
    for place, key in enumerate(fate):
        _step(story, key, actors[key], clerk, at + place * 5 * HOUR, people)
    _stand(story, clerk, case_id)
    return story


def _step(story: Story, key: str, actor: int | None, clerk: tuple[int, str], at: datetime, people: People) -> None:
    case, action = story.case, CLAIM.action(key)
    to = CLAIM.state(action.targets[-1])
    data: dict[str, Any] = {"claimed_cents": case["claimed_cents"], "sanctioned_cents": case["sanctioned_cents"]}
    if key in ("submit", "check"):
        data["content"] = case["content"]
    if key == "check":
        case["ticks"] = data["ticks"] = ticks_of(case["content"], clerk, at)
    if key == "approve":
        case["bound"] = {"claimed_cents": case["claimed_cents"], "cost_centre": case["cost_centre"]}
    story.events.append(
        {
            "case_id": case["id"], "action": key, "from_state": case["state"], "to_state": to.key,
            "enabled_at": case["state_since"], "started_at": at, "at": at, "actor_id": actor, "on_behalf_of_id": None,
            "channel": {"settle": "bank_file", "approve": "mail_link"}.get(key, "portal"),
            "reason": "De bon is niet te lezen" if action.reason else "", "data": data,
        }
    )  # fmt: skip
    case["state"], case["state_since"], case["version"] = to.key, at, case["version"] + 1
    case["waits_for"] = to.waits_for.name if to.waits_for else ""
    case["trail"] = [*case["trail"], [key, actor, None]]
    if to.result:
        case["closed_at"], case["result"] = at, to.result.value
    _mails(story, key, at, people)
    story.payable_at = at if key == "check" else story.payable_at
    story.released_at = at if key == "release" else story.released_at
    story.paid_at = at if key == "settle" else story.paid_at


def _mails(story: Story, key: str, at: datetime, people: People) -> None:
    case = story.case
    for link in story.links:
        link["ended"], link["ended_at"] = link["ended"] or "used", link["ended_at"] or at
    for letter, party in LETTERS.get(key, ()):
        person = {"initiator": case["initiator_id"], "approver": case["approver_id"], "ssc": None}[party]
        name, address = people.emails[person] if person else ("SSC", "SSC")
        story.mails.append(
            {
                "case_id": case["id"], "person_id": person, "link_id": None, "letter": letter, "address": address,
                "recipient": name, "language": "nl", "subject": f"Declaratie {case['number']}: {letter}",
                "text": TEXT.format(number=case["number"], letter=letter), "created_at": at, "next_try_at": at,
                "tries": 1, "last_error": "", "sent_at": at + timedelta(seconds=5), "failed_at": None,
            }
        )  # fmt: skip
        if letter == "ask":
            story.links.append(
                {
                    "nonce": f"bulk-{case['id']}-{len(story.links)}", "case_id": case["id"],
                    "case_version": case["version"], "person_id": person, "created_at": at,
                    "expires_at": at + 400 * DAY, "ended": None, "ended_at": None,
                }
            )  # fmt: skip


def _stand(story: Story, clerk: tuple[int, str], case_id: int) -> None:
    """Where the case is now: until when, and with whom."""
    case = story.case
    if case["closed_at"] is None:
        case["step_due"] = case["act_by"] = case["state_since"] + 5 * DAY
    if case["waits_for"] == Party.CLERK.name and case_id % 10 == 0:
        case["assignee_id"], case["assigned_at"] = clerk[0], case["state_since"] + HOUR
