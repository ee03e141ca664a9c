"""Keep a catalogue of services with terms and prices"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def _dated(table: str, *columns: sa.Column[Any], checks: tuple[sa.CheckConstraint, ...] = ()) -> None:
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("service_id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=True),
        *columns,
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=f"ck_{table}_period"),
        *checks,
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=f"fk_{table}_service_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name=f"fk_{table}_municipality_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("service_id", "municipality_id", "valid_from", name=f"uq_{table}_service_id_municipality_id_valid_from"),
    )
    op.create_index(f"ix_{table}_municipality_id", table, ["municipality_id"])
    common = sa.text("municipality_id IS NULL")
    op.create_index(f"uq_{table}_for_all", table, ["service_id", "valid_from"], unique=True, sqlite_where=common,
                    postgresql_where=common)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "service",
        sa.Column("id", ID, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "name", "name_en", "unit", "delivered_by")),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_service_period"),
        sa.CheckConstraint("unit IN ('case', 'employee', 'month')", name="ck_service_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
        sa.UniqueConstraint("key", name="uq_service_key"),
    )
    _dated(
        "service_terms",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("description", "description_en", "rules",
                                                                    "rules_en")),
        sa.Column("norms", JSON, nullable=False),
    )  # fmt: skip
    _dated(
        "service_price", sa.Column("cents", ID, nullable=False),
        checks=(sa.CheckConstraint("cents >= 0", name="ck_service_price_not_negative"),),
    )  # fmt: skip


def downgrade() -> None:
    for table in ("service_price", "service_terms", "service"):
        op.drop_table(table)
