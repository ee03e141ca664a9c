"""Keep agreements between municipalities and the SSC, signed by both"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

SIGNED = "ssc_signed_at IS NOT NULL AND municipality_signed_at IS NOT NULL"
OLD_SIGNED = "OLD.ssc_signed_at IS NOT NULL AND OLD.municipality_signed_at IS NOT NULL"
SAID = ("municipality_id", "kind", "number", "valid_from", "content", "digest", "dvo_id", "follows_id")
SIGNATURES = ("ssc_signed_at", "ssc_signed_by_id", "municipality_signed_at", "municipality_signed_by_id")
KEPT = "what both sides signed does not change"
VOIDED = "no content changes under a signature"


def _other(names: tuple[str, ...], dialect: str) -> str:
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in names)


def _under(side: str, dialect: str) -> str:
    """Content changes while the signature of a side stays."""
    same = "IS" if dialect == "sqlite" else "IS NOT DISTINCT FROM"
    return f"OLD.{side}_signed_at IS NOT NULL AND NEW.{side}_signed_at {same} OLD.{side}_signed_at"


def _sqlite() -> list[str]:
    changed = _other((*SAID, "valid_to"), "sqlite")
    under = f"({_under('ssc', 'sqlite')}) OR ({_under('municipality', 'sqlite')})"
    return [
        f"CREATE TRIGGER agreement_delete BEFORE DELETE ON agreement WHEN {OLD_SIGNED} "
        f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
        f"CREATE TRIGGER agreement_kept BEFORE UPDATE ON agreement "
        f"WHEN {OLD_SIGNED} AND ({_other((*SAID, *SIGNATURES), 'sqlite')}) "
        f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
        f"CREATE TRIGGER agreement_voided BEFORE UPDATE ON agreement "
        f"WHEN NOT ({OLD_SIGNED}) AND ({changed}) AND ({under}) BEGIN SELECT RAISE(ABORT, '{VOIDED}'); END",
    ]


def _postgresql() -> list[str]:
    changed = _other((*SAID, "valid_to"), "postgresql")
    under = f"({_under('ssc', 'postgresql')}) OR ({_under('municipality', 'postgresql')})"
    return [
        "CREATE FUNCTION agreement_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF {OLD_SIGNED} THEN RAISE EXCEPTION '{KEPT}'; END IF; RETURN OLD; END IF; "
        f"IF {OLD_SIGNED} THEN IF {_other((*SAID, *SIGNATURES), 'postgresql')} THEN RAISE EXCEPTION '{KEPT}'; END IF; "
        f"ELSIF ({changed}) AND ({under}) THEN RAISE EXCEPTION '{VOIDED}'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER agreement_is_kept BEFORE UPDATE OR DELETE ON agreement "
        "FOR EACH ROW EXECUTE FUNCTION agreement_is_kept()",
    ]


def upgrade() -> None:
    people = ("drafted_by_id", "ssc_signed_by_id", "municipality_signed_by_id")
    op.create_table(
        "agreement",
        sa.Column("id", ID, nullable=False),
        sa.Column("municipality_id", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("dvo_id", ID, nullable=True),
        sa.Column("follows_id", ID, nullable=True),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("drafted_by_id", ID, nullable=False),
        sa.Column("ssc_signed_at", MOMENT, nullable=True),
        sa.Column("ssc_signed_by_id", ID, nullable=True),
        sa.Column("municipality_signed_at", MOMENT, nullable=True),
        sa.Column("municipality_signed_by_id", ID, nullable=True),
        *(sa.CheckConstraint(check, name=f"ck_agreement_{name}") for name, check in (
            ("kind", "kind IN ('dvo', 'dfa', 'dap')"),
            ("period", "valid_to IS NULL OR valid_to >= valid_from"),
            ("dfa_of_dvo", "(kind = 'dfa') = (dvo_id IS NOT NULL)"),
            ("dfa_of_year", "kind <> 'dfa' OR valid_to IS NOT NULL"),
            ("ssc_signed", "(ssc_signed_at IS NULL) = (ssc_signed_by_id IS NULL)"),
            ("municipality_signed", "(municipality_signed_at IS NULL) = (municipality_signed_by_id IS NULL)"),
            ("two_signers", "ssc_signed_by_id <> municipality_signed_by_id"),
        )),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_agreement_municipality_id"),
        *(sa.ForeignKeyConstraint([name], ["agreement.id"], name=f"fk_agreement_{name}")
          for name in ("dvo_id", "follows_id")),
        *(sa.ForeignKeyConstraint([name], ["person.id"], name=f"fk_agreement_{name}") for name in people),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
        sa.UniqueConstraint("municipality_id", "kind", "number", name="uq_agreement_municipality_id_kind_number"),
    )  # fmt: skip
    for name in ("dvo_id", "follows_id", *people):
        op.create_index(f"ix_agreement_{name}", "agreement", [name])
    op.create_index("ix_agreement_holds", "agreement", ["municipality_id", "kind", "valid_from"])
    draft = sa.text(f"NOT ({SIGNED})")
    op.create_index("uq_agreement_draft", "agreement", ["municipality_id", "kind"], unique=True, sqlite_where=draft,
                    postgresql_where=draft)  # fmt: skip
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was signed cannot be left out")
