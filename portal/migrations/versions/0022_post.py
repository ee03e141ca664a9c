"""Scans of post, and what waits of them"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "scan",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("pages", ID, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("refused", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scan"),
        sa.UniqueConstraint("sha256", name="uq_scan_sha256"),
    )
    op.create_table(
        "scan_part",
        sa.Column("id", ID, nullable=False),
        sa.Column("scan_id", ID, nullable=False),
        sa.Column("place", ID, nullable=False),
        sa.Column("first_page", ID, nullable=False),
        sa.Column("pages", ID, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("set_aside", sa.String(), nullable=False),
        sa.CheckConstraint("case_id IS NULL OR settled_at IS NOT NULL", name="ck_scan_part_tied_is_settled"),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name="fk_scan_part_scan_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_scan_part_case_id"),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name="fk_scan_part_settled_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scan_part"),
        sa.UniqueConstraint("scan_id", "place", name="uq_scan_part_scan_id_place"),
    )
    op.create_index("ix_scan_part_sha256", "scan_part", ["sha256"])
    op.create_index("ix_scan_part_case_id", "scan_part", ["case_id"])
    op.create_index("ix_scan_part_settled_by_id", "scan_part", ["settled_by_id"])
    waits = sa.text("settled_at IS NULL")
    op.create_index("ix_scan_part_waiting", "scan_part", ["id"], sqlite_where=waits, postgresql_where=waits)


def downgrade() -> None:
    op.drop_table("scan_part")
    op.drop_table("scan")
