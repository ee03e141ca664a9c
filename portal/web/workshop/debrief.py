"""The debrief: one page that can be printed and hung on the wall, the same on paper, and everything to take home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, TRAINER_DESK, open_to
from portal.interfaces.paper import Paper, Section
from portal.interfaces.stacked import Bar, Group, stacked
from portal.queries.people import national_calendar
from portal.web import unit_of_work as uow
from portal.web.papers import answered
from portal.web.workshop import here
from portal.web.workshop.findings import SEVERITY_LABELS
from portal.workshop import debrief, played, talking
from portal.workshop.debrief import FEW, Mistake, Place, Round, Said, Spent
from portal.workshop.folders import Workshop
from portal.workshop.simulated import within
from portal.workshop.tables import Finding
from workflows import CASE_TYPES
from workflows.indicators import EMPLOYEE as BY_EMPLOYEE
from workflows.indicators import MANAGER, SSC, SUPPLIER
from workflows.parties import N_

bp = Blueprint("workshop_debrief", __name__, url_prefix="/nabespreking")

PARTIES = {SSC: N_("the SSC"), BY_EMPLOYEE: N_("employees"), MANAGER: N_("managers"), SUPPLIER: N_("suppliers"),
           "": N_("the bank and others")}  # fmt: skip
OUTCOMES = {"caught": (N_("Caught"), "success"), "missed": (N_("Not caught"), "danger"),
            "open": (N_("Still open"), "neutral")}  # fmt: skip
NOWHERE = N_("No step was taken yet, so there is no time to show.")
SENTENCES = {
    "shorter": N_("The %(count)s cases that were done in both rounds took %(after)s working days on average in place "
                  "of %(before)s; %(shorter)s of them took less time."),
    "longer": N_("The %(count)s cases that were done in both rounds took longer: %(after)s working days on average "
                 "in place of %(before)s."),
    "same": N_("The %(count)s cases that were done in both rounds took about as long: %(after)s working days on "
               "average, and %(before)s before."),
    "few_pairs": N_("Only %(count)s cases were done in both rounds. That is too few to say whether they took less "
                    "time."),
    "one_round": N_("Half of the %(count)s cases that were done took at most %(days)s working days."),
    "few_done": N_("%(count)s cases were done. That is too few to say how long a case takes."),
    "nowhere": NOWHERE,
    "where": N_("In round %(round)s most of the time (%(share)s) was with %(party)s; of all time %(waiting)s was "
                "waiting and not working."),
    "no_mistakes": N_("No mistakes were planted among the cards that were played."),
    "mistakes_open": N_("Of the %(count)s planted mistakes none came to an end, so nothing can be said of them."),
    "all_caught": N_("All %(count)s planted mistakes that came to an end were caught."),
    "some_missed": N_("Of the %(count)s planted mistakes that came to an end, %(caught)s were caught; the missed ones "
                      "were most often for: %(role)s."),
}  # fmt: skip
WITHIN = {
    "in": N_("Round %(round)s: the middle case took %(days)s working days. In imitations it takes from %(low)s to "
             "%(high)s. What was played fits."),
    "below": N_("Round %(round)s: the middle case took %(days)s working days. In imitations it takes from %(low)s to "
                "%(high)s. What was played went faster than chance and the imitation explain."),
    "above": N_("Round %(round)s: the middle case took %(days)s working days. In imitations it takes from %(low)s to "
                "%(high)s. What was played went slower than chance and the imitation explain."),
}  # fmt: skip
IMITATED = N_("Each round was imitated 40 times with the what-if model of this scenario: its cards, what is agreed and "
              "how long bots take. It leaves out mistakes and what waits for others, so half a day more or less "
              "counts as fitting.")  # fmt: skip
SMALL = N_("So few cases give an impression, and no proof. Chance is as large as what is seen here.")


def _share(value: object) -> str:
    return f"{round(100 * float(str(value)))} %"


def _number(value: float | None, digits: int = 1) -> str:
    """With as many digits each time, so that columns can be compared."""
    if value is None:
        return "–"
    said_ = f"{value:.{digits}f}"
    return said_.replace(".", ",") if i18n.language() == "nl" else said_


def said(one: Said) -> str:
    """A sentence of the conclusion in words."""
    values = dict(one.values)
    for key in ("share", "waiting"):
        if key in values:
            values[key] = _share(values[key])
    for key in ("before", "after", "days"):
        if key in values:
            values[key] = _number(float(str(values[key])))
    if "party" in values:
        values["party"] = i18n.gettext(PARTIES[str(values["party"])])
    if one.key == "some_missed":
        values["role"] = role_said(str(values["role"]))
    return i18n.gettext(SENTENCES[one.key], **values)


def role_said(role: str) -> str:
    """A role of the scenario in words."""
    roles = here.scenario().roles
    return roles[role].name.said(i18n.language()) if role in roles else role


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table with one figure a round."""

    label: str
    values: Sequence[str]


