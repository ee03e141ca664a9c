"""Keep the lines of cases beside their content, to look them up by"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.searching import folded

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WITHOUT_RECEIPT = ("own_car", "home_working")
PAGE = 500


def upgrade() -> None:
    op.add_column("case", sa.Column("flags", JSON, nullable=False, server_default="[]"))
    table = op.create_table(
        "case_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("line_key", sa.String(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cents", ID, nullable=False),
        sa.Column("granted_cents", ID, nullable=False),
        sa.Column("days", ID, nullable=False),
        sa.Column("alike", sa.String(), nullable=True),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_line_case_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_case_line_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_line"),
        sa.UniqueConstraint("case_id", "line_key", name="uq_case_line_case_id_line_key"),
    )
    op.create_index("ix_case_line_person", "case_line", ["person_id", "day"])
    known = sa.text("alike IS NOT NULL")
    op.create_index("ix_case_line_alike", "case_line", ["alike"], sqlite_where=known, postgresql_where=known)
    for rows in _pages():
        if lines := [line for row in rows for line in _lines(row)]:
            op.bulk_insert(table, lines)


def _pages() -> Iterator[Any]:
    """The claims that were handed in, some hundreds at a time."""
    last, claims = 0, sa.text(
        'SELECT id, initiator_id, content FROM "case" '
        "WHERE type = 'expense_claim' AND number IS NOT NULL AND id > :last ORDER BY id LIMIT :page"
    )  # fmt: skip
    while rows := op.get_bind().execute(claims, {"last": last, "page": PAGE}).all():
        yield rows
        last = rows[-1].id


def _lines(row: Any) -> Iterator[dict[str, Any]]:
    content = json.loads(row.content) if isinstance(row.content, str) else row.content
    for line in (content or {}).get("lines", ()):
        words = f"{line['category']} {line['date']} {line['claimed_cents']} {line['description']}"
        yield {
            "case_id": row.id, "line_key": line["key"], "person_id": row.initiator_id, "category": line["category"],
            "day": date.fromisoformat(line["date"]), "cents": line["claimed_cents"],
            "granted_cents": line["sanctioned_cents"], "days": int(line.get("days", 1)),
            "alike": None if line["category"] in WITHOUT_RECEIPT else folded(words)[:300],
            "stands": not line.get("outcome"),
        }  # fmt: skip


def downgrade() -> None:
    op.drop_table("case_line")
    op.drop_column("case", "flags")
