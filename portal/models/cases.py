"""Cases: their current state, the number series, and the documents in their dossier. Events are in `events.py`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Employment, Municipality, Person


class Case(Base):
    """One case. `state` is written only together with its event; `version` guards against two people at once.

    `content` is what was last submitted, `draft` what is being typed (raw form fields), `ticks` the checklist with
    who and when, `bound` what an approval was given for, `trail` the steps taken with their persons,
    `parent_id` the case from which this one followed. `act_by` is from when a norm is in danger (see
    `workflows/urgency.py`), `words` what the queue is searched by; both are written with each step.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("initiator_id", "client_key"),
        CheckConstraint("sanctioned_cents <= claimed_cents", name="sanctioned"),
        CheckConstraint("sanctioned_cents >= 0", name="not_negative"),
        # All that the queue is filtered by: a search passes over thousands of cases without opening one.
        Index("ix_case_queue", "waits_for", "act_by", "id", "municipality_id", "type", "assignee_id", "step_due",
              "received_at", "words", sqlite_where=text("closed_at IS NULL"),
              postgresql_where=text("closed_at IS NULL")),
        Index("ix_case_mine", "initiator_id", "id"),
        Index("ix_case_asked", "approver_id", "waits_for", "step_due", "id"),
        Index("ix_case_assigned", "assignee_id", "waits_for", "act_by", "id"),
        Index("ix_case_state", "type", "state", "id"),
        Index("ix_case_destroy_on", "destroy_on", sqlite_where=text("destroy_on IS NOT NULL"),
              postgresql_where=text("destroy_on IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    number: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str]
    version: Mapped[int] = mapped_column()
    waits_for: Mapped[str]
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    employment_id: Mapped[int] = mapped_column(ForeignKey("employment.id"), index=True)
    initiator_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    preparer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    assigned_at: Mapped[datetime | None]
    title: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    claimed_cents: Mapped[int] = mapped_column(default=0)
    sanctioned_cents: Mapped[int] = mapped_column(default=0)
    cost_centre: Mapped[str] = mapped_column(default="")
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    draft: Mapped[dict[str, Any] | None]
    drafted_at: Mapped[datetime | None]
    ticks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    bound: Mapped[dict[str, Any] | None]
    trail: Mapped[list[Any]] = mapped_column(default=list)
    flags: Mapped[list[Any]] = mapped_column(default=list)
    """What `CaseFlag` holds of this case, as its rules and its pages read it."""
    client_key: Mapped[str]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    state_since: Mapped[datetime]
    step_due: Mapped[datetime | None]
    act_by: Mapped[datetime | None]
    target_due: Mapped[datetime | None]
    legal_due: Mapped[datetime | None]
    handed: Mapped[list[Any]] = mapped_column(default=list)
    """How it went from hand to hand in the SSC: when, by whom, to whom (nobody: back to the queue) and why."""
    suspended_since: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    result: Mapped[str | None]
    destroy_on: Mapped[date | None]
    """From when a closed case may be destroyed; its result says so."""

    municipality: Mapped[Municipality] = refers()
    employment: Mapped[Employment] = refers()
    initiator: Mapped[Person] = refers(initiator_id)
    preparer: Mapped[Person | None] = refers(preparer_id)
    approver: Mapped[Person | None] = refers(approver_id)
    assignee: Mapped[Person | None] = refers(assignee_id)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name and shape


class CaseFlag(Base):
    """What whoever judges a case must see about it or one of its lines: a possible duplicate, a cut, a late day.

    `values` fill the sentence of this code. A flag that asks for a decision is open until somebody settles it.
    """

    __tablename__ = "case_flag"
    __table_args__ = (UniqueConstraint("case_id", "line_key", "code", "about"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    line_key: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(index=True)
    about: Mapped[str] = mapped_column(default="")
    """What the flag points at, such as the number of another case; one flag for each."""
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asks: Mapped[bool] = mapped_column(default=False)
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    settled_as: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


LATER = "later"
"""The kind of a document that was added after its case was closed."""


class NumberSeries(Base):
    """The last case number given out, per prefix and year. Numbers follow each other without gaps."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Document(Base):
    """A document of a case: evidence, so once submitted it is added to and never replaced.

    The content lies outside the database under `sha256`; `thumb_sha256` is a small picture of it.
    `line_key` ties it to a line of the case, `frozen_at` is when it became part of what was submitted.
    """

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    line_key: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="receipt")
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    original_sha256: Mapped[str] = mapped_column(index=True)
    thumb_sha256: Mapped[str | None]
    pages: Mapped[int] = mapped_column(default=1)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
