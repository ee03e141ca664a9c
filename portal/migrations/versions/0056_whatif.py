"""Keep what-if questions, and the process as it was measured for them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
WAITING = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "whatif_model",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases", ID, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("model", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_whatif_model"),
        sa.UniqueConstraint("scope", "sha256", name="uq_whatif_model_scope_sha256"),
    )
    op.create_index("ix_whatif_model_scope", "whatif_model", ["scope", "id"])
    op.create_table(
        "whatif_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("scenarios", JSON, nullable=False),
        sa.Column("begins", sa.String(), nullable=False),
        sa.Column("seed", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("model_id", ID, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", ID, nullable=False),
        sa.Column("of", ID, nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("result", JSON, nullable=True),
        sa.CheckConstraint("kind IN ('question', 'trust')", name="ck_whatif_run_kind"),
        sa.CheckConstraint("begins IN ('design', 'forecast')", name="ck_whatif_run_begins"),
        sa.CheckConstraint("result IS NULL OR finished_at IS NOT NULL", name="ck_whatif_run_finished"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name="fk_whatif_run_asked_by_id"),
        sa.ForeignKeyConstraint(["model_id"], ["whatif_model.id"], name="fk_whatif_run_model_id"),
        sa.PrimaryKeyConstraint("id", name="pk_whatif_run"),
    )
    op.create_index("ix_whatif_run_asked_by_id", "whatif_run", ["asked_by_id"])
    op.create_index("ix_whatif_run_key", "whatif_run", ["key"])
    op.create_index("ix_whatif_run_model_id", "whatif_run", ["model_id"])
    op.create_index("ix_whatif_run_scope", "whatif_run", ["scope", "kind", "id"])
    op.create_index(
        "ix_whatif_run_waiting", "whatif_run", ["id"], sqlite_where=WAITING, postgresql_where=WAITING
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("whatif_run")
    op.drop_table("whatif_model")
