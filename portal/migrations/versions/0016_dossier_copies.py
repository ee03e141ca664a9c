"""Record who takes a copy of a dossier"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dossier_read", sa.Column("copied_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("dossier_read", sa.Column("copied_as", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("dossier_read", "copied_as")
    op.drop_column("dossier_read", "copied_at")
