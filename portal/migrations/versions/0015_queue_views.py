"""Keep views of the queue"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "queue_view",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("wanted", JSON, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_queue_view_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_queue_view"),
        sa.UniqueConstraint("owner_id", "name", name="uq_queue_view_owner_id_name"),
    )
    op.create_index("ix_queue_view_shared", "queue_view", ["shared"])
    op.create_table(
        "first_view",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("view_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_first_view_person_id"),
        sa.ForeignKeyConstraint(["view_id"], ["queue_view.id"], name="fk_first_view_view_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_first_view"),
    )
    op.create_index("ix_first_view_view_id", "first_view", ["view_id"])


def downgrade() -> None:
    op.drop_table("first_view")
    op.drop_table("queue_view")
