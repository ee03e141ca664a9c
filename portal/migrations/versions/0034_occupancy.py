"""Keep how many people of a unit should be there"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "minimum_occupancy",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("job_title", sa.String(), nullable=False),
        sa.Column("people", ID, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("people BETWEEN 0 AND 999", name="ck_minimum_occupancy_people"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_minimum_occupancy_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_minimum_occupancy"),
        sa.UniqueConstraint(
            "unit_id", "job_title", "valid_from", name="uq_minimum_occupancy_unit_id_job_title_valid_from"
        ),
    )


def downgrade() -> None:
    op.drop_table("minimum_occupancy")
