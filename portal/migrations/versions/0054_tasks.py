"""Keep who does which process for a municipality"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "task_division",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("doer", sa.String(), nullable=False),
        sa.Column("services", JSON, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_task_division_period"),
        sa.CheckConstraint("doer IN ('municipality', 'ssc', 'shared')", name="ck_task_division_doer"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_task_division_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_task_division"),
        sa.UniqueConstraint("municipality_id", "task", "valid_from",
                            name="uq_task_division_municipality_id_task_valid_from"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("task_division")
