"""What everybody finds in a seeded world: claims of the named people, and one of everything for each municipality."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from random import Random
from typing import Any

from portal.clock import local_date
from portal.commands import cases
from portal.models.people import PersonAccount
from seed.checking import Checking
from seed.claims import Claim, Line, Setting, draw
from seed.deciding import Deciding
from seed.evidence import Receipt, drawn
from seed.fates import Fate
from seed.filing import Filing, Story
from seed.office import earlier
from seed.organisation import invented_iban
from seed.payments import Treasury
from seed.people import Member
from seed.sources import source
from seed.stage import Stage
from workflows.expense_claim.categories import CATEGORIES
from workflows.money import plain

CLOSED_ACCOUNT = invented_iban(3)
LAST_CHECKS = 6.2
"""Office hours before now after which clerks check by appointment only, so that the queue is as it is meant to be."""
LAST_RUNS = 27
"""Office hours before now after which payment runs are by appointment only."""


class Showcase:
    """Puts the stories of `showcase.toml` on the agenda."""

    def __init__(
        self, stage: Stage, filing: Filing, deciding: Deciding, checking: Checking, treasury: Treasury, begin: date
    ) -> None:
        self._stage, self._filing, self._deciding = stage, filing, deciding
        self._checking, self._treasury, self._begin = checking, treasury, begin
        self._today = local_date(stage.until)
        self._claims: dict[str, Claim] = {}

    def plan(self) -> None:
        """Everything by appointment, up to the last minutes before now."""
        for row in source("showcase")["story"]:
            self._story(row)
        waterveen, *_, oostermeer = sorted(self._stage.municipalities)
        dirk, carla, els = (self._stage.staff.named[name] for name in ("dirk", "carla", "els"))
        self._at(5.6, partial(self._treasury.run, oostermeer, by=dirk))
        self._at(2.0, partial(self._treasury.run, waterveen, part=0.5, answered=False, by=dirk))
        self._at(0.7, partial(self._take, carla, 3))
        self._at(0.5, partial(self._take, els, 0))
        self._at(0.2, partial(self._take, carla, 1))

    def _ago(self, hours: float) -> datetime:
        return earlier(self._stage.ssc_office, self._stage.until, hours)

    def _at(self, hours: float, do: Any) -> None:
        self._stage.plan(self._ago(hours), do)

    def _take(self, clerk: int, ticks: int) -> None:
        """Take the next claim and begin on its checklist."""
        stage = self._stage
        case = cases.take_next(stage.session, stage.viewer(clerk), stage.now)
        stage.session.flush()
        if case is not None and ticks:
            self._checking.tick(clerk, stage.case(case.id), ticks)

    def _story(self, row: dict[str, Any]) -> None:
        member = who(self._stage, row["who"], row.get("place", 0))
        at = self._ago(row["begin"])
        post = member.post(local_date(at))
        if post is None or local_date(at) <= self._begin:
            return
        rng = self._stage.rng("showcase", row["name"])
        fate = Fate(
            manager=row.get("manager", "approve"), manager_hours=None, bank=row.get("bank", ""),
            fix=row.get("fix", ""), again=not row.get("gives_up", False),
        )  # fmt: skip
        office = self._stage.office(post.municipality_id)
        town = self._stage.municipalities[post.municipality_id].name
        setting = Setting(town, member.person.name, office, local_date(at), max(post.first, self._begin), recent=True)
        claim = _written(row, setting, rng) if "lines" in row else draw(rng, setting)
        if "again" in row:
            claim.repeat(self._claims[row["again"]].lines[row["again_line"]], f"{rng.getrandbits(40):010x}")
        self._claims[row["name"]] = claim
        story = Story(row["name"], member.id, post, claim, fate, rng, finished=not row.get("draft", False),
                      preparer_id=self._stage.staff.named.get(row.get("filled_in_by", "")))  # fmt: skip
        self._stage.plan(at, partial(self._filing.begin, story))
        self._appointments(row, story)

    def _closed_account(self, person_id: int) -> None:
        """From now on somebody is paid on the account that the demo's bank knows as closed."""
        self._stage.session.add(PersonAccount(person_id=person_id, iban=CLOSED_ACCOUNT, changed_at=self._stage.now))

    def _appointments(self, row: dict[str, Any], story: Story) -> None:
        carla, els = (self._stage.staff.named[name] for name in ("carla", "els"))
        if row.get("closed_account"):
            self._at(row["begin"], partial(self._closed_account, story.person_id))
        if "decided" in row:
            self._at(row["decided"], partial(self._deciding.come_to, story))
        if "checked" in row:
            self._at(row["checked"], partial(self._checking.check_now, carla, story))
        if "suspended" in row:
            self._at(row["suspended"], partial(self._checking.suspend_now, els, story, row["why"]))
        if "account_changed" in row:
            ask = partial(self._checking.accounts.ask_and_check, story.person_id, els, 0.5)
            self._at(row["account_changed"], ask)
        if "hold_released" in row:
            dirk = self._stage.staff.named["dirk"]
            end = partial(self._treasury.end_holds, dirk, story.post.municipality_id, story.person_id)
            self._at(row["hold_released"], end)
        if "account_asked" in row:
            self._at(row["account_asked"], partial(self._checking.accounts.ask, story.person_id))


