"""Keep goals, what was really spent, and evaluations"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("municipality_id", ID, nullable=True),
        sa.Column("year", ID, nullable=False),
        sa.Column("edition", ID, nullable=False),
        sa.Column("conclusion", sa.String(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("concluded_by_id", ID, nullable=False),
        sa.Column("concluded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["concluded_by_id"], ["person.id"], name="fk_evaluation_concluded_by_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_evaluation_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation"),
        sa.UniqueConstraint("scope", "year", "edition", name="uq_evaluation_scope_year_edition"),
    )
    op.create_index("ix_evaluation_municipality_id", "evaluation", ["municipality_id"])
    op.create_index("ix_evaluation_concluded_by_id", "evaluation", ["concluded_by_id"])
    op.create_table(
        "goal",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=True),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("aimed", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("realistic", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("monitoring", sa.String(), nullable=False),
        sa.Column("set_by_id", ID, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by_id", ID, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="ck_goal_withdrawn"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_goal_municipality_id"),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name="fk_goal_set_by_id"),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name="fk_goal_withdrawn_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_goal"),
    )
    for column in ("municipality_id", "set_by_id", "withdrawn_by_id"):
        op.create_index(f"ix_goal_{column}", "goal", [column])
    op.create_table(
        "real_cost",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("year", ID, nullable=False),
        sa.Column("running_cents", ID, nullable=False),
        sa.Column("investment_cents", ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.CheckConstraint("running_cents >= 0 AND investment_cents >= 0", name="ck_real_cost_costs"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_real_cost_entered_by_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_real_cost_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_real_cost"),
    )
    op.create_index("ix_real_cost_municipality_id", "real_cost", ["municipality_id", "year", "id"])
    op.create_index("ix_real_cost_entered_by_id", "real_cost", ["entered_by_id"])


def downgrade() -> None:
    op.drop_table("real_cost")
    op.drop_table("goal")
    op.drop_table("evaluation")
