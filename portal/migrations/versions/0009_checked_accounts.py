"""A changed account comes in use by a case in which somebody checked it"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # What nobody confirmed was never sure to be right: the account before it is in use again.
    kept = op.get_bind().execute(
        sa.text(
            "SELECT id, person_id, iban, changed_at, changed_by_id, confirmed_at, confirmed_by_id FROM person_account "
            "WHERE changed_by_id IS NULL OR confirmed_by_id IS NOT NULL"
        ).columns(changed_at=MOMENT, confirmed_at=MOMENT)
    )
    rows = [
        {
            "id": row.id, "person_id": row.person_id, "iban": row.iban, "changed_at": row.changed_at,
            "changed_by_id": row.changed_by_id, "checked_by_id": row.confirmed_by_id, "released_at": row.confirmed_at,
        }
        for row in kept
    ]  # fmt: skip
    # Made anew, for SQLite cannot give a table other constraints. Nothing refers to it.
    op.drop_table("person_account")
    table = op.create_table(
        "person_account",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by_id", ID, nullable=True),
        sa.Column("checked_by_id", ID, nullable=True),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("released_by_id", ID, nullable=True),
        sa.CheckConstraint("(changed_by_id IS NULL) = (checked_by_id IS NULL)", name="ck_person_account_checked"),
        sa.CheckConstraint(
            "checked_by_id <> changed_by_id AND checked_by_id <> person_id", name="ck_person_account_checked_by_another"
        ),
        sa.CheckConstraint(
            "released_by_id <> changed_by_id AND released_by_id <> checked_by_id AND released_by_id <> person_id",
            name="ck_person_account_released_by_another",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_account_person_id"),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name="fk_person_account_changed_by_id"),
        sa.ForeignKeyConstraint(["checked_by_id"], ["person.id"], name="fk_person_account_checked_by_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_person_account_case_id"),
        sa.ForeignKeyConstraint(["released_by_id"], ["person.id"], name="fk_person_account_released_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person_account"),
        sa.UniqueConstraint("case_id", name="uq_person_account_case_id"),
    )
    for column in ("changed_by_id", "checked_by_id", "released_by_id"):
        op.create_index(f"ix_person_account_{column}", "person_account", [column])
    op.create_index("ix_person_account_latest", "person_account", ["person_id", "id"])
    if rows:
        op.bulk_insert(table, rows)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('person_account', 'id'), (SELECT max(id) + 1 FROM person_account), "
            "false) FROM person_account LIMIT 1"
        )


def downgrade() -> None:
    raise NotImplementedError("what was checked cannot be told from what was not")
