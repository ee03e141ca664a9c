"""Keep on which days of the week somebody works for how long"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "employment_pattern",
        sa.Column("id", ID, nullable=False),
        sa.Column("employment_id", ID, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("weeks", ID, nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("weeks IN (1, 2)", name="ck_employment_pattern_weeks"),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name="fk_employment_pattern_employment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_employment_pattern"),
        sa.UniqueConstraint("employment_id", "valid_from", name="uq_employment_pattern_employment_id_valid_from"),
    )
    op.create_table(
        "employment_pattern_day",
        sa.Column("pattern_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", ID, autoincrement=False, nullable=False),
        sa.Column("minutes", ID, nullable=False),
        sa.CheckConstraint("day BETWEEN 0 AND 13", name="ck_employment_pattern_day_day"),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name="ck_employment_pattern_day_minutes"),
        sa.ForeignKeyConstraint(
            ["pattern_id"], ["employment_pattern.id"], name="fk_employment_pattern_day_pattern_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pattern_id", "day", name="pk_employment_pattern_day"),
    )


def downgrade() -> None:
    op.drop_table("employment_pattern_day")
    op.drop_table("employment_pattern")
