"""Settlements as they are looked at: each quarter with its revisions, the invoices, and who may see whose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.models.cases import Case
from portal.models.costs import FINAL, QuarterInvoice, QuarterSettlement
from portal.models.people import Municipality
from portal.queries.costs import basis_of
from workflows.settlement import by_way, figures

DISPUTE = "settlement_dispute"
WITH_PEOPLE = (joinedload(QuarterSettlement.prepared_by), joinedload(QuarterSettlement.final_by))


def revisions(session: Session, quarter: str, *, final: bool = False) -> Sequence[QuarterSettlement]:
    """The settlement of a quarter and what restated it, the first first; only what is final where that is asked."""
    query = select(QuarterSettlement).where(QuarterSettlement.quarter == quarter).options(*WITH_PEOPLE)
    if final:
        query = query.where(QuarterSettlement.state == FINAL)
    return session.scalars(query.order_by(QuarterSettlement.revision)).all()


def all_settlements(session: Session) -> Sequence[QuarterSettlement]:
    """Every settlement, the last quarter first, and of each the last revision first."""
    query = select(QuarterSettlement).options(*WITH_PEOPLE)
    return session.scalars(query.order_by(QuarterSettlement.quarter.desc(), QuarterSettlement.revision.desc())).all()


def last_final(session: Session, quarter: str) -> QuarterSettlement | None:
    """What holds of a quarter now."""
    return session.scalars(
        select(QuarterSettlement)
        .where(QuarterSettlement.quarter == quarter, QuarterSettlement.state == FINAL)
        .order_by(QuarterSettlement.revision.desc())
        .limit(1)
    ).first()


def running(session: Session, quarter: str) -> QuarterSettlement | None:
    """What of a quarter is being made and not final yet."""
    return session.scalars(
        select(QuarterSettlement).where(QuarterSettlement.quarter == quarter, QuarterSettlement.state != FINAL)
    ).first()


def statement(
    session: Session, quarter: str, variant: str, key: str
) -> tuple[QuarterSettlement | None, dict[str, Any]]:
    """A quarter by one way: on what was settled where it was, else on what is there now. Raises Refused.

    What is being made goes before what is final, as on the pages of who makes it.
    """
    held = running(session, quarter) or last_final(session, quarter)
    if held is None:
        return None, figures(basis_of(session, quarter), variant, key)
    return held, dict(by_way(held.figures, variant, key))


def invoices_of(session: Session, quarter: str, places: Collection[int] | None) -> Sequence[QuarterInvoice]:
    """The invoices and credit notes of a quarter, within these municipalities; None is all."""
    query = (
        select(QuarterInvoice)
        .join(QuarterSettlement)
        .where(QuarterSettlement.quarter == quarter)
        .options(joinedload(QuarterInvoice.municipality), joinedload(QuarterInvoice.settlement))
        .order_by(QuarterInvoice.id)
    )
    if places is not None:
        query = query.where(QuarterInvoice.municipality_id.in_(places))
    return session.scalars(query).all()


def invoice_within(session: Session, number: str, places: Collection[int] | None) -> QuarterInvoice | None:
    """An invoice by its number, where it is of one of these municipalities."""
    query = (
        select(QuarterInvoice).where(QuarterInvoice.number == number).options(joinedload(QuarterInvoice.municipality))
    )
    if places is not None:
        query = query.where(QuarterInvoice.municipality_id.in_(places))
    return session.scalars(query).first()


def disputes_of(session: Session, municipality_id: int) -> Sequence[Case]:
    """Every dispute of a line by a municipality, drafts too, the last first."""
    query = select(Case).where(Case.type == DISPUTE, Case.municipality_id == municipality_id)
    return session.scalars(query.order_by(Case.id.desc())).all()


def places_within(session: Session, places: Collection[int] | None) -> Sequence[Municipality]:
    """These municipalities by code; None is all."""
    query = select(Municipality).order_by(Municipality.code)
    return session.scalars(query if places is None else query.where(Municipality.id.in_(places))).all()
