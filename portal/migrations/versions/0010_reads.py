"""Record who reads a dossier"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dossier_read",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("capacity", sa.String(), nullable=False),
        sa.Column("own_work", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_dossier_read_case_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_dossier_read_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_dossier_read"),
        sa.UniqueConstraint("case_id", "person_id", "day", name="uq_dossier_read_case_id_person_id_day"),
    )
    op.create_index("ix_dossier_read_person_id", "dossier_read", ["person_id"])
    outside = sa.text("NOT own_work")
    op.create_index("ix_dossier_read_outside", "dossier_read", ["id"], sqlite_where=outside, postgresql_where=outside)


def downgrade() -> None:
    op.drop_table("dossier_read")
