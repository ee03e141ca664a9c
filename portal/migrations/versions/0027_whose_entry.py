"""Say about whose account an entry of the bank is"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of entries from before nobody wrote that down: they stay for all to see. In words of SQL: SQLite adds a column with
    # its reference only so, without copying the table.
    whole = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE bank_entry ADD COLUMN municipality_id {whole} "
        "CONSTRAINT fk_bank_entry_municipality_id REFERENCES municipality (id)"
    )
    op.create_index("ix_bank_entry_municipality_id", "bank_entry", ["municipality_id"])


def downgrade() -> None:
    op.drop_index("ix_bank_entry_municipality_id", "bank_entry")
    with op.batch_alter_table("bank_entry") as table:
        table.drop_column("municipality_id")
