"""The history: who claims what when is drawn by lot, and then played through the portal's own commands."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import partial
from itertools import accumulate

from portal.clock import local_date
from portal.jobs import bundle, contacts, remind
from seed import fates
from seed.absences import Absences
from seed.advances import Advances
from seed.checking import Checking
from seed.claims import Claim, Setting, draw
from seed.contacts import Contacts
from seed.deciding import Deciding
from seed.evidence import Receipt
from seed.filing import Filing, Story
from seed.invoices import Invoices
from seed.leave import Leave
from seed.leave_after import AfterLeave
from seed.marks import Marks
from seed.office import earlier, moment, months_before, workdays
from seed.payments import Treasury
from seed.people import Member, Post
from seed.post import PostRoom
from seed.sampling import Samples
from seed.settlements import Settler
from seed.showcase import LAST_CHECKS, LAST_RUNS, Showcase, people_of
from seed.sources import source
from seed.stage import OPENS, Stage

CLAIMS_A_MONTH = 0.85
"""How often an employee claims."""
BUSY = {1: 1.3, 2: 1.0, 7: 0.65, 8: 0.55, 12: 0.85}
"""Months in which more or less is claimed than in others."""
RECENT_DAYS = 12
"""Claims of the last days have receipts of their own."""
DRAFT_DAYS = 40
"""Drafts that nobody came back to: those of longer ago were cleaned up."""
RUSH_DAYS, RUSH = 10, 2.3
"""Working days before now in which more was claimed than the clerks could check, so that work waits for them."""
TWICE = 0.012
"""How often somebody claims again, by mistake, what they claimed the last time."""
LATE, LATE_DAYS = 0.015, (100, 150)
"""How often somebody finds receipts of long ago, and how many days ago that was."""
HOME_DAYS = 18
"""On how many days of a month somebody works at home at most."""
SAID = 0.95
"""How often two expenses that look alike are described apart."""
SHORT_OF_HANDS = 0.85
"""Which part of their usual work the clerks got done in those days."""


class History:
    """Fills the agenda of a stage with some months of claims."""

    def __init__(self, stage: Stage, employees: int, months: int) -> None:
        self._stage, self._today = stage, local_date(stage.until)
        self._begin = months_before(self._today, months)
        self._employees, self._months = employees, months
        self._count = round(employees * months * CLAIMS_A_MONTH)
        self._days = workdays(stage.ssc_office, self._begin, self._today)
        self._stories: dict[int, Story] = {}
        self._last: dict[int, Claim] = {}
        """What each claimed the last time."""
        self._said: set[tuple[object, ...]] = set()
        """What was said of the receipts that several claims share."""
        self._at_home: Counter[tuple[int, str]] = Counter()
        """How many days each claimed to have worked at home, by month."""
        self.receipts: list[Receipt] = []
        """All that will be needed, in the order of time."""
        self._filing = Filing(stage, self._stories)
        self._absences = Absences(stage, self._begin)
        self._deciding = Deciding(stage, self._filing, self._absences.by_person)
        self._checking = Checking(stage, self._stories, self._filing)
        self._treasury = Treasury(stage, self._stories)
        self._contacts = Contacts(stage)

    def plan(self) -> None:
        """Put everything on the agenda."""
        stage = self._stage
        self._filing.when_asked += [self._deciding.asked, self._contacts.perhaps]
        stage.at_opening += [partial(job.run, stage.world) for job in (remind, contacts)]
        stage.at_opening.append(Marks(stage).morning)
        stage.at_opening.append(Samples(stage, self._absences.by_person).night)
        self._daily()
        self._absences.draw(never=stage.staff.named["bram"])
        self._claims()
        self._leavers()
        self._clerks()
        self._runs()
        self._oddities()
        self._contacts.by_appointment()
        PostRoom(stage).plan()
        Advances(stage, self._treasury).plan(self._begin, never=people_of(stage))
        Leave(stage, self._begin, self._absences.by_person).plan(self._employees, self._months)
        AfterLeave(stage, self._begin).plan(self._employees, self._months)
        Invoices(stage, self._begin, self._absences.by_person).plan(self._employees, self._months)
        Settler(stage, self._begin).plan()
        Showcase(stage, self._filing, self._deciding, self._checking, self._treasury, self._begin).plan()

    def _daily(self) -> None:
        """One manager, of the last municipality, gets one mail a day."""
        stage = self._stage
        last = max(stage.municipalities)
        leaders = sorted(set(stage.staff.leaders.values()) - {stage.staff.named["bram"]})
        one = next(who for who in leaders if stage.staff.members[who].posts[-1].municipality_id == last)
        stage.persons[one].daily_hour = OPENS
        stage.session.commit()
        stage.at_opening.append(partial(bundle.run, stage.world))

    def _claims(self) -> None:
        rng = self._stage.rng("days")
        rush = set(self._days[-RUSH_DAYS:])
        busy = list(accumulate(BUSY.get(day.month, 1.0) * (RUSH if day in rush else 1) for day in self._days))
        able = [m for m in self._stage.staff.members.values() if m.claims]
        keen = list(accumulate(m.keen for m in able))
        for number, day in enumerate(sorted(rng.choices(self._days, cum_weights=busy, k=self._count))):
            (member,) = rng.choices(able, cum_weights=keen)
            post = member.post(day)
            if post is not None:
                self._claim(f"claim-{number}", member, post, day)

    def _claim(self, name: str, member: Member, post: Post, day: date, spent: date | None = None) -> None:
        stage = self._stage
        rng = stage.rng(name)
        by_lot = stage.rng(f"{name} late")
        earliest = max(post.first, self._begin - timedelta(days=30))
        if spent is None and (day - earliest).days > LATE_DAYS[1] and by_lot.random() < LATE:
            spent = day - timedelta(days=by_lot.randrange(*LATE_DAYS))
        hour = rng.uniform(19, 22.2) if rng.random() < 0.15 else min(max(rng.gauss(13, 2.4), 7.6), 18)
        age = (self._today - day).days
        municipality = stage.municipalities[post.municipality_id]
        setting = Setting(
            municipality.name, member.person.name, stage.office(municipality.id), spent or day,
            earliest, recent=age <= RECENT_DAYS,
        )  # fmt: skip
        dropped = age <= DRAFT_DAYS and rng.random() < 0.06
        story = Story(name, member.id, post, draw(rng, setting), fates.draw(rng), rng, finished=not dropped)
        story.claim.late = by_lot.choice(source("words")["late"]["reasons"])
        self._within_month(story)
        self._tell_apart(story)
        self._perhaps_again(story)
        self.receipts += [line.receipt for line in story.claim.lines if line.receipt is not None]
        stage.plan(moment(day, hour), partial(self._filing.begin, story))

    def _within_month(self, story: Story) -> None:
        """Nobody works at home on more days than they work: who claimed a month before has few days left."""
        for line in story.claim.lines:
            if line.category == "home_working":
                month = (story.person_id, f"{line.day:%Y-%m}")
                days = max(1, min(int(line.fields["days"]), HOME_DAYS - self._at_home[month]))
                line.fields["days"] = str(days)
                self._at_home[month] += days

    def _tell_apart(self, story: Story) -> None:
        """Who shares a picture with a colleague spent something else the same day: mostly that is said as well."""
        for line in story.claim.lines:
            if line.receipt is None or not line.receipt.pooled:
                continue
            said = (line.category, line.day, line.receipt.cents, line.fields["description"])
            if said in self._said and story.rng.random() < SAID:
                purpose = story.claim.purpose
                line.fields["description"] += f", {purpose[:1].lower()}{purpose[1:]}"
            self._said.add(said)

    def _perhaps_again(self, story: Story) -> None:
        """A receipt of the last claim lies on the pile once more."""
        rng, last = self._stage.rng(f"{story.name} again"), self._last.get(story.person_id)
        again = [line for line in last.lines if line.receipt is not None] if last else []
        if again and rng.random() < TWICE:
            story.claim.repeat(rng.choice(again), f"{rng.getrandbits(40):010x}")
        self._last[story.person_id] = story.claim

    def _leavers(self) -> None:
        """Who has left still claims what was spent before."""
        for member in self._stage.staff.members.values():
            last = member.posts[-1].last
            if last is not None and self._begin < last < self._today:
                day = self._stage.ssc_office.add_working_days(last, 6)
                self._claim(f"leaver-{member.id}", member, member.posts[-1], day, spent=last)

    def _clerks(self) -> None:
        normal = 1.3 * self._count / len(self._days)
        stop = earlier(self._stage.ssc_office, self._stage.until, LAST_CHECKS)
        self._checking.stops = stop
        for place, day in enumerate(reversed(self._days)):
            capacity = normal * (SHORT_OF_HANDS if place < RUSH_DAYS else 1)
            self._stage.plan(moment(day, 7.5), partial(self._checking.day, day, capacity))
            self._stage.plan(moment(day, 7.5), partial(self._contacts.general, day))

    def _runs(self) -> None:
        """Every fourth working day each municipality has its payment run, one of them a day."""
        stop = earlier(self._stage.ssc_office, self._stage.until, LAST_RUNS)
        for place, day in enumerate(self._days):
            for number, municipality in enumerate(sorted(self._stage.municipalities)):
                at = moment(day, 10.2 + number / 3)
                if place % 4 == number % 4 and at < stop:
                    self._stage.plan(at, partial(self._treasury.run, municipality))

    def _oddities(self) -> None:
        """What a bank also sends: money that belongs to nothing, and a file that was cut off."""
        first, second, *_ = sorted(self._stage.municipalities)
        for hours, do in (
            (170, partial(self._treasury.stray, second, "J. van Doorn", 4250, "Terugbetaling reiskosten maart")),
            (90, self._treasury.resolve),
            (60, partial(self._treasury.stray, first, "Drukkerij De Letter", 18150, "Factuur 2231 dubbel betaald")),
            (30, self._treasury.mangled),
        ):
            self._stage.plan(earlier(self._stage.ssc_office, self._stage.until, hours), do)
