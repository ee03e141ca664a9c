"""Post: scans that were taken in from the folder, and their parts, each of one case or waiting for a clerk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.cases import Case
from portal.models.people import Person


class Scan(Base):
    """A file from the folder of scans, taken in once. The file itself is not kept here, only its parts are.

    `refused` is the code why it was not even opened.
    """

    __tablename__ = "scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    pages: Mapped[int]
    taken_at: Mapped[datetime]
    refused: Mapped[str] = mapped_column(default="")


class ScanPart(Base):
    """Pages that belong together: those behind one cover sheet, without that sheet.

    `why` is the code why they wait for a clerk; empty when the code on the sheet led to `case_id` at once. A part is
    settled when it is with a case or was set aside. `sha256` is empty when there are no pages to show.
    """

    __tablename__ = "scan_part"
    __table_args__ = (
        UniqueConstraint("scan_id", "place"),
        CheckConstraint("case_id IS NULL OR settled_at IS NOT NULL", name="tied_is_settled"),
        Index("ix_scan_part_waiting", "id", sqlite_where=text("settled_at IS NULL"),
              postgresql_where=text("settled_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    place: Mapped[int]
    first_page: Mapped[int]
    pages: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    why: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    """The case number on the cover sheet, as far as it can be believed."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    set_aside: Mapped[str] = mapped_column(default="")

    scan: Mapped[Scan] = refers(scan_id)
    case: Mapped[Case | None] = refers(case_id)
    settled_by: Mapped[Person | None] = refers(settled_by_id)
