"""Bind mandates to cost centres, and designate who decides for those at the top"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mandate") as mandate:
        mandate.add_column(sa.Column("cost_centres", sa.String(), nullable=False, server_default=""))
        mandate.add_column(sa.Column("designated", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("mandate") as mandate:
        mandate.drop_column("designated")
        mandate.drop_column("cost_centres")
