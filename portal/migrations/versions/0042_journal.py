"""Keep a journal for each municipality, month by month"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LOCK = "PERFORM pg_advisory_xact_lock(7013002)"
"""Whoever books and whoever closes a month wait for each other."""
ONLY_ADDED_TO = "the journal is only added to"

IS_THERE = "EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.entry_id)"
BALANCES = (
    "NEW.lines = (SELECT count(*) FROM journal_line WHERE entry_id = NEW.id) "
    "AND NEW.debit_cents = (SELECT coalesce(sum(debit_cents), 0) FROM journal_line WHERE entry_id = NEW.id) "
    "AND NEW.credit_cents = (SELECT coalesce(sum(credit_cents), 0) FROM journal_line WHERE entry_id = NEW.id)"
)
IS_OPEN = (
    "EXISTS (SELECT 1 FROM ledger_book WHERE municipality_id = NEW.municipality_id AND begins_on <= NEW.booked_on) "
    "AND NOT EXISTS (SELECT 1 FROM ledger_close WHERE municipality_id = NEW.municipality_id AND month >= NEW.period)"
)
MONTH = {
    "sqlite": "NEW.period = date(NEW.period, 'start of month') AND NEW.period >= date(NEW.booked_on, 'start of month')",
    "postgresql": "NEW.period = date_trunc('month', NEW.period)::date "
    "AND NEW.period >= date_trunc('month', NEW.booked_on)::date",
}
LAST_CLOSED = "(SELECT max(month) FROM ledger_close WHERE municipality_id = NEW.municipality_id)"
BEGINS = "(SELECT begins_on FROM ledger_book WHERE municipality_id = NEW.municipality_id)"
NEXT = {
    "sqlite": f"NEW.month = coalesce(date({LAST_CLOSED}, '+1 month'), {BEGINS})",
    "postgresql": f"NEW.month = coalesce(({LAST_CLOSED} + interval '1 month')::date, {BEGINS})",
}
MAY_BE_ADDED = {
    "journal_line": (f"NOT {IS_THERE}", "an entry is there with all its lines"),
    "journal_entry": ("{balances} AND {open} AND {month}", "an entry balances, in a month that is open"),
    "ledger_close": ("{next}", "months are closed one after the other"),
    "ledger_book": ("{first}", "a journal begins with a month"),
}
FIRST = {
    "sqlite": "NEW.begins_on = date(NEW.begins_on, 'start of month')",
    "postgresql": "NEW.begins_on = date_trunc('month', NEW.begins_on)::date",
}


def _filled(condition: str, dialect: str) -> str:
    return condition.format(
        balances=BALANCES, open=IS_OPEN, month=MONTH[dialect], next=NEXT[dialect], first=FIRST[dialect]
    )


def _sqlite() -> list[str]:
    statements = []
    for table, (condition, why) in MAY_BE_ADDED.items():
        may = _filled(condition, "sqlite")
        statements.append(
            f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} WHEN NOT coalesce({may}, 0) "
            f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )
        statements += [
            f"CREATE TRIGGER {table}_{when.lower()} BEFORE {when} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{ONLY_ADDED_TO}'); END"
            for when in ("UPDATE", "DELETE")
        ]
    return statements


def _postgresql() -> list[str]:
    statements = []
    for table, (condition, why) in MAY_BE_ADDED.items():
        may = _filled(condition, "postgresql")
        lock = "" if table == "journal_line" else f"{LOCK}; "
        statements += [
            f"CREATE FUNCTION {table}_is_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP <> 'INSERT' THEN RAISE EXCEPTION '{ONLY_ADDED_TO}'; END IF; {lock}"
            f"IF {may} THEN RETURN NEW; END IF; RAISE EXCEPTION '{why}'; END $$",
            f"CREATE TRIGGER {table}_is_added_to BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_added_to()",
        ]
    return statements


def upgrade() -> None:
    op.create_table(
        "ledger_book",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_ledger_book_municipality_id"),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name="fk_ledger_book_opened_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_book"),
        sa.UniqueConstraint("municipality_id", name="uq_ledger_book_municipality_id"),
    )
    op.create_index("ix_ledger_book_opened_by_id", "ledger_book", ["opened_by_id"])
    op.create_table(
        "ledger_close",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("closed_by_id", ID, nullable=False),
        sa.Column("entries", ID, nullable=False),
        sa.Column("cents", ID, nullable=False),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_ledger_close_municipality_id"),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name="fk_ledger_close_closed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_close"),
        sa.UniqueConstraint("municipality_id", "month", name="uq_ledger_close_municipality_id_month"),
    )
    op.create_index("ix_ledger_close_closed_by_id", "ledger_close", ["closed_by_id"])
    op.create_table(
        "journal_entry",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("case_number", sa.String(), nullable=False),
        sa.Column("case_type", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("event_id", ID, nullable=True),
        sa.Column("settlement_id", ID, nullable=True),
        sa.Column("lines", ID, nullable=False),
        sa.Column("debit_cents", ID, nullable=False),
        sa.Column("credit_cents", ID, nullable=False),
        sa.CheckConstraint("debit_cents = credit_cents", name="ck_journal_entry_balances"),
        sa.CheckConstraint("debit_cents > 0", name="ck_journal_entry_positive"),
        sa.CheckConstraint("(event_id IS NULL) <> (settlement_id IS NULL)", name="ck_journal_entry_one_fact"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_journal_entry_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_journal_entry"),
        sa.UniqueConstraint("municipality_id", "number", name="uq_journal_entry_municipality_id_number"),
        sa.UniqueConstraint("event_id", name="uq_journal_entry_event_id"),
        sa.UniqueConstraint("settlement_id", "case_id", name="uq_journal_entry_settlement_id_case_id"),
    )
    for name, columns in (
        ("period", ["municipality_id", "period", "number"]), ("last", ["municipality_id", "event_id"]),
        ("case", ["case_id", "id"]),
    ):  # fmt: skip
        op.create_index(f"ix_journal_entry_{name}", "journal_entry", columns)
    op.create_table(
        "journal_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("place", ID, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False)
          for name in ("key", "account", "cost_centre", "task", "relation")),
        sa.Column("debit_cents", ID, nullable=False),
        sa.Column("credit_cents", ID, nullable=False),
        sa.CheckConstraint("debit_cents >= 0 AND credit_cents >= 0", name="ck_journal_line_not_negative"),
        sa.CheckConstraint("(debit_cents = 0) <> (credit_cents = 0)", name="ck_journal_line_one_side"),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entry.id"], name="fk_journal_line_entry_id",
                                deferrable=True, initially="DEFERRED"),
        sa.PrimaryKeyConstraint("id", name="pk_journal_line"),
        sa.UniqueConstraint("entry_id", "place", name="uq_journal_line_entry_id_place"),
    )  # fmt: skip
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was booked cannot be left out of the books")