def figures_of(rounds: Sequence[Round]) -> list[Line]:
    """The figures of all rounds side by side."""
    all_ = [one.figures for one in rounds]
    in_time = [f"{f.in_time} / {f.judged}" if f.judged else "–" for f in all_]
    right = [f"{f.right_first} / {f.done}" if f.done else "–" for f in all_]
    return [
        Line(i18n.gettext(N_("Cases that came in")), [str(f.received) for f in all_]),
        Line(i18n.gettext(N_("Done")), [str(f.done) for f in all_]),
        Line(i18n.gettext(N_("Still open at the end")), [str(f.open) for f in all_]),
        Line(i18n.gettext(N_("On time, of those done")), in_time),
        Line(i18n.gettext(N_("Working days, on average")), [_number(f.mean_days) for f in all_]),
        Line(i18n.gettext(N_("Working days, the middle one")), [_number(f.median_days) for f in all_]),
        Line(i18n.gettext(N_("Working days, nine out of ten within")), [_number(f.p90_days) for f in all_]),
        Line(i18n.gettext(N_("Hours of work for each case")), [_number(f.touch_hours) for f in all_]),
        Line(i18n.gettext(N_("Part of the time that was waiting")),
             [_share(f.waiting_share) if f.waiting_share is not None else "–" for f in all_]),
        Line(i18n.gettext(N_("Right the first time, of those done")), right),
        Line(i18n.gettext(N_("Steps by people for each case")), [_number(f.hands) for f in all_]),
    ]  # fmt: skip


def _days(spent: Spent, each: int) -> tuple[float, float]:
    office = national_calendar()
    return office.office_days(spent.waiting) / each, office.office_days(spent.working) / each


def _named(place: Place) -> str:
    """A step by the label of its state; of what the workshop is not mostly about also which kind of case."""
    case_type = CASE_TYPES[place.kind]
    label = i18n.gettext(case_type.state(place.key).label)
    return label if case_type is here.main_type() else f"{i18n.gettext(case_type.label)}: {label}"


@dataclass(frozen=True, slots=True)
class Where:
    """Where the time of a case went: drawn, and the same as a table (waiting and working in hours, by round)."""

    drawn: str
    rows: Sequence[tuple[str, Sequence[str]]]


HOUR = timedelta(hours=1)
SHOWN = 0.05
"""Fewer days than this are nothing to draw; the table has them."""


Key = tuple[str, str, str]
"""Kind of case, state and party."""


def _where(rounds: Sequence[Round], keys: Sequence[Key], by_key: Sequence[dict[Key, Spent]],
           names: Sequence[str]) -> Where:  # fmt: skip
    groups, rows = [], []
    for key, name in zip(keys, names, strict=True):
        bars, cells = [], []
        for one, spent in zip(rounds, by_key, strict=True):
            here_, each = spent.get(key, Spent()), max(len(one.cases), 1)
            waiting, working = _days(here_, each)
            bars.append(Bar(str(one.number), waiting, working, _number(waiting + working)))
            cells.append(f"{_number(here_.waiting / HOUR / each)} + {_number(here_.working / HOUR / each)}")
        if any(bar.waiting + bar.working >= SHOWN for bar in bars):
            groups.append(Group(name, bars))
        rows.append((name, cells))
    return Where(stacked(groups, i18n.gettext(N_("time waited")), i18n.gettext(N_("time worked"))), rows)


