"""Keep a log of administration; roles that two people grant; locks and links of accounts; units that close"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)

# The log is append-only, whoever asks the database.
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER change_no_{verb.lower()} BEFORE {verb} ON \"change\" "
        "BEGIN SELECT RAISE(ABORT, 'change is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION change_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'change is append-only'; END $$",
        "CREATE TRIGGER change_no_change BEFORE UPDATE OR DELETE ON \"change\" "
        "FOR EACH ROW EXECUTE FUNCTION change_append_only()",
        "CREATE TRIGGER change_no_truncate BEFORE TRUNCATE ON \"change\" "
        "FOR EACH STATEMENT EXECUTE FUNCTION change_append_only()",
    ],
}


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("municipality_id", ID, nullable=True),
        sa.Column("old", JSON, nullable=False),
        sa.Column("new", JSON, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_change_by_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_change_person_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_change_municipality_id"),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    for column in ("at", "by_id", "what", "municipality_id"):
        op.create_index(f"ix_change_{column}", "change", [column])
    op.create_index("ix_change_person_id", "change", ["person_id", "id"])
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table(
        "role_request",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("municipality_id", ID, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_role_request_period"),
        sa.CheckConstraint("asked_by_id <> person_id", name="ck_role_request_asked_by_another"),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> asked_by_id AND decided_by_id <> person_id)",
            name="ck_role_request_four_eyes",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_role_request_person_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_role_request_municipality_id"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name="fk_role_request_asked_by_id"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name="fk_role_request_decided_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_role_request"),
    )
    for column in ("person_id", "municipality_id", "asked_by_id", "decided_by_id"):
        op.create_index(f"ix_role_request_{column}", "role_request", [column])
    op.create_table(
        "account_link",
        sa.Column("id", ID, nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", ID, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_link_account_id"),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_account_link_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_account_link"),
        sa.UniqueConstraint("nonce", name="uq_account_link_nonce"),
    )
    for column in ("account_id", "created_by_id"):
        op.create_index(f"ix_account_link_{column}", "account_link", [column])
    op.add_column("account", sa.Column("last_sign_in_at", MOMENT, nullable=True))
    op.add_column("account", sa.Column("locked_at", MOMENT, nullable=True))
    op.add_column("unit", sa.Column("valid_to", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("unit", "valid_to")
    op.drop_column("account", "locked_at")
    op.drop_column("account", "last_sign_in_at")
    op.drop_table("account_link")
    op.drop_table("role_request")
    op.drop_table("change")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION change_append_only()")
