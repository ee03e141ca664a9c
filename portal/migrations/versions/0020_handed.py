"""Keep with a case how it went from hand to hand in the SSC"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("case", sa.Column("handed", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("case") as case:
        case.drop_column("handed")
