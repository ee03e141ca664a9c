"""Trial running: begun for a municipality, tried by a checklist, findings written down and resolved, then accepted.

Trainers and functional managers run it, the SSC's director too; only the director accepts it. Once accepted it stays as
it is.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands.changes import LONGEST, Author, write_down
from portal.models.people import Municipality
from portal.models.trials import TrialCheck, TrialFinding, TrialRun
from portal.queries.trials import checks, findings
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.trials import ACTIVITIES, ELEMENTS, SEVERITIES, VERDICTS, gaps

MAY = (Role.TRAINER, Role.FUNCTIONAL_MANAGER, Role.DIRECTOR)
ACCEPTS = Role.DIRECTOR
TITLE = Refusal("trial_title_missing", N_("Give the trial a name."))
DAYS = Refusal("trial_days_missing", N_("Fill in from when and until when it is tried, in that order."))
OF_ALL = Refusal("trial_of_all", N_("You do not work for all municipalities. Choose one."))
ACCEPTED = Refusal("trial_accepted", N_("This trial was accepted, so nothing of it changes any more."))
POINT = Refusal("trial_point_unknown", N_("Choose what you saw of this point."))
NOTE = Refusal("trial_note_missing", N_("Write down what was tried, and what you saw."))
SAID = Refusal("trial_finding_missing", N_("Write down what was found."))
CLASS = Refusal("trial_class_missing", N_("Choose the element and how heavy it is."))
OWNER = Refusal("trial_owner_missing", N_("Write down who sees to it."))
DUE = Refusal("trial_due_missing", N_("Fill in by when it must be done."))
RESOLVED = Refusal("trial_resolved", N_("This finding was resolved already."))
DONE = Refusal("trial_resolution_missing", N_("Write down what was done about it."))
DECISION = Refusal("trial_decision_missing", N_("Write down why it is accepted."))
MOST_CASES = 2000
NO_PLACE = Refusal(
    "trial_world_place", N_("A practice world is made of the work of one municipality. Begin a trial of one.")
)
HAS_WORLD = Refusal("trial_world_there", N_("This trial has a practice world already."))
HOW_MANY = Refusal("trial_world_cases", N_("Fill in a number of cases from 1 to 2,000."))
DIRECTOR = Refusal("trial_not_director", N_("The SSC’s director accepts a trial."))


def author_of(viewer: Viewer) -> Author:
    """Who acts, with the municipalities for which they may."""
    return Author(viewer.person_id, viewer.reach(*MAY))


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def _refuse(*found: tuple[Refusal, object]) -> None:
    """Refuse for everything that is lacking."""
    lacking = [refusal for refusal, there in found if not there]
    if lacking:
        raise Refused(*lacking)


def begin(session: Session, viewer: Viewer, place: Municipality | None, title: str, first: date | None,
          last: date | None, at: datetime) -> TrialRun:  # fmt: skip
    """Begin a trial of a municipality, or of all together."""
    author = author_of(viewer)
    if place is None and author.places is not None:
        raise Refused(OF_ALL)
    author.reaches(place.id if place else None)
    if first is None or last is None or last < first:
        raise Refused(*([] if title.strip() else [TITLE]), DAYS)
    _refuse((TITLE, title.strip()))
    run = TrialRun(
        municipality_id=place.id if place else None, title=_line(title), begins_on=first, ends_on=last, begun_at=at,
        begun_by_id=viewer.person_id,
    )  # fmt: skip
    session.add(run)
    session.flush()
    write_down(session, author, at, "trial.begun", run.title, municipality_id=run.municipality_id, new={"day": first})
    return run


def _open(session: Session, viewer: Viewer, run: TrialRun) -> None:
    """Refuse what is of others, and what was accepted already."""
    author_of(viewer).reaches(run.municipality_id)
    # Who accepts and who finds something meanwhile go one after the other.
    session.refresh(run, with_for_update=True)
    if run.accepted_at is not None:
        raise Refused(ACCEPTED)


def check(session: Session, viewer: Viewer, run: TrialRun, activity: str, verdict: str, note: str,
          at: datetime) -> TrialCheck:  # fmt: skip
    """Say of one activity what was tried and seen."""
    _open(session, viewer, run)
    _refuse((POINT, activity in ACTIVITIES and verdict in VERDICTS), (NOTE, note.strip()))
    new = TrialCheck(run_id=run.id, activity=activity, verdict=verdict, note=_line(note), at=at, by_id=viewer.person_id)
    session.add(new)
    session.flush()
    return new


def find(session: Session, viewer: Viewer, run: TrialRun, element: str, severity: str, said: str, owner: str,
         due: date | None, at: datetime) -> TrialFinding:  # fmt: skip
    """Write down what was found, how heavy it is, who sees to it and by when."""
    _open(session, viewer, run)
    classed = element in {one.key for one in ELEMENTS} and severity in SEVERITIES
    _refuse((CLASS, classed), (SAID, said.strip()), (OWNER, owner.strip()), (DUE, due))
    new = TrialFinding(
        run_id=run.id, element=element, severity=severity, said=_line(said), owner=_line(owner), due=due, found_at=at,
        found_by_id=viewer.person_id,
    )  # fmt: skip
    session.add(new)
    session.flush()
    return new


def resolve(session: Session, viewer: Viewer, run: TrialRun, finding: TrialFinding, done: str, at: datetime) -> None:
    """Write down what was done about a finding."""
    _open(session, viewer, run)
    session.refresh(finding)  # somebody may have been just before
    if finding.resolved_at is not None:
        raise Refused(RESOLVED)
    _refuse((DONE, done.strip()))
    finding.resolved_at, finding.resolved_by_id, finding.resolution = at, viewer.person_id, _line(done)
    session.flush()


def world_wanted(session: Session, viewer: Viewer, run: TrialRun, most: int | None) -> int:
    """Of how many cases a practice world is made for this trial. Refused when it has one, or is of no municipality."""
    _open(session, viewer, run)
    if run.municipality_id is None:
        raise Refused(NO_PLACE)
    if run.world:
        raise Refused(HAS_WORLD)
    if most is None or not 1 <= most <= MOST_CASES:
        raise Refused(HOW_MANY)
    return most


def world_opened(session: Session, viewer: Viewer, run: TrialRun, code: str, at: datetime) -> None:
    """Write down in which practice world it is tried. Refused when somebody else opened one meanwhile."""
    _open(session, viewer, run)
    if run.world:
        raise Refused(HAS_WORLD)
    run.world = code
    write_down(session, author_of(viewer), at, "trial.world", run.title, municipality_id=run.municipality_id,
               new={"code": code})  # fmt: skip
    session.flush()


def accept(session: Session, viewer: Viewer, run: TrialRun, said: str, at: datetime) -> None:
    """Accept what was tried. Raises Refused while blocking findings are open, or something was not tried."""
    reach = viewer.municipalities(ACCEPTS) if viewer.has(ACCEPTS) else frozenset()
    if reach is not None and run.municipality_id not in reach:
        raise Refused(DIRECTOR)
    _open(session, viewer, run)
    verdicts = {activity: told[0].verdict for activity, told in checks(session, run).items()}
    lacking = gaps((one.severity for one in findings(session, run) if one.resolved_at is None), verdicts)
    if lacking or not said.strip():
        raise Refused(*lacking, *([] if said.strip() else [DECISION]))
    run.accepted_at, run.accepted_by_id, run.acceptance = at, viewer.person_id, _line(said)
    write_down(session, author_of(viewer), at, "trial.accepted", run.title, municipality_id=run.municipality_id,
               reason=run.acceptance)  # fmt: skip
    session.flush()
