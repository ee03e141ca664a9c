"""Remember on what lines were coded, to suggest it again"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "coded_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("line_key", sa.String(), nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("supplier_id", ID, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("alike", "account", "cost_centre", "task")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_coded_line_case_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_coded_line_municipality_id"),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name="fk_coded_line_supplier_id"),
        sa.PrimaryKeyConstraint("id", name="pk_coded_line"),
        sa.UniqueConstraint("case_id", "line_key", name="uq_coded_line_case_id_line_key"),
    )
    op.create_index("ix_coded_line_municipality_id", "coded_line", ["municipality_id"])
    op.create_index("ix_coded_line_supplier", "coded_line", ["supplier_id", "municipality_id", "id"])


def downgrade() -> None:
    op.drop_table("coded_line")