def who(stage: Stage, described: str, place: int = 0) -> Member:
    """A named person, somebody of Bram's team, or of a municipality; ordinary employees first."""
    staff, today = stage.staff, local_date(stage.until)
    if described in staff.named:
        return staff.members[staff.named[described]]
    named = set(staff.named.values())
    if described == "team":
        able = [m for m in staff.of_team(staff.named["bram"]) if m.id not in named and m.post(today)]
    else:
        codes = {m.id: m.code for m in stage.municipalities.values()}
        able = [
            m for m in staff.members.values() if m.claims and m.id not in named and _works(m, today, codes) == described
        ]
        able.sort(key=lambda m: (m.rank != "employee", m.id in staff.clerks, m.id in staff.treasurers, m.id))
    return able[place % len(able)]


def people_of(stage: Stage) -> frozenset[int]:
    """Whose claims the stories are about: nothing else may come between."""
    return frozenset(who(stage, row["who"], row.get("place", 0)).id for row in source("showcase")["story"])


def _works(member: Member, today: date, codes: dict[int, str]) -> str:
    post = member.post(today)
    return codes[post.municipality_id] if post and len(member.posts) == 1 else ""


def _written(row: dict[str, Any], setting: Setting, rng: Random) -> Claim:
    """The claim as it stands in the file."""
    claim = Claim(row["purpose"])
    for said in row["lines"]:
        day = setting.office.add_working_days(setting.day, -said["days"])
        line = Line(f"{rng.getrandbits(40):010x}", said["category"], day, {"description": said["text"]})
        line.fields |= {name: str(said[name]) for name in ("km", "persons", "currency") if name in said}
        if "at_home" in said:
            line.fields["days"] = str(said["at_home"])
        if "origin" in CATEGORIES[line.category].fields:
            line.fields |= {"origin": setting.town, "destination": said["city"]}
        if "cents" in said:
            if "missing" in said:
                line.fields |= {"missing_why": said["missing"], "missing_where": said["where"], "missing_sign": "y"}
            else:
                line.receipt = _receipt(said, setting, day, rng)
            line.fields |= {"amount": plain(said["cents"]), "vat": ""}
            line.fields.setdefault("persons", "1")
        claim.lines.append(line)
    return claim


def _receipt(said: dict[str, Any], setting: Setting, day: date, rng: Random) -> Receipt:
    if said["category"] == "public_transport":
        route = (setting.town, said["city"])
        return Receipt(
            said["category"], "Vierstroom Spoor", day, said["cents"], rng.getrandbits(30), setting.traveller, route
        )
    like = drawn(rng, said["category"], day)
    return Receipt(
        like.category, said.get("merchant", like.merchant), day, said["cents"], like.seed,
        currency=said.get("currency", "EUR"),
    )  # fmt: skip
