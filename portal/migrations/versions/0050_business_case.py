"""Keep the business case of each municipality, in versions"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "business_case_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("current_cents", ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("current_cents >= 0", name="ck_business_case_version_current"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_business_case_version_entered_by_id"),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_business_case_version_municipality_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_business_case_version"),
        sa.UniqueConstraint("municipality_id", "version", name="uq_business_case_version_municipality_id_version"),
    )
    op.create_index("ix_business_case_version_entered_by_id", "business_case_version", ["entered_by_id"])
    op.create_table(
        "business_case_year",
        sa.Column("version_id", ID, nullable=False),
        sa.Column("year", ID, autoincrement=False, nullable=False),
        sa.Column("running_cents", ID, nullable=False),
        sa.Column("investment_cents", ID, nullable=False),
        sa.CheckConstraint("running_cents >= 0 AND investment_cents >= 0", name="ck_business_case_year_costs"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["business_case_version.id"], name="fk_business_case_year_version_id"
        ),
        sa.PrimaryKeyConstraint("version_id", "year", name="pk_business_case_year"),
    )


def downgrade() -> None:
    op.drop_table("business_case_year")
    op.drop_table("business_case_version")
