"""Let an approver get one mail a day, with a link to a page for all that waits"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bundle",
        sa.Column("id", ID, nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_bundle_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bundle"),
        sa.UniqueConstraint("nonce", name="uq_bundle_nonce"),
    )
    op.create_index("ix_bundle_person_id", "bundle", ["person_id"])
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("daily_hour", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    with op.batch_alter_table("mail_link") as link:
        link.add_column(sa.Column("bundle_id", ID))
        link.create_foreign_key("fk_mail_link_bundle_id", "bundle", ["bundle_id"], ["id"])
        link.create_index("ix_mail_link_bundle_id", ["bundle_id"])
    with op.batch_alter_table("outbox_mail") as mail:
        mail.add_column(sa.Column("bundle_id", ID))
        mail.add_column(sa.Column("part", sa.Boolean(), nullable=False, server_default=sa.false()))
        mail.create_foreign_key("fk_outbox_mail_bundle_id", "bundle", ["bundle_id"], ["id"])
        mail.create_index("ix_outbox_mail_bundle_id", ["bundle_id"])
    waiting = sa.text("part AND bundle_id IS NULL")
    op.create_index("ix_outbox_mail_parts", "outbox_mail", ["person_id", "id"], sqlite_where=waiting,
                    postgresql_where=waiting)  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_outbox_mail_parts", "outbox_mail")
    with op.batch_alter_table("outbox_mail") as mail:
        mail.drop_index("ix_outbox_mail_bundle_id")
        mail.drop_constraint("fk_outbox_mail_bundle_id", type_="foreignkey")
        mail.drop_column("part")
        mail.drop_column("bundle_id")
    with op.batch_alter_table("mail_link") as link:
        link.drop_index("ix_mail_link_bundle_id")
        link.drop_constraint("fk_mail_link_bundle_id", type_="foreignkey")
        link.drop_column("bundle_id")
    with op.batch_alter_table("person") as person:
        person.drop_column("daily_hour")
    op.drop_table("bundle")
