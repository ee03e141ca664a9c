"""Saying what one thought of how a case was handled, and forgetting who said it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.models.cases import Case
from portal.models.satisfaction import Satisfaction
from portal.queries.satisfaction import question_about, said_of
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.satisfaction import REMARK_LIMIT, SCORES

NOT_ASKED = Refusal("satisfaction_not_asked", N_("A mark can be given to a request of your own, soon after its end."))
NO_SCORE = Refusal("satisfaction_score", N_("Choose a mark from 1 to 10."))
REMARK_LONG = Refusal("satisfaction_remark", N_("Your remark is too long: use 500 characters at most."))


def say(session: Session, viewer: Viewer, case: Case, score: int | None, remark: str, at: datetime) -> Satisfaction:
    """Give a case of one's own a mark, or change the one that was given. Raises Refused."""
    if question_about(session, viewer, case, at) is None:
        raise Refused(NOT_ASKED)
    wrong = [*([NO_SCORE] if score not in SCORES else ()), *([REMARK_LONG] if len(remark) > REMARK_LIMIT else ())]
    if score is None or wrong:
        raise Refused(*wrong)
    known = said_of(session, case.id)
    if known is None:
        known = Satisfaction(
            case_id=case.id, person_id=viewer.person_id, municipality_id=case.municipality_id, at=at
        )  # fmt: skip
        session.add(known)
    known.score, known.remark = score, remark.strip()
    session.flush()
    return known


def forget_whose(session: Session, cases: Collection[int]) -> None:
    """Keep the marks of cases that are destroyed, and nothing of who gave them."""
    session.execute(
        update(Satisfaction)
        .where(Satisfaction.case_id.in_(cases))
        .values(case_id=None, person_id=None, remark="")
        .execution_options(synchronize_session=False)
    )
