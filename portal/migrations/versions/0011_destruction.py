"""Keep what events say apart from the chain, so that it can be destroyed; destruction dates and lists"""

import hashlib
import json
import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEPT = ("id", "case_id", "action", "from_state", "to_state", "enabled_at", "started_at", "at", "channel", "said",
        "previous_hash", "hash")  # fmt: skip

DROP = {
    "sqlite": ["DROP TRIGGER case_event_no_update", "DROP TRIGGER case_event_no_delete"],
    "postgresql": ["DROP TRIGGER case_event_no_change ON case_event"],
}
# An event may be emptied of what was said in it, whole and for good; nothing else of it may ever change.
EMPTIED = (
    "OLD.salt IS NOT NULL AND NEW.salt IS NULL AND NEW.reason = '' AND NEW.actor_id IS NULL "
    "AND NEW.on_behalf_of_id IS NULL AND OLD.case_id <> 0"
)
GUARD = {
    "sqlite": [
        f"CREATE TRIGGER case_event_no_update BEFORE UPDATE ON case_event WHEN NOT ({EMPTIED} AND NEW.data = '{{}}' AND "
        + " AND ".join(f"NEW.{c} IS OLD.{c}" for c in KEPT)
        + ") BEGIN SELECT RAISE(ABORT, 'case_event is append-only'); END",
        "CREATE TRIGGER case_event_no_delete BEFORE DELETE ON case_event "
        "BEGIN SELECT RAISE(ABORT, 'case_event is append-only'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION case_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {EMPTIED} AND NEW.data = '{{}}'::jsonb AND "
        + " AND ".join(f"NEW.{c} IS NOT DISTINCT FROM OLD.{c}" for c in KEPT)
        + " THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION 'case_event is append-only'; END $$",
        "CREATE TRIGGER case_event_no_change BEFORE UPDATE OR DELETE ON case_event "
        "FOR EACH ROW EXECUTE FUNCTION case_event_append_only()",
    ],
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in DROP[dialect]:
        op.execute(statement)
    # Events outlive their case: the reference goes.
    with op.batch_alter_table("case_event") as event:
        event.drop_constraint("fk_case_event_case_id", type_="foreignkey")
        event.add_column(sa.Column("salt", sa.String(), nullable=True))
        event.add_column(sa.Column("said", sa.String(), nullable=False, server_default=""))
    _seal_anew()
    for statement in GUARD[dialect]:
        op.execute(statement)
    op.add_column("case", sa.Column("destroy_on", sa.Date(), nullable=True))
    closed = sa.text("destroy_on IS NOT NULL")
    op.create_index("ix_case_destroy_on", "case", ["destroy_on"], sqlite_where=closed, postgresql_where=closed)
    _set_days()
    _make_lists()


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _seal_anew() -> None:
    """Every event in the new form, in its old place."""
    connection = op.get_bind()
    table = sa.Table("case_event", sa.MetaData(), autoload_with=connection)
    table.c.data.type = sa.JSON()
    previous = "0" * 64
    for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings().all():
        salt = secrets.token_hex(16)
        said = {"salt": salt, "persons": [row["actor_id"], row["on_behalf_of_id"]], "reason": row["reason"],
                "data": row["data"]}  # fmt: skip
        digest = hashlib.sha256(_canonical(said)).hexdigest()
        times = [_utc(row[name]).isoformat() for name in ("enabled_at", "started_at", "at")]
        whole = {"id": row["id"], "case": row["case_id"], "action": row["action"],
                 "states": [row["from_state"], row["to_state"]], "times": times, "channel": row["channel"],
                 "said": digest, "previous": previous}  # fmt: skip
        now = hashlib.sha256(_canonical(whole)).hexdigest()
        connection.execute(
            sa.update(table).where(table.c.id == row["id"]).values(
                salt=salt, said=digest, previous_hash=previous, hash=now
            )
        )  # fmt: skip
        previous = now


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _set_days() -> None:
    """The days of what ended before, as the declarations of today have them."""
    years = {"sqlite": "date(closed_at, '+{} years', '+1 day')",
             "postgresql": "(closed_at AT TIME ZONE 'Europe/Amsterdam')::date + interval '{} years 1 day'"}  # fmt: skip
    day = years[op.get_bind().dialect.name]
    op.execute(
        "UPDATE \"case\" SET destroy_on = CASE WHEN result = 'aborted' OR type = 'account_change' AND result = 'refused' "
        f"THEN {day.format(1)} ELSE {day.format(7)} END WHERE closed_at IS NOT NULL"
    )


def _make_lists() -> None:
    op.create_table(
        "destruction_list",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("approved_by_id", ID, nullable=True),
        sa.Column("executed_at", MOMENT, nullable=True),
        sa.Column("documents", ID, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.CheckConstraint("executed_at IS NULL OR approved_by_id IS NOT NULL",
                           name="ck_destruction_list_approved_first"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_destruction_list_municipality_id"),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name="fk_destruction_list_approved_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_destruction_list"),
    )
    op.create_index("ix_destruction_list_municipality_id", "destruction_list", ["municipality_id"])
    op.create_index("ix_destruction_list_approved_by_id", "destruction_list", ["approved_by_id"])
    op.create_table(
        "destruction_item",
        sa.Column("id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("destroy_on", sa.Date(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=True),
        sa.Column("kept_by_id", ID, nullable=True),
        sa.Column("kept_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["destruction_list.id"], name="fk_destruction_item_list_id"),
        sa.ForeignKeyConstraint(["kept_by_id"], ["person.id"], name="fk_destruction_item_kept_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_destruction_item"),
        sa.UniqueConstraint("list_id", "case_id", name="uq_destruction_item_list_id_case_id"),
    )
    op.create_index("ix_destruction_item_case_id", "destruction_item", ["case_id"])
    op.create_index("ix_destruction_item_kept_by_id", "destruction_item", ["kept_by_id"])


def downgrade() -> None:
    raise NotImplementedError("what was destroyed cannot come back")
