"""Put contacts that belong to no case on the lists of what is destroyed"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "destruction_contact",
        sa.Column("id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=True),
        sa.Column("kept_by_id", ID, nullable=True),
        sa.Column("kept_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["destruction_list.id"], name="fk_destruction_contact_list_id"),
        sa.ForeignKeyConstraint(["kept_by_id"], ["person.id"], name="fk_destruction_contact_kept_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_destruction_contact"),
        sa.UniqueConstraint("list_id", "contact_id", name="uq_destruction_contact_list_id_contact_id"),
    )
    for column in ("contact_id", "kept_by_id"):
        op.create_index(f"ix_destruction_contact_{column}", "destruction_contact", [column])


def downgrade() -> None:
    op.drop_table("destruction_contact")
