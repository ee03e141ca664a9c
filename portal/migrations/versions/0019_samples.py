"""Draw samples by lot: the seed of each month, and what may be drawn with it"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sample_seed",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("chosen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_sample_seed_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sample_seed"),
        sa.UniqueConstraint("municipality_id", "month", name="uq_sample_seed_municipality_id_month"),
    )
    op.create_table(
        "sample_draw",
        sa.Column("id", ID, nullable=False),
        sa.Column("seed_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("threshold", ID, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=True),
        sa.Column("drawn", sa.Boolean(), nullable=True),
        sa.CheckConstraint("threshold BETWEEN 0 AND 10000", name="ck_sample_draw_threshold"),
        sa.CheckConstraint("(drawn_at IS NULL) = (drawn IS NULL)", name="ck_sample_draw_drawn_when"),
        sa.ForeignKeyConstraint(["seed_id"], ["sample_seed.id"], name="fk_sample_draw_seed_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_sample_draw_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sample_draw"),
        sa.UniqueConstraint("case_id", name="uq_sample_draw_case_id"),
        sa.UniqueConstraint("number", name="uq_sample_draw_number"),
    )
    op.create_index("ix_sample_draw_seed_id", "sample_draw", ["seed_id"])
    waiting = sa.text("drawn IS NULL")
    op.create_index(
        "ix_sample_draw_waiting", "sample_draw", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )


def downgrade() -> None:
    op.drop_table("sample_draw")
    op.drop_table("sample_seed")
