"""Keep what the SSC costs and how that is settled"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)
FIXED = {"quarter_settlement": ("OLD.state = 'final'", "a settlement that is final does not change"),
         "quarter_invoice": ("1 = 1", "an invoice does not change")}  # fmt: skip


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_{when.lower()} BEFORE {when} ON {table} WHEN {fixed} "
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        for table, (fixed, why) in FIXED.items()
        for when in ("UPDATE", "DELETE")
    ]


def _postgresql() -> list[str]:
    return [
        statement
        for table, (fixed, why) in FIXED.items()
        for statement in (
            f"CREATE FUNCTION {table}_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {fixed} THEN RAISE EXCEPTION '{why}'; END IF; "
            f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {table}_is_fixed BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_fixed()",
        )
    ]


def upgrade() -> None:
    op.create_table(
        "compensation_post",
        sa.Column("id", ID, nullable=False),
        sa.Column("quarter", sa.String(), nullable=False),
        sa.Column("payer_id", ID, nullable=False),
        sa.Column("receiver_id", ID, nullable=False),
        sa.Column("cents", ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by_id", ID, nullable=True),
        sa.CheckConstraint("quarter LIKE '20__Q_'", name="ck_compensation_post_quarter"),
        sa.CheckConstraint("cents > 0", name="ck_compensation_post_positive"),
        sa.CheckConstraint("payer_id <> receiver_id", name="ck_compensation_post_two"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_compensation_post_entered_by_id"),
        sa.ForeignKeyConstraint(["payer_id"], ["municipality.id"], name="fk_compensation_post_payer_id"),
        sa.ForeignKeyConstraint(["receiver_id"], ["municipality.id"], name="fk_compensation_post_receiver_id"),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name="fk_compensation_post_removed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_compensation_post"),
    )
    op.create_index("ix_compensation_post_entered_by_id", "compensation_post", ["entered_by_id"])
    op.create_index("ix_compensation_post_payer_id", "compensation_post", ["payer_id"])
    op.create_index("ix_compensation_post_quarter", "compensation_post", ["quarter", "id"])
    op.create_index("ix_compensation_post_receiver_id", "compensation_post", ["receiver_id"])
    op.create_index("ix_compensation_post_removed_by_id", "compensation_post", ["removed_by_id"])

    op.create_table(
        "cost_item",
        sa.Column("id", ID, nullable=False),
        sa.Column("quarter", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("driver", sa.String(), nullable=False),
        sa.Column("cents", ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by_id", ID, nullable=True),
        sa.CheckConstraint(
            "kind IN ('direct', 'indirect') AND (kind = 'direct') = (driver <> '')", name="ck_cost_item_kind"
        ),
        sa.CheckConstraint("quarter LIKE '20__Q_'", name="ck_cost_item_quarter"),
        sa.CheckConstraint("cents > 0", name="ck_cost_item_positive"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_cost_item_entered_by_id"),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name="fk_cost_item_removed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_cost_item"),
    )
    op.create_index("ix_cost_item_entered_by_id", "cost_item", ["entered_by_id"])
    op.create_index("ix_cost_item_quarter", "cost_item", ["quarter", "id"])
    op.create_index("ix_cost_item_removed_by_id", "cost_item", ["removed_by_id"])

    op.create_table(
        "key_amount",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("amount", ID, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.CheckConstraint("key IN ('employees', 'inhabitants', 'users')", name="ck_key_amount_key"),
        sa.CheckConstraint("amount >= 0", name="ck_key_amount_amount"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_key_amount_entered_by_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_key_amount_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_key_amount"),
        sa.UniqueConstraint(
            "municipality_id", "key", "valid_from", name="uq_key_amount_municipality_id_key_valid_from"
        ),
    )
    op.create_index("ix_key_amount_entered_by_id", "key_amount", ["entered_by_id"])

    op.create_table(
        "key_weight",
        sa.Column("id", ID, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("employees", ID, nullable=False),
        sa.Column("inhabitants", ID, nullable=False),
        sa.Column("users", ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.CheckConstraint("employees + inhabitants + users = 100", name="ck_key_weight_whole"),
        sa.CheckConstraint("employees >= 0 AND inhabitants >= 0 AND users >= 0", name="ck_key_weight_positive"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_key_weight_entered_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_key_weight"),
        sa.UniqueConstraint("valid_from", name="uq_key_weight_valid_from"),
    )
    op.create_index("ix_key_weight_entered_by_id", "key_weight", ["entered_by_id"])

    op.create_table(
        "quarter_advance",
        sa.Column("id", ID, nullable=False),
        sa.Column("quarter", sa.String(), nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("cents", ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by_id", ID, nullable=True),
        sa.CheckConstraint("quarter LIKE '20__Q_'", name="ck_quarter_advance_quarter"),
        sa.CheckConstraint("cents > 0", name="ck_quarter_advance_positive"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_quarter_advance_entered_by_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_quarter_advance_municipality_id"),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name="fk_quarter_advance_removed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quarter_advance"),
    )
    op.create_index("ix_quarter_advance_entered_by_id", "quarter_advance", ["entered_by_id"])
    op.create_index("ix_quarter_advance_municipality_id", "quarter_advance", ["municipality_id"])
    op.create_index("ix_quarter_advance_quarter", "quarter_advance", ["quarter", "id"])
    op.create_index("ix_quarter_advance_removed_by_id", "quarter_advance", ["removed_by_id"])

    op.create_table(
        "quarter_settlement",
        sa.Column("id", ID, nullable=False),
        sa.Column("quarter", sa.String(), nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("prepared_at", MOMENT, nullable=True),
        sa.Column("prepared_by_id", ID, nullable=True),
        sa.Column("final_at", MOMENT, nullable=True),
        sa.Column("final_by_id", ID, nullable=True),
        sa.CheckConstraint("(revision = 1) = (reason = '')", name="ck_quarter_settlement_reason"),
        sa.CheckConstraint("(state = 'draft') = (prepared_by_id IS NULL)", name="ck_quarter_settlement_prepared"),
        sa.CheckConstraint("(state = 'final') = (digest <> '')", name="ck_quarter_settlement_digest"),
        sa.CheckConstraint("(state = 'final') = (final_by_id IS NOT NULL)", name="ck_quarter_settlement_final"),
        sa.CheckConstraint("quarter LIKE '20__Q_'", name="ck_quarter_settlement_quarter"),
        sa.CheckConstraint("state IN ('draft', 'prepared', 'final')", name="ck_quarter_settlement_state"),
        sa.CheckConstraint("final_by_id <> prepared_by_id", name="ck_quarter_settlement_four_eyes"),
        sa.ForeignKeyConstraint(["final_by_id"], ["person.id"], name="fk_quarter_settlement_final_by_id"),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["person.id"], name="fk_quarter_settlement_prepared_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quarter_settlement"),
        sa.UniqueConstraint("quarter", "revision", name="uq_quarter_settlement_quarter_revision"),
    )
    op.create_index("ix_quarter_settlement_final_by_id", "quarter_settlement", ["final_by_id"])
    op.create_index("ix_quarter_settlement_prepared_by_id", "quarter_settlement", ["prepared_by_id"])
    op.create_index(
        "ix_quarter_settlement_running",
        "quarter_settlement",
        ["quarter"],
        unique=True,
        sqlite_where=sa.text("state <> 'final'"),
        postgresql_where=sa.text("state <> 'final'"),
    )

    op.create_table(
        "quarter_invoice",
        sa.Column("id", ID, nullable=False),
        sa.Column("settlement_id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("credit", sa.Boolean(), nullable=False),
        sa.Column("cents", ID, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.CheckConstraint("cents >= 0", name="ck_quarter_invoice_amount"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_quarter_invoice_municipality_id"),
        sa.ForeignKeyConstraint(["settlement_id"], ["quarter_settlement.id"], name="fk_quarter_invoice_settlement_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quarter_invoice"),
        sa.UniqueConstraint("number", name="uq_quarter_invoice_number"),
        sa.UniqueConstraint(
            "settlement_id", "municipality_id", name="uq_quarter_invoice_settlement_id_municipality_id"
        ),
    )
    op.create_index("ix_quarter_invoice_municipality_id", "quarter_invoice", ["municipality_id"])
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("quarter_invoice")
    op.drop_table("quarter_settlement")
    op.drop_table("quarter_advance")
    op.drop_table("key_weight")
    op.drop_table("key_amount")
    op.drop_table("cost_item")
    op.drop_table("compensation_post")
    if op.get_bind().dialect.name == "postgresql":
        for table in FIXED:
            op.execute(f"DROP FUNCTION {table}_is_fixed()")
