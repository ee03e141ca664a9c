"""Give a day of leave back once"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_leave_entry_given_back", ["case_id", "day", "part", "lot_id"], "what = 'give_back'"),
    ("ix_leave_entry_counted_back", ["case_id", "day", "part"], "what = 'give_back' AND lot_id IS NULL"),
)


def upgrade() -> None:
    for name, columns, where in INDEXES:
        only = sa.text(where)
        op.create_index(name, "leave_entry", columns, unique=True, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for name, _, _ in reversed(INDEXES):
        op.drop_index(name, "leave_entry")
