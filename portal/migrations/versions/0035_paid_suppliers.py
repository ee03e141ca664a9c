"""Pay suppliers on their day, let them owe what they credited, and keep who registered from approving"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

STANDING = "(SELECT coalesce(sum(cents), 0) FROM settlement WHERE outstanding_id = NEW.id AND undone_at IS NULL)"
SAME_DEBT = ("id", "case_id", "person_id", "supplier_id", "municipality_id", "kind", "cents", "created_at")
ADDED_TO = "what people owe is only ever added to"
GONE = (
    "EXISTS (SELECT 1 FROM destruction_item JOIN destruction_list ON destruction_list.id = destruction_item.list_id "
    "WHERE destruction_item.case_id = OLD.case_id AND kept_at IS NULL AND approved_at IS NOT NULL)"
)
BEGUN = "NEW.settled_cents = 0 AND NEW.voided_at IS NULL"

ONE_PAYEE = "(payee_id IS NULL) <> (supplier_id IS NULL)"
ONE_DEBTOR = "(person_id IS NULL) <> (supplier_id IS NULL)"
CREDITED = "(kind = 'credit') = (supplier_id IS NOT NULL)"
OLD_KINDS, KINDS = "kind IN ('advance', 'recovery')", "kind IN ('advance', 'recovery', 'credit')"
NO_PREPARER = "approver_id <> preparer_id AND second_approver_id <> preparer_id"


def _debt_may(equal: str) -> str:
    same = " AND ".join(f"NEW.{column} {equal} OLD.{column}" for column in SAME_DEBT)
    return (
        f"{same} AND NEW.settled_cents = {STANDING} AND (OLD.voided_at IS NULL OR NEW.voided_at {equal} OLD.voided_at)"
    )


def _sqlite() -> None:
    columns = {
        "payable": (
            "supplier_id INTEGER CONSTRAINT fk_payable_supplier_id REFERENCES supplier (id) "
            f"CONSTRAINT ck_payable_one_payee CHECK ({ONE_PAYEE})",
            "pay_from DATE",
        ),
        "outstanding": (
            "supplier_id INTEGER CONSTRAINT fk_outstanding_supplier_id REFERENCES supplier (id) "
            f"CONSTRAINT ck_outstanding_one_debtor CHECK ({ONE_DEBTOR}) "
            f"CONSTRAINT ck_outstanding_suppliers_are_credited CHECK ({CREDITED})",
        ),
    }
    for table, added in columns.items():
        for column in added:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    # A table that others refer to cannot be made anew while they do; loosening what its columns ask needs no more than
    # its own description (https://www.sqlite.org/lang_altertable.html, 7).
    version = op.get_bind().execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema=ON")
    for table, old, new in (
        ("payable", "payee_id INTEGER NOT NULL", "payee_id INTEGER"),
        ("outstanding", "person_id INTEGER NOT NULL", "person_id INTEGER"),
        ("outstanding", OLD_KINDS, KINDS),
        (
            "batch_line", "CONSTRAINT ck_batch_line_ck_batch_line_checked_by_another",
            f"CONSTRAINT ck_batch_line_approved_by_no_preparer CHECK ({NO_PREPARER}), "
            "CONSTRAINT ck_batch_line_ck_batch_line_checked_by_another",
        ),
    ):  # fmt: skip
        changed = op.get_bind().execute(
            sa.text(
                "UPDATE sqlite_master SET sql = replace(sql, :old, :new) "
                "WHERE type = 'table' AND name = :name AND instr(sql, :old) > 0"
            ),
            {"old": old, "new": new, "name": table},
        )
        if changed.rowcount != 1:
            raise RuntimeError(f"the table {table} is described otherwise than was expected")
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=OFF")
    op.execute("DROP TRIGGER outstanding_update")
    op.execute(
        f"CREATE TRIGGER outstanding_update BEFORE UPDATE ON outstanding WHEN NOT coalesce({_debt_may('IS')}, 0) "
        f"BEGIN SELECT RAISE(ABORT, '{ADDED_TO}'); END"
    )


def _postgresql() -> None:
    for table, old in (("payable", "payee_id"), ("outstanding", "person_id")):
        op.alter_column(table, old, nullable=True)
        op.add_column(table, sa.Column("supplier_id", ID))
        op.create_foreign_key(f"fk_{table}_supplier_id", table, "supplier", ["supplier_id"], ["id"])
    op.add_column("payable", sa.Column("pay_from", sa.Date()))
    # The name that the migration of that table gave it.
    op.execute("ALTER TABLE outstanding DROP CONSTRAINT ck_outstanding_ck_outstanding_kind")
    for table, name, holds in (
        ("payable", "one_payee", ONE_PAYEE), ("outstanding", "kind", KINDS), ("outstanding", "one_debtor", ONE_DEBTOR),
        ("outstanding", "suppliers_are_credited", CREDITED), ("batch_line", "approved_by_no_preparer", NO_PREPARER),
    ):  # fmt: skip
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({holds})")
    op.execute(
        "CREATE OR REPLACE FUNCTION outstanding_is_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'INSERT' THEN IF {BEGUN} THEN RETURN NEW; END IF; "
        f"ELSIF TG_OP = 'UPDATE' THEN IF {_debt_may('IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; "
        f"ELSIF {GONE} THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION '{ADDED_TO}'; END $$"
    )


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()
    op.create_index("ix_payable_supplier_id", "payable", ["supplier_id"])
    op.create_index("ix_outstanding_supplier", "outstanding", ["supplier_id", "municipality_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("to whom was paid must stay known")
