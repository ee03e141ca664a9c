"""Keep what people thought of how a case of theirs was handled"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "satisfaction",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("score", ID, nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 10", name="ck_satisfaction_score"),
        sa.CheckConstraint(
            "case_id IS NOT NULL OR (person_id IS NULL AND remark = '')", name="ck_satisfaction_whose"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_satisfaction_case_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_satisfaction_municipality_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_satisfaction_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_satisfaction"),
        sa.UniqueConstraint("case_id", name="uq_satisfaction_case_id"),
    )
    op.create_index("ix_satisfaction_person_id", "satisfaction", ["person_id"])
    op.create_index("ix_satisfaction_municipality_id", "satisfaction", ["municipality_id", "at"])


def downgrade() -> None:
    op.drop_table("satisfaction")
