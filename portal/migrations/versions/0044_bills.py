"""Keep by what invoices are held against each other"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "case_bill",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("supplier_id", ID, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=True),
        sa.Column("cents", ID, nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("credit", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_bill_case_id"),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name="fk_case_bill_supplier_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_bill"),
        sa.UniqueConstraint("case_id", name="uq_case_bill_case_id"),
    )
    op.create_index("ix_case_bill_number", "case_bill", ["number", "id"])
    op.create_index("ix_case_bill_cents", "case_bill", ["cents", "issued"])
    op.create_index("ix_case_bill_supplier_id", "case_bill", ["supplier_id"])
    op.create_index("ix_case_line_day", "case_line", ["day", "cents"])



def downgrade() -> None:
    op.drop_index("ix_case_line_day", "case_line")
    op.drop_table("case_bill")

