"""Keep notices that leave lapses, proposals to let it, and corrections with a second clerk"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEPT = "a notice that leave lapses is kept as it is"


def _keep() -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
        return [f"CREATE TRIGGER leave_notice_{what.lower()} BEFORE {what} ON leave_notice {refuse}"
                for what in ("UPDATE", "DELETE")]  # fmt: skip
    return [
        "CREATE FUNCTION leave_notice_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{KEPT}'; END $$",
        "CREATE TRIGGER leave_notice_is_kept BEFORE UPDATE OR DELETE ON leave_notice "
        "FOR EACH ROW EXECUTE FUNCTION leave_notice_is_kept()",
    ]


def _references(table: str, columns: dict[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")
        for column, other in columns.items()
    ]


def upgrade() -> None:
    op.create_table(
        "leave_notice",
        sa.Column("id", ID, nullable=False),
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("minutes", ID, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.CheckConstraint("minutes > 0", name="ck_leave_notice_minutes"),
        *_references("leave_notice", {"lot_id": "leave_lot"}),
        sa.PrimaryKeyConstraint("id", name="pk_leave_notice"),
        sa.UniqueConstraint("lot_id", name="uq_leave_notice_lot_id"),
    )
    op.create_index("ix_leave_notice_message_id", "leave_notice", ["message_id"])
    op.create_table(
        "leave_lapse",
        sa.Column("id", ID, nullable=False),
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("ends_as", sa.String(), nullable=False),
        sa.Column("minutes", ID, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by_id", ID),
        sa.Column("posted", ID, nullable=False),
        sa.Column("told_at", MOMENT),
        sa.Column("kept_because", sa.String(), nullable=False),
        sa.CheckConstraint("minutes > 0", name="ck_leave_lapse_minutes"),
        sa.CheckConstraint("posted >= 0 AND posted <= minutes", name="ck_leave_lapse_posted"),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="ck_leave_lapse_settled"),
        sa.CheckConstraint("settled_by_id <> person_id", name="ck_leave_lapse_not_own"),
        sa.CheckConstraint(
            "posted = 0 OR (settled_at IS NOT NULL AND kept_because = '')", name="ck_leave_lapse_kept"
        ),
        sa.CheckConstraint(
            "posted = 0 OR told_at IS NOT NULL OR ends_as = 'prescribes'", name="ck_leave_lapse_told"
        ),
        *_references("leave_lapse", {"lot_id": "leave_lot", "person_id": "person", "municipality_id": "municipality",
                                     "settled_by_id": "person"}),
        sa.PrimaryKeyConstraint("id", name="pk_leave_lapse"),
    )  # fmt: skip
    waiting = sa.text("settled_at IS NULL")
    op.create_index("uq_leave_lapse_open", "leave_lapse", ["lot_id"], unique=True, sqlite_where=waiting,
                    postgresql_where=waiting)  # fmt: skip
    op.create_index("ix_leave_lapse_waiting", "leave_lapse", ["municipality_id", "id"], sqlite_where=waiting,
                    postgresql_where=waiting)  # fmt: skip
    for name, column in (("lot", "lot_id"), ("person_id", "person_id"), ("municipality_id", "municipality_id"),
                         ("settled_by_id", "settled_by_id")):  # fmt: skip
        op.create_index(f"ix_leave_lapse_{name}", "leave_lapse", [column])
    op.create_table(
        "leave_correction",
        sa.Column("id", ID, nullable=False),
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("minutes", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by_id", ID),
        sa.Column("granted", sa.Boolean()),
        sa.CheckConstraint("minutes <> 0", name="ck_leave_correction_minutes"),
        sa.CheckConstraint("reason <> ''", name="ck_leave_correction_reason"),
        sa.CheckConstraint("asked_by_id <> person_id", name="ck_leave_correction_not_own"),
        sa.CheckConstraint(
            "decided_by_id <> asked_by_id AND decided_by_id <> person_id", name="ck_leave_correction_four_eyes"
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="ck_leave_correction_decided"),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="ck_leave_correction_granted"),
        *_references("leave_correction", {"lot_id": "leave_lot", "person_id": "person",
                                          "municipality_id": "municipality", "asked_by_id": "person",
                                          "decided_by_id": "person"}),
        sa.PrimaryKeyConstraint("id", name="pk_leave_correction"),
    )  # fmt: skip
    undecided = sa.text("decided_at IS NULL")
    op.create_index("ix_leave_correction_waiting", "leave_correction", ["municipality_id", "id"],
                    sqlite_where=undecided, postgresql_where=undecided)  # fmt: skip
    for column in ("lot_id", "person_id", "municipality_id", "asked_by_id", "decided_by_id"):
        op.create_index(f"ix_leave_correction_{column}", "leave_correction", [column])
    for statement in _keep():
        op.execute(statement)


def downgrade() -> None:
    for table in ("leave_correction", "leave_lapse", "leave_notice"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION leave_notice_is_kept")
