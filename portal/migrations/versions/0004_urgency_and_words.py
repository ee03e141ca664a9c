"""Keep how urgent a case is and what it is searched by, and put both in the index of the queue"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f'ALTER TABLE "case" ADD COLUMN act_by {moment}')
    op.execute('ALTER TABLE "case" ADD COLUMN words VARCHAR NOT NULL DEFAULT \'\'')
    # As good as it can be told without calendar and declarations; with its next step a case gets its own.
    op.execute(
        'UPDATE "case" SET act_by = step_due, words = (SELECT substr(lower(coalesce("case".number, \'\') || \' \' || '
        "\"case\".title || ' ' || given_name || ' ' || family_name), 1, 300) FROM person "
        'WHERE person.id = "case".initiator_id) WHERE closed_at IS NULL'
    )
    op.drop_index("ix_case_queue", "case")
    op.create_index(
        "ix_case_queue",
        "case",
        ["waits_for", "act_by", "id", "municipality_id", "type", "assignee_id", "step_due", "received_at", "words"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.drop_index("ix_case_assigned", "case")
    op.create_index("ix_case_assigned", "case", ["assignee_id", "waits_for", "act_by", "id"])


def downgrade() -> None:
    op.drop_index("ix_case_assigned", "case")
    op.create_index("ix_case_assigned", "case", ["assignee_id", "waits_for", "step_due", "id"])
    op.drop_index("ix_case_queue", "case")
    op.create_index(
        "ix_case_queue", "case", ["waits_for", "step_due", "id"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    with op.batch_alter_table("case") as case:
        case.drop_column("act_by")
        case.drop_column("words")
