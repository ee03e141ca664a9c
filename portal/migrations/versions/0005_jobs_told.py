"""Keep what a run of a job did as codes with values, for people to read in their own language"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("job_run", sa.Column("told", JSON, nullable=False, server_default="[]"))
    op.drop_column("job_run", "summary")


def downgrade() -> None:
    op.add_column("job_run", sa.Column("summary", sa.String(), nullable=False, server_default=""))
    op.drop_column("job_run", "told")
