"""Keep contact moments with suppliers"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In words of SQL: SQLite adds a column with its reference only so, without copying the table.
    whole = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE contact ADD COLUMN supplier_id {whole} "
        "CONSTRAINT fk_contact_supplier_id REFERENCES supplier (id)"
    )
    op.create_index("ix_contact_supplier_id", "contact", ["supplier_id"])


def downgrade() -> None:
    op.drop_index("ix_contact_supplier_id", "contact")
    with op.batch_alter_table("contact") as table:
        table.drop_column("supplier_id")
