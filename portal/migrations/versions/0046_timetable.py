"""Keep when each job last looked, how far a run is, and how often a moment was tried"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "job_look",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", ID, nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("job", name="pk_job_look"),
    )
    op.add_column("job_run", sa.Column("tries", ID, nullable=False, server_default="1"))
    op.add_column("job_run", sa.Column("done", ID, nullable=False, server_default="0"))
    op.add_column("job_run", sa.Column("of", ID, nullable=False, server_default="0"))
    op.add_column("job_run", sa.Column("alive_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job_run", sa.Column("milliseconds", ID, nullable=True))
    op.create_index(
        "ix_job_run_unfinished", "job_run", ["id"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
    )


def downgrade() -> None:
    op.drop_index("ix_job_run_unfinished", "job_run")
    for column in ("milliseconds", "alive_at", "of", "done", "tries"):
        op.drop_column("job_run", column)
    op.drop_table("job_look")
