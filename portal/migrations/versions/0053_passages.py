"""Keep who joins and leaves, and archives that were asked for"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table('passage',
    sa.Column('id', ID, nullable=False),
    sa.Column('municipality_id', ID, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('begun_by_id', ID, nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by_id', ID, nullable=True),
    sa.CheckConstraint("kind IN ('joining', 'leaving')", name='ck_passage_kind'),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_by_id IS NULL)', name='ck_passage_ended'),
    sa.ForeignKeyConstraint(['begun_by_id'], ['person.id'], name='fk_passage_begun_by_id'),
    sa.ForeignKeyConstraint(['ended_by_id'], ['person.id'], name='fk_passage_ended_by_id'),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name='fk_passage_municipality_id'),
    sa.PrimaryKeyConstraint('id', name='pk_passage'),
    sa.UniqueConstraint('municipality_id', 'kind', name='uq_passage_municipality_id_kind')
    )
    op.create_index('ix_passage_begun_by_id', 'passage', ['begun_by_id'])
    op.create_index('ix_passage_ended_by_id', 'passage', ['ended_by_id'])
    op.create_table('archive_request',
    sa.Column('id', ID, nullable=False),
    sa.Column('passage_id', ID, nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by_id', ID, nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', ID, nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('size', ID, nullable=False),
    sa.Column('files', ID, nullable=False),
    sa.Column('lacking', JSON, nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("made_at IS NULL OR (granted AND sha256 <> '')", name='ck_archive_request_made'),
    sa.CheckConstraint('(decided_at IS NULL) = (granted IS NULL)', name='ck_archive_request_decided'),
    sa.CheckConstraint('decided_by_id <> asked_by_id', name='ck_archive_request_four_eyes'),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name='fk_archive_request_asked_by_id'),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name='fk_archive_request_decided_by_id'),
    sa.ForeignKeyConstraint(['passage_id'], ['passage.id'], name='fk_archive_request_passage_id'),
    sa.PrimaryKeyConstraint('id', name='pk_archive_request')
    )
    op.create_index('ix_archive_request_asked_by_id', 'archive_request', ['asked_by_id'])
    op.create_index('ix_archive_request_decided_by_id', 'archive_request', ['decided_by_id'])
    op.create_index('ix_archive_request_passage_id', 'archive_request', ['passage_id', 'id'])
    op.create_table('opening_file',
    sa.Column('id', ID, nullable=False),
    sa.Column('passage_id', ID, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('handed_in_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handed_in_by_id', ID, nullable=False),
    sa.Column('taken_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_in_by_id', ID, nullable=True),
    sa.Column('reconciled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('differences', ID, nullable=True),
    sa.CheckConstraint("kind IN ('people', 'balances', 'items')", name='ck_opening_file_kind'),
    sa.CheckConstraint('(taken_in_at IS NULL) = (taken_in_by_id IS NULL)', name='ck_opening_file_taken_in'),
    sa.CheckConstraint('taken_in_by_id <> handed_in_by_id', name='ck_opening_file_four_eyes'),
    sa.ForeignKeyConstraint(['handed_in_by_id'], ['person.id'], name='fk_opening_file_handed_in_by_id'),
    sa.ForeignKeyConstraint(['passage_id'], ['passage.id'], name='fk_opening_file_passage_id'),
    sa.ForeignKeyConstraint(['taken_in_by_id'], ['person.id'], name='fk_opening_file_taken_in_by_id'),
    sa.PrimaryKeyConstraint('id', name='pk_opening_file')
    )
    op.create_index('ix_opening_file_handed_in_by_id', 'opening_file', ['handed_in_by_id'])
    op.create_index('ix_opening_file_passage_id', 'opening_file', ['passage_id', 'id'])
    op.create_index('ix_opening_file_taken_in_by_id', 'opening_file', ['taken_in_by_id'])
    op.create_table('passage_step',
    sa.Column('id', ID, nullable=False),
    sa.Column('passage_id', ID, nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('due', sa.Date(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', ID, nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name='fk_passage_step_by_id'),
    sa.ForeignKeyConstraint(['passage_id'], ['passage.id'], name='fk_passage_step_passage_id'),
    sa.PrimaryKeyConstraint('id', name='pk_passage_step')
    )
    op.create_index('ix_passage_step_by_id', 'passage_step', ['by_id'])
    op.create_index('ix_passage_step_passage_id', 'passage_step', ['passage_id', 'id'])
    op.create_table('opening_item',
    sa.Column('id', ID, nullable=False),
    sa.Column('municipality_id', ID, nullable=False),
    sa.Column('file_id', ID, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('whose', sa.String(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('due', sa.Date(), nullable=True),
    sa.Column('cents', ID, nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by_id', ID, nullable=True),
    sa.Column('case_number', sa.String(), nullable=False),
    sa.CheckConstraint("(settled_at IS NULL) = (case_number = '')", name='ck_opening_item_settled'),
    sa.CheckConstraint("kind IN ('invoice', 'claim')", name='ck_opening_item_kind'),
    sa.CheckConstraint('cents > 0', name='ck_opening_item_positive'),
    sa.ForeignKeyConstraint(['file_id'], ['opening_file.id'], name='fk_opening_item_file_id'),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name='fk_opening_item_municipality_id'),
    sa.ForeignKeyConstraint(['settled_by_id'], ['person.id'], name='fk_opening_item_settled_by_id'),
    sa.PrimaryKeyConstraint('id', name='pk_opening_item'),
    sa.UniqueConstraint('municipality_id', 'kind', 'reference', name='uq_opening_item_municipality_id_kind_reference')
    )
    op.create_index('ix_opening_item_file_id', 'opening_item', ['file_id'])
    op.create_index('ix_opening_item_settled_by_id', 'opening_item', ['settled_by_id'])



def downgrade() -> None:
    for table in ("opening_item", "passage_step", "opening_file", "archive_request", "passage"):
        op.drop_table(table)
