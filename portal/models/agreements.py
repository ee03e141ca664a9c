"""Agreements between a municipality and the SSC, version by version, each signed by both sides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality, Person

SIGNED = "ssc_signed_at IS NOT NULL AND municipality_signed_at IS NOT NULL"


class Agreement(Base):
    """One version of a DVO, DFA or DAP of a municipality; a draft until both sides signed it.

    `content` is what was agreed, as in `workflows/agreements.py`; `digest` is of all that is signed. Triggers keep what
    both signed as it is, but for its last day, and let no content change under a signature. `valid_to` is the day that
    was agreed, or that before the next version begins. A DFA belongs to the DVO in
    `dvo_id`. `revision` counts the changes of a draft.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("municipality_id", "kind", "number"),
        CheckConstraint("kind IN ('dvo', 'dfa', 'dap')", name="kind"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("(kind = 'dfa') = (dvo_id IS NOT NULL)", name="dfa_of_dvo"),
        CheckConstraint("kind <> 'dfa' OR valid_to IS NOT NULL", name="dfa_of_year"),
        CheckConstraint("(ssc_signed_at IS NULL) = (ssc_signed_by_id IS NULL)", name="ssc_signed"),
        CheckConstraint("(municipality_signed_at IS NULL) = (municipality_signed_by_id IS NULL)",
                        name="municipality_signed"),
        CheckConstraint("ssc_signed_by_id <> municipality_signed_by_id", name="two_signers"),
        Index("uq_agreement_draft", "municipality_id", "kind", unique=True, sqlite_where=text(f"NOT ({SIGNED})"),
              postgresql_where=text(f"NOT ({SIGNED})")),
        Index("ix_agreement_holds", "municipality_id", "kind", "valid_from"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[str]
    number: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str]
    revision: Mapped[int] = mapped_column()
    dvo_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    """The version of which it is a copy, then changed."""
    drafted_at: Mapped[datetime]
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    ssc_signed_at: Mapped[datetime | None]
    ssc_signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    municipality_signed_at: Mapped[datetime | None]
    municipality_signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    municipality: Mapped[Municipality] = refers(municipality_id)
    drafted_by: Mapped[Person] = refers(drafted_by_id)
    ssc_signed_by: Mapped[Person | None] = refers(ssc_signed_by_id)
    municipality_signed_by: Mapped[Person | None] = refers(municipality_signed_by_id)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's own name and shape

    @property
    def signed(self) -> bool:
        """Whether both sides signed it."""
        return self.ssc_signed_at is not None and self.municipality_signed_at is not None
