"""Count what is agreed, and keep what was published"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "indicator_fact",
        sa.Column("id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("nth", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("amount", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_indicator_fact"),
    )
    op.create_index("ix_indicator_fact_judged", "indicator_fact", ["version_id", "municipality_id", "judged_at", "id"])
    op.create_index(
        "ix_indicator_fact_open",
        "indicator_fact",
        ["due_at", "version_id"],
        sqlite_where=sa.text("outcome = ''"),
        postgresql_where=sa.text("outcome = ''"),
    )
    op.create_index("ix_indicator_fact_subject", "indicator_fact", ["subject_id", "kind"])
    op.create_table(
        "indicator_mark",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("score_id", ID, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_days", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_indicator_mark"),
    )
    op.create_table(
        "indicator_month",
        sa.Column("version_id", ID, autoincrement=False, nullable=False),
        sa.Column("municipality_id", ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("count", ID, nullable=False),
        sa.Column("amount", ID, nullable=False),
        sa.PrimaryKeyConstraint("version_id", "municipality_id", "month", "outcome", name="pk_indicator_month"),
    )
    op.create_table(
        "indicator_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name="fk_indicator_version_made_by_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_indicator_version_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_indicator_version"),
        sa.UniqueConstraint(
            "key", "version", "municipality_id", name="uq_indicator_version_key_version_municipality_id"
        ),
    )
    op.create_index("ix_indicator_version_made_by_id", "indicator_version", ["made_by_id"])
    op.create_index("ix_indicator_version_municipality_id", "indicator_version", ["municipality_id"])
    op.create_table(
        "report",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("municipality_id", ID, nullable=True),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("edition", ID, nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_report_by_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_report_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("scope", "period", "edition", name="uq_report_scope_period_edition"),
    )
    op.create_index("ix_report_by_id", "report", ["by_id"])
    op.create_index("ix_report_municipality_id", "report", ["municipality_id"])


def downgrade() -> None:
    op.drop_index("ix_report_municipality_id", table_name="report")
    op.drop_index("ix_report_by_id", table_name="report")
    op.drop_table("report")
    op.drop_index("ix_indicator_version_municipality_id", table_name="indicator_version")
    op.drop_index("ix_indicator_version_made_by_id", table_name="indicator_version")
    op.drop_table("indicator_version")
    op.drop_table("indicator_month")
    op.drop_table("indicator_mark")
    op.drop_index("ix_indicator_fact_subject", table_name="indicator_fact")
    op.drop_index(
        "ix_indicator_fact_open",
        table_name="indicator_fact",
        sqlite_where=sa.text("outcome = ''"),
        postgresql_where=sa.text("outcome = ''"),
    )
    op.drop_index("ix_indicator_fact_judged", table_name="indicator_fact")
    op.drop_table("indicator_fact")
