"""Let people name who may fill in for them"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "preparer_consent",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("preparer_id", ID, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("person_id <> preparer_id", name="ck_preparer_consent_other"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_preparer_consent_period"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_preparer_consent_person_id"),
        sa.ForeignKeyConstraint(["preparer_id"], ["person.id"], name="fk_preparer_consent_preparer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_preparer_consent"),
    )
    for column in ("person_id", "preparer_id"):
        op.create_index(f"ix_preparer_consent_{column}", "preparer_consent", [column])


def downgrade() -> None:
    op.drop_table("preparer_consent")
