"""Keep the chart of accounts of each municipality"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "chart_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False)
          for name in ("kind", "code", "label", "side", "category", "account", "task", "vat")),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_chart_entry_period"),
        sa.CheckConstraint("kind IN ('account', 'cost_centre', 'task', 'posting')", name="ck_chart_entry_kind"),
        sa.CheckConstraint("(kind = 'account') = (side <> '')", name="ck_chart_entry_side"),
        sa.CheckConstraint("(kind = 'posting') = (account <> '')", name="ck_chart_entry_account"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_chart_entry_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_chart_entry"),
        sa.UniqueConstraint("municipality_id", "kind", "code", "valid_from",
                            name="uq_chart_entry_municipality_id_kind_code_valid_from"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("chart_entry")
