"""Find complaints without going through all questions"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

COMPLAINT = sa.text("subject = 'complaint'")


def upgrade() -> None:
    op.create_index(
        "ix_contact_question_complaint", "contact_question", ["contact_id"], sqlite_where=COMPLAINT,
        postgresql_where=COMPLAINT,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_contact_question_complaint", "contact_question")
