"""Count statements in place of a receipt"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "receipt_statement",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("line_key", sa.String(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_receipt_statement_case_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_receipt_statement_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_receipt_statement"),
        sa.UniqueConstraint("case_id", "line_key", name="uq_receipt_statement_case_id_line_key"),
    )
    op.create_index("ix_receipt_statement_person_id", "receipt_statement", ["person_id", "day"])


def downgrade() -> None:
    op.drop_table("receipt_statement")
