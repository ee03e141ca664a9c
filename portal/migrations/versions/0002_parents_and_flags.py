"""Let a case follow from another, and be flagged"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # In words of SQL: SQLite adds a column with its reference only so, without copying the table.
    whole = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f'ALTER TABLE "case" ADD COLUMN parent_id {whole} CONSTRAINT fk_case_parent_id REFERENCES "case" (id)'
    )
    op.create_index("ix_case_parent_id", "case", ["parent_id"])
    op.create_table(
        "case_flag",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("line_key", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("settled_as", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_flag_case_id"),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name="fk_case_flag_settled_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_flag"),
        sa.UniqueConstraint("case_id", "line_key", "code", "about", name="uq_case_flag_case_id_line_key_code_about"),
    )
    op.create_index("ix_case_flag_code", "case_flag", ["code"])
    op.create_index("ix_case_flag_settled_by_id", "case_flag", ["settled_by_id"])


def downgrade() -> None:
    op.drop_table("case_flag")
    op.drop_index("ix_case_parent_id", "case")
    with op.batch_alter_table("case") as case:
        case.drop_column("parent_id")
