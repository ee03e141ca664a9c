"""A year of leave: hours given, some bought; days off, holidays and care; asked for, decided on, or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from werkzeug.datastructures import MultiDict

from portal.clock import local_date
from portal.commands import cases
from portal.commands.leave_grants import buy
from portal.jobs import leave as job
from portal.models.cases import Case
from seed.absences import Absence
from seed.office import earlier, later, moment, workdays
from seed.people import Member
from seed.sources import source
from seed.stage import Stage
from workflows import CASE_TYPES
from workflows.kernel import Given, Refused

LEAVE = CASE_TYPES["leave"]
REQUESTS_A_MONTH = 0.56
"""How often an employee asks for leave."""
TRIES = 5
"""How many days later somebody tries who does not work, or is away already, on the day they had in mind."""
BUYS = 0.08
OPEN_HOURS = 12
"""Office hours before the end of the story after which nobody decides, so that some requests wait."""
COUNTED = (("care_short", 0.03), ("moving", 0.01), ("calamity", 0.02), ("birth", 0.008))
"""How often leave is of a kind that does not come from the balance."""


class Leave:
    """Puts the leave of the story on the agenda."""

    def __init__(self, stage: Stage, begin: date, absences: Mapping[int, Sequence[Absence]]) -> None:
        self._stage, self._begin, self._absences = stage, begin, absences
        self._year = 0
        self._closes = earlier(stage.ssc_office, stage.until, OPEN_HOURS)

    def plan(self, employees: int, months: int) -> None:
        """Give hours at the start of the story and of each year, and let everybody ask."""
        stage = self._stage
        stage.at_opening.insert(0, self._give)
        days = workdays(stage.ssc_office, self._begin, local_date(stage.until))
        anna, rng = stage.staff.named["anna"], stage.rng("leave")
        able = [member for member in stage.staff.members.values() if member.id != anna]
        for number, day in enumerate(sorted(rng.choices(days, k=round(employees * months * REQUESTS_A_MONTH)))):
            self._ask(f"leave-{number}", rng.choice(able), day)
        for leader in sorted(self._absences):
            for absence in self._absences[leader]:
                self._as_planned(stage.staff.members[leader], absence)
        self._of_anna(anna)

    def _give(self, at: datetime) -> None:
        if at.year == self._year:
            return
        first, self._year = not self._year, at.year
        job.run(self._stage.world, at)
        if not first:
            return
        rng = self._stage.rng("bought")
        for member in self._stage.staff.members.values():
            if rng.random() < BUYS and (post := member.post(local_date(at))):
                hours = rng.choice((8, 16, 24, 36))
                buy(self._stage.session, member.id, post.municipality_id, at.year, hours * 60, at)
        self._stage.session.commit()

    def _ask(self, name: str, member: Member, day: date) -> None:
        rng = self._stage.rng(name)
        typed, first = self._drawn(rng, day)
        at = moment(day, min(max(rng.gauss(11.5, 2.2), 7.2), 17.5))
        self._stage.plan(at, partial(self._begin_case, name, member, first, typed, rng))

    def _drawn(self, rng: Random, day: date) -> tuple[dict[str, str], date]:
        """What is asked for, and from when: mostly a day, a half or a few days; now and then a holiday."""
        drawn, sort, days = rng.random(), "leave", 0
        for kind, often in COUNTED:
            if drawn < often:
                return {"kind": kind, "days": str(rng.choice((0, 0, 1, 2)))}, day
            drawn -= often
        how = rng.random()
        if how < 0.22:
            return {"kind": sort, "days": "0", "first_part": rng.choice(("morning", "afternoon"))}, day + _ahead(
                rng, 21
            )
        if how < 0.62:
            return {"kind": sort, "days": "0"}, day + _ahead(rng, 35)
        if how < 0.86:
            days = rng.randrange(1, 4)
            return {"kind": sort, "days": str(days)}, day + _ahead(rng, 45)
        days = rng.choice((4, 4, 6, 11, 13))
        begins = day + timedelta(days=rng.randrange(14, 110))
        return {"kind": sort, "days": str(days)}, begins - timedelta(days=begins.weekday())

    def _as_planned(self, member: Member, absence: Absence) -> None:
        """Who is away asked for it in time."""
        asked = max(self._begin, absence.first - timedelta(days=20))
        office = self._stage.ssc_office
        day = asked if office.is_working_day(asked) else office.add_working_days(asked, 1)
        days = str((absence.last - absence.first).days)
        rng = self._stage.rng("away", member.id, absence.first)
        do = partial(self._begin_case, f"away-{member.id}-{absence.first}", member, absence.first,
                     {"kind": "leave", "days": days}, rng, "approve")  # fmt: skip
        self._stage.plan(moment(day, 9.5), do)

    def _of_anna(self, anna: int) -> None:
        """Anna took some days, and waits for Bram's decision on two weeks and on half a day."""
        stage, member = self._stage, self._stage.staff.members[anna]
        today = local_date(stage.until)
        monday = today + timedelta(days=28 - today.weekday())
        for hours, first, typed, fate in (
            (400, None, {"days": "0"}, "approve"), (200, None, {"days": "1"}, "approve"),
            (60, today + timedelta(days=9), {"days": "0", "first_part": "afternoon"}, "approve"),
            (6, monday, {"days": "11"}, ""),
        ):  # fmt: skip
            at = earlier(stage.ssc_office, stage.until, hours)
            if local_date(at) > self._begin:
                day = first or local_date(at) + timedelta(days=12)
                rng = stage.rng("anna", hours)
                do = partial(self._begin_case, f"anna-{hours}", member, day, {"kind": "leave", **typed}, rng, fate)
                stage.plan(at, do)

    def _begin_case(self, name: str, member: Member, first: date, typed: dict[str, str], rng: Random,
                    fate: str | None = None) -> None:  # fmt: skip
        stage = self._stage
        post = member.post(local_date(stage.now))
        if post is None:
            return
        key = f"{rng.getrandbits(128):032x}"
        case = cases.start(stage.session, LEAVE.key, stage.employments[post.employment_id], key, stage.now)
        fate = _fate(rng) if fate is None else fate
        if not self._hand_in(case.id, first, typed):
            # Nothing that could be asked: the draft is thrown away again.
            cases.act_as(stage.session, stage.viewer(member.id), stage.case(case.id), "withdraw", Given(), stage.now)
            stage.session.flush()
            return
        office = stage.office(post.municipality_id)
        decided = later(office, stage.now, rng.uniform(0.5, 24))
        if fate and decided < self._closes:
            stage.plan(decided, partial(self._decide, case.id, fate, rng))

    def _hand_in(self, case_id: int, first: date, typed: dict[str, str]) -> bool:
        """Hand in what was had in mind, or what comes nearest to it."""
        stage = self._stage
        case, length = stage.case(case_id), int(typed["days"])
        fields = {key: value for key, value in typed.items() if key != "days"}
        if fields["kind"] == "birth":
            fields["occasion"] = first.isoformat()
        hours = stage.filling_in(case, {})
        for days in range(TRIES):
            begins = _weekday(first + timedelta(days=days), 1)
            ends = max(begins, _weekday(begins + timedelta(days=length), -1))
            fields |= {"first": begins.isoformat(), "last": ends.isoformat()}
            content, problems = LEAVE.read(LEAVE.form(formdata=MultiDict(fields)), hours)
            if not problems:
                case.draft, case.drafted_at = fields, stage.now
                try:
                    viewer = stage.viewer(case.initiator_id)
                    cases.act_as(stage.session, viewer, case, "submit", Given(content=content), stage.now)
                except Refused:
                    return False
                stage.session.flush()
                return True
        return False

    def _decide(self, case_id: int, fate: str, rng: Random) -> None:
        """Whoever is asked decides, or the employee thinks better of it; who is away decides when they are back."""
        stage = self._stage
        case = stage.case(case_id)
        if case.state != "submitted" or case.approver_id is None:
            return
        today = local_date(stage.now)
        away = next((a for a in self._absences.get(case.approver_id, ()) if a.first <= today <= a.last), None)
        if away is not None:
            back = moment(away.last + timedelta(days=1), 8.5)
            stage.plan(later(stage.office(case.municipality_id), back, 1), partial(self._decide, case_id, fate, rng))
            return
        self._act(case, fate, rng)
        if fate == "return":
            first = date.fromisoformat(case.content["from"]) + timedelta(days=7)
            length = (date.fromisoformat(case.content["to"]) - first).days + 7
            typed = {"kind": case.content["kind"], "days": str(length)}
            again = later(stage.office(case.municipality_id), stage.now, rng.uniform(1, 12))
            stage.plan(again, partial(self._again, case_id, first, typed, rng))

    def _again(self, case_id: int, first: date, typed: dict[str, str], rng: Random) -> None:
        if self._hand_in(case_id, first, typed):
            office = self._stage.office(self._stage.case(case_id).municipality_id)
            decided = later(office, self._stage.now, rng.uniform(0.5, 12))
            self._stage.plan(decided, partial(self._decide, case_id, "approve", rng))

    def _act(self, case: Case, fate: str, rng: Random) -> None:
        stage = self._stage
        who = case.initiator_id if fate == "withdraw" else case.approver_id
        if who is None:
            return
        words = source("words")["leave"].get(fate, ())
        given = Given(reason=rng.choice(words) if words else "")
        try:
            cases.act_as(stage.session, stage.viewer(who), case, fate, given, stage.now)
        except Refused:
            # A correction came in between: it waits for somebody to look at.
            return
        stage.session.flush()


def _weekday(day: date, step: int) -> date:
    """This day, or the nearest one that is no part of a weekend."""
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day


def _ahead(rng: Random, most: int) -> timedelta:
    return timedelta(days=rng.randrange(1, most))


def _fate(rng: Random) -> str:
    drawn = rng.random()
    return "reject" if drawn < 0.03 else "return" if drawn < 0.06 else "withdraw" if drawn < 0.085 else "approve"
