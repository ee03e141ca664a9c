"""Files with people that were handed in to be taken in"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "people_import",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("handed_in_at", MOMENT, nullable=False),
        sa.Column("handed_in_by_id", ID, nullable=False),
        sa.Column("taken_in_at", MOMENT, nullable=True),
        sa.Column("taken_in_by_id", ID, nullable=True),
        sa.Column("added", ID, nullable=False),
        sa.Column("changed", ID, nullable=False),
        sa.Column("ended", ID, nullable=False),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_people_import_municipality_id"),
        sa.ForeignKeyConstraint(["handed_in_by_id"], ["person.id"], name="fk_people_import_handed_in_by_id"),
        sa.ForeignKeyConstraint(["taken_in_by_id"], ["person.id"], name="fk_people_import_taken_in_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people_import"),
    )
    for column in ("municipality_id", "handed_in_by_id", "taken_in_by_id"):
        op.create_index(f"ix_people_import_{column}", "people_import", [column])


def downgrade() -> None:
    op.drop_table("people_import")
