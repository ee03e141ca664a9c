"""Keep what people still owe, and what it was settled with"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

STANDING = "(SELECT coalesce(sum(cents), 0) FROM settlement WHERE outstanding_id = NEW.id AND undone_at IS NULL)"
"""What the settlements that stand add up to."""
SAME_DEBT = ("id", "case_id", "person_id", "municipality_id", "kind", "cents", "created_at")
SAME_SETTLEMENT = ("id", "outstanding_id", "bank_entry_id", "cents", "at")
ADDED_TO = "what people owe is only ever added to"


def _approved(case: str) -> str:
    """Whether this case stands on an approved list of what is destroyed."""
    return (
        "EXISTS (SELECT 1 FROM destruction_item JOIN destruction_list ON destruction_list.id = destruction_item.list_id "
        f"WHERE destruction_item.case_id = {case} AND kept_at IS NULL AND approved_at IS NOT NULL)"
    )


def _same(columns: tuple[str, ...], equal: str) -> str:
    return " AND ".join(f"NEW.{column} {equal} OLD.{column}" for column in columns)


def _debt_may(equal: str) -> str:
    """The counter may follow the settlements, the payment may be held and go on, and what is void stays void."""
    return (
        f"{_same(SAME_DEBT, equal)} AND NEW.settled_cents = {STANDING} "
        f"AND (OLD.voided_at IS NULL OR NEW.voided_at {equal} OLD.voided_at)"
    )


def _settlement_may(equal: str) -> str:
    """It may be undone, once; and it lets go of a case that is destroyed."""
    undone = f"OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL AND NEW.case_id {equal} OLD.case_id"
    let_go = f"NEW.case_id IS NULL AND NEW.undone_at {equal} OLD.undone_at AND {_approved('OLD.case_id')}"
    return f"{_same(SAME_SETTLEMENT, equal)} AND ({undone} OR {let_go})"


DEBT_GONE = _approved("OLD.case_id")
SETTLEMENT_GONE = _approved("(SELECT case_id FROM outstanding WHERE id = OLD.outstanding_id)")
COUNT = (
    "UPDATE outstanding SET settled_cents = (SELECT coalesce(sum(cents), 0) FROM settlement "
    "WHERE outstanding_id = NEW.outstanding_id AND undone_at IS NULL) WHERE id = NEW.outstanding_id"
)
LOCK = "PERFORM 1 FROM outstanding WHERE id = NEW.outstanding_id FOR UPDATE"
"""Before the sum is made: what another transaction settles with the same amount is waited for, and then seen."""
BEGUN = {"outstanding": "NEW.settled_cents = 0 AND NEW.voided_at IS NULL", "settlement": "NEW.undone_at IS NULL"}


def _sqlite() -> list[str]:
    def guard(table: str, when: str, may: str) -> str:
        return (
            f"CREATE TRIGGER {table}_{when.lower()} BEFORE {when} ON {table} WHEN NOT coalesce({may}, 0) "
            f"BEGIN SELECT RAISE(ABORT, '{ADDED_TO}'); END"
        )

    return [
        guard("outstanding", "INSERT", BEGUN["outstanding"]),
        guard("outstanding", "UPDATE", _debt_may("IS")),
        guard("outstanding", "DELETE", DEBT_GONE),
        guard("settlement", "INSERT", BEGUN["settlement"]),
        guard("settlement", "UPDATE", _settlement_may("IS")),
        guard("settlement", "DELETE", SETTLEMENT_GONE),
        f"CREATE TRIGGER settlement_counts AFTER INSERT ON settlement BEGIN {COUNT}; END",
        f"CREATE TRIGGER settlement_counts_no_more AFTER UPDATE OF undone_at ON settlement BEGIN {COUNT}; END",
    ]


def _postgresql() -> list[str]:
    statements = []
    equal = "IS NOT DISTINCT FROM"
    for table, update, gone in (
        ("outstanding", _debt_may(equal), DEBT_GONE), ("settlement", _settlement_may(equal), SETTLEMENT_GONE),
    ):  # fmt: skip
        statements += [
            f"CREATE FUNCTION {table}_is_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'INSERT' THEN IF {BEGUN[table]} THEN RETURN NEW; END IF; "
            f"ELSIF TG_OP = 'UPDATE' THEN IF {update} THEN RETURN NEW; END IF; "
            f"ELSIF {gone} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{ADDED_TO}'; END $$",
            f"CREATE TRIGGER {table}_is_added_to BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_added_to()",
        ]
    return [
        *statements,
        f"CREATE FUNCTION settlement_counts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {LOCK}; {COUNT}; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER settlement_counts AFTER INSERT OR UPDATE OF undone_at ON settlement "
        "FOR EACH ROW EXECUTE FUNCTION settlement_counts()",
    ]


def upgrade() -> None:
    op.create_table(
        "outstanding",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cents", ID, nullable=False),
        sa.Column("settled_cents", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("held_at", MOMENT, nullable=True),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.CheckConstraint("cents > 0", name="ck_outstanding_positive"),
        sa.CheckConstraint("settled_cents >= 0 AND settled_cents <= cents", name="ck_outstanding_no_more_than_owed"),
        sa.CheckConstraint("voided_at IS NULL OR settled_cents = 0", name="ck_outstanding_void_is_unsettled"),
        sa.CheckConstraint("kind IN ('advance', 'recovery')", name="ck_outstanding_kind"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_outstanding_case_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_outstanding_person_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_outstanding_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outstanding"),
        sa.UniqueConstraint("case_id", name="uq_outstanding_case_id"),
    )
    op.create_index("ix_outstanding_person", "outstanding", ["person_id", "municipality_id", "id"])
    op.create_index("ix_outstanding_municipality_id", "outstanding", ["municipality_id"])
    op.create_table(
        "settlement",
        sa.Column("id", ID, nullable=False),
        sa.Column("outstanding_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("bank_entry_id", ID, nullable=True),
        sa.Column("cents", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.CheckConstraint("cents > 0", name="ck_settlement_positive"),
        sa.CheckConstraint("case_id IS NULL OR bank_entry_id IS NULL", name="ck_settlement_one_source"),
        sa.ForeignKeyConstraint(["outstanding_id"], ["outstanding.id"], name="fk_settlement_outstanding_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_settlement_case_id"),
        sa.ForeignKeyConstraint(["bank_entry_id"], ["bank_entry.id"], name="fk_settlement_bank_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_settlement"),
    )
    for column in ("outstanding_id", "case_id", "bank_entry_id"):
        op.create_index(f"ix_settlement_{column}", "settlement", [column])
    stands = sa.text("undone_at IS NULL")
    for name, columns in (
        ("uq_settlement_case", ["outstanding_id", "case_id"]), ("uq_settlement_entry", ["bank_entry_id"]),
    ):  # fmt: skip
        op.create_index(name, "settlement", columns, unique=True, sqlite_where=stands, postgresql_where=stands)
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what people owe cannot be left out of the books")
