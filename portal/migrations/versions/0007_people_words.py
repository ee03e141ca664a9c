"""Keep by which words somebody is searched: SQLite alone does not know capitals with diacritics"""

import sqlalchemy as sa
from alembic import op

from portal.searching import folded

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("words", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    people = connection.execute(sa.text("SELECT id, given_name, family_name, email FROM person")).all()
    if people:
        rows = [{"id": i, "words": folded(f"{given} {family} {email}")} for i, given, family, email in people]
        connection.execute(sa.text("UPDATE person SET words = :words WHERE id = :id"), rows)


def downgrade() -> None:
    op.drop_column("person", "words")