def where_by_step(rounds: Sequence[Round]) -> Where:
    """For each case on average: by step."""
    found = {(p.kind, p.key, p.party): p for one in rounds for p in one.places}
    order = {(kind.key, state.key): (at, nth) for at, kind in enumerate(CASE_TYPES.values())
             for nth, state in enumerate(kind.states)}  # fmt: skip
    keys = sorted(found, key=lambda key: order[key[0], key[1]])
    by_key = [{(p.kind, p.key, p.party): p.spent for p in one.places} for one in rounds]
    return _where(rounds, keys, by_key, [_named(found[key]) for key in keys])


def where_by_party(rounds: Sequence[Round]) -> Where:
    """For each case on average: with whom."""
    spent = [debrief.by_party(one.places) for one in rounds]
    parties = list(dict.fromkeys(party for one in spent for party in one))
    by_key = [{("", "", party): value for party, value in one.items()} for one in spent]
    names = [i18n.gettext(PARTIES[party]) for party in parties]
    return _where(rounds, [("", "", party) for party in parties], by_key, [n[:1].upper() + n[1:] for n in names])


def bands(rounds: Sequence[Round], people: int) -> list[str]:
    """Of each round whether its middle case lies within what the model of the scenario gives by chance alone."""
    scenario, kind, sentences = here.scenario(), here.main_type().key, []
    for one in rounds:
        days = debrief.measured([case for case in one.cases if case.kind == kind], national_calendar()).median_days
        band = within(scenario, people, one.number, kind) if days is not None else None
        if band is None or days is None:
            continue
        values = {"round": one.number, "days": _number(days), "low": _number(band.low), "high": _number(band.high)}
        sentences.append(i18n.gettext(WITHIN[band.verdict(days)], **values))
    return sentences


@dataclass(frozen=True)
class Looked:
    """All that the debrief shows."""

    rounds: Sequence[Round]
    sentences: Sequence[str]
    small: bool
    figures: Sequence[Line]
    steps: Where
    parties: Where
    bands: Sequence[str]
    findings: Sequence[tuple[int, str, Finding]]
    still_played: bool = False
    """Who asks still plays with the mistakes, so they are not told."""

    @property
    def mistakes(self) -> list[tuple[Mistake, list[str]]]:
        """Each planted mistake with what came of it in each round."""
        if self.still_played:
            return []
        outcomes = [{one.card: one.outcome for one in round_.mistakes} for round_ in self.rounds]
        first = {one.card: one for round_ in self.rounds for one in round_.mistakes}
        return [(one, [outcome.get(card, "") for outcome in outcomes]) for card, one in first.items()]


def _still_played(workshop: Workshop) -> bool:
    """Whether cards may still fall: the rounds have the same deck, so until the end of the last."""
    return workshop.round < len(here.scenario().rounds) or uow.now() < here.scenario().ends


def looked() -> Looked:
    """Read all rounds and say what they show."""
    workshop, language = here.workshop(), i18n.language()
    uow.session().close()
    rounds = played.all_rounds(workshop, here.scenario(), language)
    order = {severity: nth for nth, severity in enumerate((*talking.SEVERITIES, ""))}
    findings = sorted(played.findings_of(workshop), key=lambda one: (order[one[2].severity], one[0], one[2].id))
    return Looked(
        rounds=rounds,
        sentences=[said(one) for one in debrief.conclusion(rounds, national_calendar())],
        small=min((one.figures.done for one in rounds), default=0) < 6 * FEW,
        figures=figures_of(rounds),
        steps=where_by_step(rounds),
        parties=where_by_party(rounds),
        bands=bands(rounds, workshop.people),
        findings=findings,
        still_played=not here.trainer() and _still_played(workshop),
    )  # fmt: skip


@bp.get("")
@open_to(EMPLOYEE, TRAINER_DESK)
def show() -> ResponseReturnValue:
    """The debrief as a page."""
    here.practice()
    return render_template(
        "workshop/debrief.html",
        found=looked(),
        practice=here.practice(),
        scenario=here.scenario(),
        language=i18n.language(),
        trainer=here.trainer(),
        small=i18n.gettext(SMALL),
        imitated=i18n.gettext(IMITATED),
        outcomes=OUTCOMES,
        labels=SEVERITY_LABELS,
        role_said=role_said,
    )


