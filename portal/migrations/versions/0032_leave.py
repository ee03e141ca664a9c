"""Keep lots of leave and the entries on them, only ever added to"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ADDED_TO = "leave is only ever added to"
SAME = (
    "id", "person_id", "municipality_id", "lot_id", "kind", "what", "minutes", "day", "part", "occasion",
    "recorded_at", "by_id", "second_id", "reason",
)  # fmt: skip
APPROVED = (
    "EXISTS (SELECT 1 FROM destruction_item JOIN destruction_list ON destruction_list.id = destruction_item.list_id "
    "WHERE destruction_item.case_id = OLD.case_id AND kept_at IS NULL AND approved_at IS NOT NULL)"
)
"""Whether the case of the entry stands on an approved list of what is destroyed: then the entry lets go of it."""
OF_ITS_LOT = (
    "NEW.lot_id IS NULL OR EXISTS (SELECT 1 FROM leave_lot WHERE leave_lot.id = NEW.lot_id "
    "AND leave_lot.person_id = NEW.person_id AND leave_lot.municipality_id = NEW.municipality_id "
    "AND leave_lot.kind = NEW.kind)"
)


def _may(equal: str) -> str:
    same = " AND ".join(f"NEW.{column} {equal} OLD.{column}" for column in SAME)
    return f"NEW.case_id IS NULL AND {same} AND {APPROVED}"


def _sqlite() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{ADDED_TO}'); END"
    return [
        f"CREATE TRIGGER leave_lot_update BEFORE UPDATE ON leave_lot {refuse}",
        f"CREATE TRIGGER leave_lot_delete BEFORE DELETE ON leave_lot {refuse}",
        "CREATE TRIGGER leave_entry_insert BEFORE INSERT ON leave_entry "
        f"WHEN NOT coalesce({OF_ITS_LOT}, 0) BEGIN SELECT RAISE(ABORT, 'an entry is of its own lot'); END",
        f"CREATE TRIGGER leave_entry_update BEFORE UPDATE ON leave_entry WHEN NOT coalesce({_may('IS')}, 0) {refuse}",
        f"CREATE TRIGGER leave_entry_delete BEFORE DELETE ON leave_entry {refuse}",
    ]


def _postgresql() -> list[str]:
    return [
        "CREATE FUNCTION leave_lot_is_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{ADDED_TO}'; END $$",
        "CREATE TRIGGER leave_lot_is_added_to BEFORE UPDATE OR DELETE ON leave_lot "
        "FOR EACH ROW EXECUTE FUNCTION leave_lot_is_added_to()",
        "CREATE FUNCTION leave_entry_is_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'INSERT' THEN IF {OF_ITS_LOT} THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'an entry is of its own lot'; "
        f"ELSIF TG_OP = 'UPDATE' THEN IF {_may('IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{ADDED_TO}'; END $$",
        "CREATE TRIGGER leave_entry_is_added_to BEFORE INSERT OR UPDATE OR DELETE ON leave_entry "
        "FOR EACH ROW EXECUTE FUNCTION leave_entry_is_added_to()",
    ]


def upgrade() -> None:
    op.create_table(
        "leave_lot",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ends_as", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("last_day >= valid_from", name="ck_leave_lot_period"),
        sa.CheckConstraint("ends_as IN ('lapses', 'prescribes')", name="ck_leave_lot_ends_as"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_leave_lot_municipality_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_leave_lot_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_leave_lot"),
        sa.UniqueConstraint(
            "person_id", "municipality_id", "kind", "valid_from",
            name="uq_leave_lot_person_id_municipality_id_kind_valid_from",
        ),
    )  # fmt: skip
    op.create_index("ix_leave_lot_municipality_id", "leave_lot", ["municipality_id"])
    op.create_table(
        "leave_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("lot_id", ID, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("minutes", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("occasion", sa.Date(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("second_id", ID, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(what IN ('grant', 'give_back', 'release') AND minutes > 0) OR "
            "(what IN ('burn', 'reserve', 'lapse') AND minutes < 0) OR (what = 'correct' AND minutes <> 0)",
            name="ck_leave_entry_sign",
        ),
        sa.CheckConstraint("lot_id IS NOT NULL OR what NOT IN ('grant', 'lapse')", name="ck_leave_entry_of_a_lot"),
        sa.CheckConstraint("part IN ('whole', 'morning', 'afternoon')", name="ck_leave_entry_part"),
        sa.CheckConstraint("what <> 'correct' OR reason <> ''", name="ck_leave_entry_reason"),
        sa.CheckConstraint(
            "what <> 'correct' OR by_id IS NULL OR second_id IS NOT NULL", name="ck_leave_entry_second_person"
        ),
        sa.CheckConstraint("second_id <> by_id AND second_id <> person_id", name="ck_leave_entry_four_eyes"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_leave_entry_{column}")
            for column, table in (
                ("person_id", "person"), ("municipality_id", "municipality"), ("lot_id", "leave_lot"),
                ("case_id", "case"), ("by_id", "person"), ("second_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_leave_entry"),
    )  # fmt: skip
    for name, columns in (
        ("ix_leave_entry_person", ["person_id", "municipality_id", "day", "id"]),
        ("ix_leave_entry_lot", ["lot_id", "what", "minutes"]),
        ("ix_leave_entry_case", ["case_id", "day"]),
        ("ix_leave_entry_day", ["day", "person_id"]),
        ("ix_leave_entry_municipality_id", ["municipality_id"]),
        ("ix_leave_entry_by_id", ["by_id"]),
        ("ix_leave_entry_second_id", ["second_id"]),
    ):
        op.create_index(name, "leave_entry", columns)
    op.create_table(
        "leave_read",
        sa.Column("id", ID, nullable=False),
        sa.Column("about_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["about_id"], ["person.id"], name="fk_leave_read_about_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_leave_read_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_leave_read"),
        sa.UniqueConstraint("about_id", "person_id", "day", name="uq_leave_read_about_id_person_id_day"),
    )
    op.create_index("ix_leave_read_person_id", "leave_read", ["person_id"])
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("leave cannot be left out of the books")
