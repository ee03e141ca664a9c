"""The answer to a what-if question on paper: the answer first, then the table, where time goes, and how it was made."""

from __future__ import annotations

from collections.abc import Iterator

from portal import i18n
from portal.interfaces.paper import Paper, Section
from portal.web import unit_of_work as uow
from portal.web.whatif_result import Shown
from portal.web.whatif_words import type_label
from workflows.parties import N_

MOST_STEPS = 1000
"""More than there are: every step is looked up."""


def paper_of(title: str, shown: Shown) -> Paper:
    """The whole paper."""
    partnership, kicker = uow.world().settings.partnership, i18n.gettext(N_("What if"))
    return Paper(
        title=title, author=partnership, running=f"{partnership} · {kicker}",
        made=i18n.gettext(N_("Made on %(at)s."), at=i18n.moment(uow.now())), made_at=uow.now(), lang=i18n.language(),
        sections=list(_sections(shown)),
    )  # fmt: skip


def _sections(shown: Shown) -> Iterator[Section]:
    answer = Section(i18n.gettext(N_("The answer")))
    for sentence, _ in shown.sentences:
        answer.text(sentence)
    yield answer
    if shown.forecasts:
        yield from _forecast(shown)
    if shown.measures:
        yield _figures(shown)
    yield from _where(shown)
    yield _made(shown)


def _forecast(shown: Shown) -> Iterator[Section]:
    head = [N_("Kind"), N_("Open now"), N_("Half is done by"), N_("9 of 10 are done by"), N_("Within the norm")]
    for name, found in shown.forecasts:
        rows = [[one.kind, i18n.number(one.count), i18n.day(one.half), i18n.day(one.most), one.norm] for one in found]
        section = Section(f"{i18n.gettext(N_('When is it done?'))} {name}")
        yield section.rows([i18n.gettext(word) for word in head], rows, [1.6, 1, 1.4, 1.4, 1.2], numbers=(1, 4))


def _figures(shown: Shown) -> Section:
    section = Section(i18n.gettext(N_("All requests together")))
    section.text(i18n.gettext(N_("Between brackets the interval that holds the true figure in 95 of 100 cases.")))
    rows = []
    for key, label, unit in shown.measures:
        cells = [f"{value} ({between})" if between else value for value, between in (s.cell(key) for s in shown.scenes)]
        rows.append([f"{label}, {unit}" if unit else label, *cells])
        said = [scene.difference(key) for scene in shown.scenes]
        if any(said):
            rows.append([i18n.gettext(N_("difference from now")), *said])
    names = [i18n.gettext(N_("What")), *(scene.name for scene in shown.scenes)]
    return section.rows(names, rows, [1.3, *(1.0 for _ in shown.scenes)])


def _where(shown: Shown) -> Iterator[Section]:
    there = [scene for scene in shown.scenes if scene.found.get("steps") and not shown.forecasts]
    if there:
        section = Section(i18n.gettext(N_("Where the time goes")))
        longest = [(what, who) for what, who, _ in shown.bottlenecks(there[0])]
        waits = [{what: said for what, _, said in shown.bottlenecks(scene, most=MOST_STEPS)} for scene in there]
        rows = [[f"{what} ({who})", *(one.get(what, "–") for one in waits)] for what, who in longest]
        section.rows([i18n.gettext(N_("A request waits longest in")), *(scene.name for scene in there)], rows,
                     [1.8, *(1.0 for _ in there)])  # fmt: skip
        kind, drawing, steps = next(shown.routes(there[-1]), ("", "", []))
        if drawing:
            caption = f"{i18n.gettext(N_('The route of %(kind)s'), kind=type_label(kind))}: {there[-1].name}"
            words = "; ".join(f"{step.name}: {step.waiting[0]}" for step in steps)
            section.chart(drawing, f"{caption}: {words}", caption)
        yield section
    if shown.used:
        section = Section(i18n.gettext(N_("How busy people are")))
        rows = [[who, *(f"{value} ({more})" if more else value for value, more in cells)] for who, cells in shown.used]
        yield section.rows([i18n.gettext(N_("Who")), *(one.name for one in shown.scenes)], rows,
                           [1, *(1.0 for _ in shown.scenes)])  # fmt: skip


def _made(shown: Shown) -> Section:
    run, section = shown.run, Section(i18n.gettext(N_("How this was worked out")))
    measured = (
        i18n.gettext(N_("%(cases)s requests from %(first)s up to and including %(last)s"),
                     cases=i18n.number(run.model.cases), first=i18n.day(run.model.first), last=i18n.day(run.model.last))
        if run.model else ""
    )  # fmt: skip
    section.facts([
        (i18n.gettext(N_("Measured")), measured),
        (i18n.gettext(N_("How often")),
         i18n.gettext(N_("%(times)s times for each scenario, each time with the same requests"), times=shown.times)),
        (i18n.gettext(N_("Draw number")), str(run.seed)),
        (i18n.gettext(N_("Asked by")), f"{run.asked_by.name}, {i18n.moment(run.asked_at)}"),
        *((name, "; ".join(told)) for name, told in shown.changes),
    ])  # fmt: skip
    for note in shown.notes:
        section.text(note)
    return section
