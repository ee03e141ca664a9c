"""Keep on each payment whose hands it went through, and let the database compare them"""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

EYES = ("submitter_id", "preparer_id", "approver_id", "second_approver_id", "checker_id", "account_changed_by_id",
        "account_checked_by_id")  # fmt: skip
APART = {
    "released_by_another": " AND ".join(f"released_by_id <> {eye}" for eye in EYES),
    "approved_by_another": "approver_id <> submitter_id AND second_approver_id <> submitter_id "
    "AND second_approver_id <> approver_id",
    "checked_by_another": "checker_id <> submitter_id AND checker_id <> approver_id "
    "AND checker_id <> second_approver_id",
}
KEPT = ("id", "batch_id", "payable_id", "end_to_end_id", "name", "iban", "cents", "accepted_at", "settled_at",
        "returned_at", "settled_by", "returned_by", "return_code")  # fmt: skip


def upgrade() -> None:
    rows = _rows()
    op.create_index("uq_payment_batch_releaser", "payment_batch", ["id", "released_by_id"], unique=True)
    # Made anew, for SQLite cannot give a table other constraints. Nothing refers to it.
    op.drop_table("batch_line")
    table = op.create_table(
        "batch_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("released_by_id", ID, nullable=False),
        sa.Column("payable_id", ID, nullable=False),
        sa.Column("end_to_end_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("cents", ID, nullable=False),
        sa.Column("submitter_id", ID, nullable=False),
        *(sa.Column(eye, ID, nullable=True) for eye in EYES[1:]),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("returned_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("returned_by", sa.String(), nullable=False),
        sa.Column("return_code", sa.String(), nullable=False),
        sa.CheckConstraint("cents > 0", name="ck_batch_line_positive"),
        *(sa.CheckConstraint(apart, name=f"ck_batch_line_{name}") for name, apart in APART.items()),
        sa.ForeignKeyConstraint(
            ["batch_id", "released_by_id"], ["payment_batch.id", "payment_batch.released_by_id"],
            name="fk_batch_line_batch_id",
        ),
        sa.ForeignKeyConstraint(["payable_id"], ["payable.id"], name="fk_batch_line_payable_id"),
        sa.PrimaryKeyConstraint("id", name="pk_batch_line"),
        sa.UniqueConstraint("batch_id", "payable_id", name="uq_batch_line_batch_id_payable_id"),
        sa.UniqueConstraint("end_to_end_id", name="uq_batch_line_end_to_end_id"),
    )  # fmt: skip
    op.create_index("ix_batch_line_batch_id", "batch_line", ["batch_id"])
    op.create_index("ix_batch_line_payable_id", "batch_line", ["payable_id"])
    still = sa.text("returned_at IS NULL")
    op.create_index("uq_batch_line_open", "batch_line", ["payable_id"], unique=True, sqlite_where=still,
                    postgresql_where=still)  # fmt: skip
    if rows:
        op.bulk_insert(table, rows)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                "SELECT setval(pg_get_serial_sequence('batch_line', 'id'), (SELECT max(id) + 1 FROM batch_line), false)"
            )


def _rows() -> list[dict[str, object]]:
    """The lines that are there, each with whose hands it went through by the trail of its case and the account."""
    found = op.get_bind().execute(
        sa.text(
            "SELECT line.*, batch.released_by_id, batch.released_at, made.initiator_id, made.preparer_id, made.trail, "
            "(SELECT max(account.id) FROM person_account account WHERE account.person_id = made.initiator_id "
            "AND account.changed_at <= batch.released_at) AS account_id "
            "FROM batch_line line JOIN payment_batch batch ON batch.id = line.batch_id "
            'JOIN payable ON payable.id = line.payable_id JOIN "case" made ON made.id = payable.case_id ORDER BY line.id'
        ).columns(accepted_at=MOMENT, settled_at=MOMENT, returned_at=MOMENT)
    )
    accounts = {
        row.id: (row.changed_by_id, row.checked_by_id)
        for row in op.get_bind().execute(sa.text("SELECT id, changed_by_id, checked_by_id FROM person_account"))
    }
    return [
        {name: getattr(row, name) for name in KEPT}
        | {"released_by_id": row.released_by_id, "submitter_id": row.initiator_id, "preparer_id": row.preparer_id}
        | _hands(row.trail if isinstance(row.trail, list) else json.loads(row.trail), row.end_to_end_id)
        | dict(zip(EYES[5:], accounts.get(row.account_id, (None, None)), strict=True))
        for row in found
    ]


def _hands(trail: list[list[object]], reference: str) -> dict[str, object]:
    """Who approved and checked, up to the release of this payment: the last number of its reference says which."""
    number = int(re.findall(r"\d+", reference)[-1])
    releases = [place for place, step in enumerate(trail) if step[0] == "release"]
    until = trail[: releases[number - 1]] if number <= len(releases) else trail
    first, second, check = (
        max(((place, step[1]) for place, step in enumerate(until) if step[0] == key), default=(-1, None))
        for key in ("approve", "countersign", "check")
    )
    return {
        "approver_id": first[1], "second_approver_id": second[1] if second[0] > first[0] else None,
        "checker_id": check[1],
    }  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("whose hands a payment went through must stay known")
