"""A trial on paper: the decision, what was tried of each element, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal import i18n
from portal.interfaces.paper import Entry, Paper, Section
from portal.models.trials import TrialCheck, TrialFinding, TrialRun
from workflows.parties import N_
from workflows.trials import ELEMENTS, SEVERITIES, VERDICTS, gaps

NAMED = {one.key: one.label for one in ELEMENTS}
MADE = N_("Made on %(at)s.")


def paper_of(run: TrialRun, said: Mapping[str, Sequence[TrialCheck]], found: Sequence[TrialFinding], partnership: str,
             at: datetime) -> Paper:  # fmt: skip
    """All of a trial, in the reader's language."""
    title = i18n.gettext(N_("Trial running: %(title)s"), title=run.title)
    made = i18n.gettext(MADE, at=i18n.moment(at))
    sections = [_decision(run, said, found), *_elements(said), _findings(found)]
    return Paper(title, partnership, title, made, at, i18n.language(), sections)


def _decision(run: TrialRun, said: Mapping[str, Sequence[TrialCheck]], found: Sequence[TrialFinding]) -> Section:
    place = run.municipality.name if run.municipality else i18n.gettext(N_("all municipalities"))
    section = Section(i18n.gettext(N_("Decision"))).facts([
        (i18n.gettext(N_("Municipality")), place),
        (i18n.gettext(N_("Tried from")), i18n.day(run.begins_on)),
        (i18n.gettext(N_("Up to and including")), i18n.day(run.ends_on)),
        (i18n.gettext(N_("Begun by")), run.begun_by.name),
        (i18n.gettext(N_("Accepted by")), run.accepted_by.name if run.accepted_by else ""),
        (i18n.gettext(N_("Accepted on")), i18n.moment(run.accepted_at)),
    ])  # fmt: skip
    if run.accepted_at is not None:
        return section.text(run.acceptance)
    lacking = gaps((one.severity for one in found if one.resolved_at is None), dict.fromkeys(said, ""))
    for refusal in lacking:
        section.text(i18n.say(refusal.sentence, refusal.values))
    return section if lacking else section.text(i18n.gettext(N_("Nothing stands in the way; not decided yet.")))


def _elements(said: Mapping[str, Sequence[TrialCheck]]) -> list[Section]:
    return [
        Section(i18n.gettext(element.label)).entries(
            [_tried(i18n.gettext(one.label), said.get(one.key, ())) for one in element.activities]
        )
        for element in ELEMENTS
    ]


def _tried(label: str, said: Sequence[TrialCheck]) -> Entry:
    if not said:
        return Entry(label, i18n.gettext(N_("Not tried yet")))
    last = said[0]
    return Entry(label, f"{i18n.gettext(VERDICTS[last.verdict])}, {last.by.name}, {i18n.moment(last.at)}",
                 quotes=[last.note])  # fmt: skip


def _findings(found: Sequence[TrialFinding]) -> Section:
    section = Section(i18n.gettext(N_("Findings")))
    if not found:
        return section.text(i18n.gettext(N_("Nothing was found.")))
    return section.entries([_finding(one) for one in found])


def _finding(one: TrialFinding) -> Entry:
    head = f"{i18n.gettext(SEVERITIES[one.severity])}: {one.said}"
    points = [i18n.gettext(N_("%(who)s sees to it, before %(day)s"), who=one.owner, day=i18n.day(one.due))]
    if one.resolved_by is not None:
        points.append(f"{i18n.gettext(N_('Resolved'))}: {one.resolution} ({one.resolved_by.name}, "
                      f"{i18n.moment(one.resolved_at)})")  # fmt: skip
    meta = f"{i18n.gettext(NAMED.get(one.element, one.element))}, {one.found_by.name}, {i18n.moment(one.found_at)}"
    return Entry(head, meta, points=points)
