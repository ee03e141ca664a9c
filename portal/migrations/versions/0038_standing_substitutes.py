"""Let people name who decides for them whenever they are on leave"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "standing_substitute",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("substitute_id", ID, nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("person_id <> substitute_id", name="ck_standing_substitute_other"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_standing_substitute_person_id"),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name="fk_standing_substitute_substitute_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standing_substitute"),
        sa.UniqueConstraint("person_id", name="uq_standing_substitute_person_id"),
    )
    op.create_index("ix_standing_substitute_substitute_id", "standing_substitute", ["substitute_id"])
    with op.batch_alter_table("substitution") as table:
        table.add_column(sa.Column("from_leave", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("substitution") as table:
        table.alter_column("from_leave", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("substitution") as table:
        table.drop_column("from_leave")
    op.drop_table("standing_substitute")
