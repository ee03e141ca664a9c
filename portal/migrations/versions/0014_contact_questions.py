"""Several questions in a contact, with what is done about each; contacts with who is not known yet"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
FIXED = {
    "sqlite": [
        "CREATE TRIGGER contact_entry_no_update BEFORE UPDATE ON contact_entry "
        "BEGIN SELECT RAISE(ABORT, 'contact_entry is append-only'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION contact_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'contact_entry is append-only'; END $$",
        "CREATE TRIGGER contact_entry_no_update BEFORE UPDATE ON contact_entry "
        "FOR EACH ROW EXECUTE FUNCTION contact_entry_append_only()",
    ],
}


def upgrade() -> None:
    # Read first and written last: SQLite makes a changed table anew, which rows that refer to it would prevent.
    before = op.get_bind().execute(
        sa.text("SELECT id, case_id, clerk_id, at, line, question, answer FROM contact ORDER BY id")
    ).mappings().all()
    _change_contact()
    _make_tables()
    _take_over([dict(row) for row in before])
    op.create_index("ix_employment_personnel_number", "employment", ["personnel_number"])
    for statement in FIXED[op.get_bind().dialect.name]:
        op.execute(statement)


def _change_contact() -> None:
    with op.batch_alter_table("contact") as contact:
        contact.drop_index("ix_contact_case_id")
        contact.drop_index("ix_contact_person_id")
        contact.drop_constraint("fk_contact_case_id", type_="foreignkey")
        for name in ("case_id", "question", "answer"):
            contact.drop_column(name)
        contact.alter_column("person_id", existing_type=ID, nullable=True)
        contact.alter_column("clerk_id", existing_type=ID, nullable=True)
        contact.add_column(sa.Column("municipality_id", ID, nullable=True))
        contact.add_column(sa.Column("caller", sa.String(), nullable=False, server_default=""))
        contact.add_column(sa.Column("client_key", sa.String(), nullable=True))
        contact.create_foreign_key("fk_contact_municipality_id", "municipality", ["municipality_id"], ["id"])
        contact.create_unique_constraint("uq_contact_client_key", ["client_key"])
        contact.create_index("ix_contact_person", ["person_id", "at"])
        contact.create_index("ix_contact_municipality_id", ["municipality_id"])
    with op.batch_alter_table("contact") as contact:
        contact.alter_column("caller", existing_type=sa.String(), server_default=None)
    # The last employment of each is close enough: it decides which clerks find a contact, and whose terms hold.
    op.execute(
        "UPDATE contact SET municipality_id = (SELECT unit.municipality_id FROM employment JOIN unit ON "
        "unit.id = employment.unit_id WHERE employment.person_id = contact.person_id "
        "ORDER BY employment.valid_from DESC, employment.id DESC LIMIT 1)"
    )


def _make_tables() -> None:
    op.create_table(
        "contact_question",
        sa.Column("id", ID, nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("version", ID, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("line", ID, nullable=False),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("promised_by_id", ID, nullable=True),
        sa.Column("attempts", ID, nullable=False),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("escalated_at", MOMENT, nullable=True),
        sa.CheckConstraint("(state = 'answered') = (due IS NULL)", name="ck_contact_question_due_until_answered"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_contact_question_contact_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_contact_question_case_id"),
        sa.ForeignKeyConstraint(["promised_by_id"], ["person.id"], name="fk_contact_question_promised_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_question"),
    )
    op.create_index("ix_contact_question_contact_id", "contact_question", ["contact_id"])
    op.create_index("ix_contact_question_case_id", "contact_question", ["case_id"])
    op.create_index("ix_contact_question_promised_by_id", "contact_question", ["promised_by_id"])
    waits = sa.text("due IS NOT NULL")
    op.create_index("ix_contact_question_open", "contact_question", ["due", "id"], sqlite_where=waits,
                    postgresql_where=waits)
    op.create_table(
        "contact_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("question_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["contact_question.id"], name="fk_contact_entry_question_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_contact_entry_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_entry"),
    )
    op.create_index("ix_contact_entry_question_id", "contact_entry", ["question_id"])
    op.create_index("ix_contact_entry_by_id", "contact_entry", ["by_id"])
    op.create_table(
        "contact_draft",
        sa.Column("id", ID, nullable=False),
        sa.Column("writer_id", ID, nullable=False),
        sa.Column("about", ID, nullable=False),
        sa.Column("typed", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["writer_id"], ["person.id"], name="fk_contact_draft_writer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_draft"),
        sa.UniqueConstraint("writer_id", "about", name="uq_contact_draft_writer_id_about"),
    )


def _take_over(before: list[dict[str, object]]) -> None:
    """Every contact so far was one question with its answer."""
    if not before:
        return
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO contact_question (id, contact_id, case_id, version, subject, asked, answer, state, line, attempts) "
            "VALUES (:id, :id, :case_id, 1, 'other', :question, :answer, 'answered', :line, 0)"
        ),
        before,
    )
    connection.execute(
        sa.text(
            "INSERT INTO contact_entry (question_id, at, by_id, kind, text, about) "
            "VALUES (:id, :at, :clerk_id, 'answered', :answer, '')"
        ),
        before,
    )
    if connection.dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('contact_question', 'id'), max(id)) FROM contact_question")


def downgrade() -> None:
    raise NotImplementedError("several questions do not go back into one")