def _paper(found: Looked) -> Paper:
    """The same on paper."""
    practice, partnership, at = here.practice(), uow.world().settings.partnership, here.wall()
    title = i18n.gettext(N_("Debrief of %(title)s"), title=practice.title)
    heads = [i18n.gettext(N_("Round %(round)s"), round=one.number) for one in found.rounds]
    sections = [_saw(found), _side_by_side(found, heads)]
    sections.append(_drawn(i18n.gettext(N_("With whom the time was")), found.parties, heads))
    sections.append(_drawn(i18n.gettext(N_("Where the time went, by step")), found.steps, heads))
    sections += [one for one in (_chance(found), _mistakes(found, heads), _findings(found)) if one.parts]
    made = i18n.gettext(N_("Played as a practice, made on %(at)s."), at=i18n.moment(at))
    return Paper(title, partnership, f"{partnership} · {title}", made, at, i18n.language(), sections)


def _saw(found: Looked) -> Section:
    section = Section(i18n.gettext(N_("What we saw")))
    for sentence in (*found.sentences, *([i18n.gettext(SMALL)] if found.small else [])):
        section.text(sentence)
    return section


def _chance(found: Looked) -> Section:
    section = Section(i18n.gettext(N_("Can it be chance?")))
    for sentence in (*found.bands, *([i18n.gettext(IMITATED)] if found.bands else [])):
        section.text(sentence)
    return section


def _columns(heads: Sequence[str]) -> tuple[list[float], list[int]]:
    return [3.0, *(1.4 for _ in heads)], list(range(1, len(heads) + 1))


def _side_by_side(found: Looked, heads: Sequence[str]) -> Section:
    section = Section(i18n.gettext(N_("The rounds side by side")))
    section.facts([(head, one.title) for head, one in zip(heads, found.rounds, strict=True)])
    return section.rows(["", *heads], [[one.label, *one.values] for one in found.figures], *_columns(heads))


def _drawn(name: str, where: Where, heads: Sequence[str]) -> Section:
    section = Section(name)
    if not where.drawn:
        return section.text(i18n.gettext(NOWHERE))
    section.chart(where.drawn, name, i18n.gettext(N_("Working days for each case, on average.")))
    head = [i18n.gettext(N_("Hours waiting + working")), *heads]
    return section.rows(head, [[label, *cells] for label, cells in where.rows], *_columns(heads))


def _mistakes(found: Looked, heads: Sequence[str]) -> Section:
    section = Section(i18n.gettext(N_("Planted mistakes")))
    rows = [
        [one.what, role_said(one.role), *(i18n.gettext(OUTCOMES[o][0]) if o else "–" for o in outcomes)]
        for one, outcomes in found.mistakes
    ]
    head = [i18n.gettext(N_("What was wrong")), i18n.gettext(N_("Who could have seen it")), *heads]
    return section.rows(head, rows, [3.0, 1.6, *(1.0 for _ in heads)]) if rows else section


def _findings(found: Looked) -> Section:
    section = Section(i18n.gettext(N_("Findings")))
    trainer = i18n.gettext(N_("Trainer"))
    rows = [
        [i18n.gettext(SEVERITY_LABELS[one.severity]), one.text, role_said(role) if role else trainer, str(number)]
        for number, role, one in found.findings
    ]
    words = (N_("How bad"), N_("Finding"), N_("Seen by"), N_("Round"))
    return section.rows([i18n.gettext(word) for word in words], rows, [1.2, 3.6, 1.4, 0.6]) if rows else section


@bp.get("/nabespreking.pdf")
@open_to(EMPLOYEE, TRAINER_DESK)
def paper() -> ResponseReturnValue:
    """The debrief on paper."""
    here.practice()
    return answered(_paper(looked()), f"nabespreking-{here.practice().code}")


@bp.get("/alles.zip")
@open_to(TRAINER_DESK)
def everything() -> ResponseReturnValue:
    """Everything of the workshop, to take home."""
    workshop = here.workshop()
    uow.session().close()
    file = played.taken_home(workshop)

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(65_536):
                yield piece

    answer = Response(pieces(), content_type="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"oefening-{workshop.code}.zip")
    return answer
