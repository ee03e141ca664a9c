"""Keep suppliers with their accounts and what is asked about them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')


def upgrade() -> None:
    op.create_table('supplier',
    sa.Column('id', ID, nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kvk', sa.String(), nullable=False),
    sa.Column('vat', sa.String(), nullable=False),
    sa.Column('endpoint', sa.String(), nullable=False),
    sa.Column('street', sa.String(), nullable=False),
    sa.Column('postcode', sa.String(), nullable=False),
    sa.Column('town', sa.String(), nullable=False),
    sa.Column('country', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('terms_days', ID, nullable=True),
    sa.Column('blocked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('blocked_because', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', ID, nullable=True),
    sa.Column('approved_by_id', ID, nullable=True),
    sa.Column('bare', sa.String(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.CheckConstraint("(blocked_at IS NULL) = (blocked_because = '')", name='ck_supplier_blocked_because'),
    sa.CheckConstraint('(created_by_id IS NULL) = (approved_by_id IS NULL)', name='ck_supplier_approved'),
    sa.CheckConstraint('approved_by_id <> created_by_id', name='ck_supplier_approved_by_another'),
    sa.CheckConstraint('terms_days IS NULL OR terms_days > 0', name='ck_supplier_terms'),
    sa.ForeignKeyConstraint(['approved_by_id'], ['person.id'], name='fk_supplier_approved_by_id'),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name='fk_supplier_created_by_id'),
    sa.PrimaryKeyConstraint('id', name='pk_supplier')
    )
    op.create_index('ix_supplier_approved_by_id', 'supplier', ['approved_by_id'])
    op.create_index('ix_supplier_bare', 'supplier', ['bare', 'id'])
    op.create_index('ix_supplier_created_by_id', 'supplier', ['created_by_id'])
    op.create_index('ix_supplier_endpoint', 'supplier', ['endpoint'], sqlite_where=sa.text("endpoint <> ''"), postgresql_where=sa.text("endpoint <> ''"))
    op.create_index('ix_supplier_kvk', 'supplier', ['kvk'], sqlite_where=sa.text("kvk <> ''"), postgresql_where=sa.text("kvk <> ''"))
    op.create_index('ix_supplier_vat', 'supplier', ['vat'], sqlite_where=sa.text("vat <> ''"), postgresql_where=sa.text("vat <> ''"))

    op.create_table('supplier_request',
    sa.Column('id', ID, nullable=False),
    sa.Column('supplier_id', ID, nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('data', JSON, nullable=False),
    sa.Column('before', JSON, nullable=False),
    sa.Column('alike', JSON, nullable=False),
    sa.Column('distinct_because', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('contact_id', ID, nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by_id', ID, nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', ID, nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.CheckConstraint("kind = 'new' OR supplier_id IS NOT NULL", name='ck_supplier_request_about'),
    sa.CheckConstraint('(decided_at IS NULL) = (decided_by_id IS NULL)', name='ck_supplier_request_decided'),
    sa.CheckConstraint('(decided_at IS NULL) = (granted IS NULL)', name='ck_supplier_request_granted'),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> asked_by_id', name='ck_supplier_request_four_eyes'),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name='fk_supplier_request_asked_by_id'),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name='fk_supplier_request_contact_id'),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name='fk_supplier_request_decided_by_id'),
    sa.ForeignKeyConstraint(['supplier_id'], ['supplier.id'], name='fk_supplier_request_supplier_id'),
    sa.PrimaryKeyConstraint('id', name='pk_supplier_request')
    )
    op.create_index('ix_supplier_request_asked_by_id', 'supplier_request', ['asked_by_id'])
    op.create_index('ix_supplier_request_contact_id', 'supplier_request', ['contact_id'])
    op.create_index('ix_supplier_request_decided_by_id', 'supplier_request', ['decided_by_id'])
    op.create_index('ix_supplier_request_supplier', 'supplier_request', ['supplier_id', 'id'])
    op.create_index('ix_supplier_request_waiting', 'supplier_request', ['id'], sqlite_where=sa.text('decided_at IS NULL'), postgresql_where=sa.text('decided_at IS NULL'))
    op.create_index('uq_supplier_request_open', 'supplier_request', ['supplier_id', 'kind'], unique=True, sqlite_where=sa.text('decided_at IS NULL'), postgresql_where=sa.text('decided_at IS NULL'))

    op.create_table('supplier_account',
    sa.Column('id', ID, nullable=False),
    sa.Column('supplier_id', ID, nullable=False),
    sa.Column('iban', sa.String(), nullable=False),
    sa.Column('guarantee', sa.Boolean(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('follows_id', ID, nullable=True),
    sa.Column('request_id', ID, nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by_id', ID, nullable=True),
    sa.Column('checked_by_id', ID, nullable=True),
    sa.Column('contact_id', ID, nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_by_id', ID, nullable=True),
    sa.CheckConstraint('(changed_by_id IS NULL) = (checked_by_id IS NULL)', name='ck_supplier_account_checked'),
    sa.CheckConstraint('(released_at IS NULL) = (released_by_id IS NULL)', name='ck_supplier_account_released'),
    sa.CheckConstraint('checked_by_id <> changed_by_id', name='ck_supplier_account_checked_by_another'),
    sa.CheckConstraint('released_by_id <> changed_by_id AND released_by_id <> checked_by_id', name='ck_supplier_account_released_by_another'),
    sa.ForeignKeyConstraint(['changed_by_id'], ['person.id'], name='fk_supplier_account_changed_by_id'),
    sa.ForeignKeyConstraint(['checked_by_id'], ['person.id'], name='fk_supplier_account_checked_by_id'),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name='fk_supplier_account_contact_id'),
    sa.ForeignKeyConstraint(['follows_id'], ['supplier_account.id'], name='fk_supplier_account_follows_id'),
    sa.ForeignKeyConstraint(['released_by_id'], ['person.id'], name='fk_supplier_account_released_by_id'),
    sa.ForeignKeyConstraint(['request_id'], ['supplier_request.id'], name='fk_supplier_account_request_id'),
    sa.ForeignKeyConstraint(['supplier_id'], ['supplier.id'], name='fk_supplier_account_supplier_id'),
    sa.PrimaryKeyConstraint('id', name='pk_supplier_account')
    )
    op.create_index('ix_supplier_account_changed_by_id', 'supplier_account', ['changed_by_id'])
    op.create_index('ix_supplier_account_checked_by_id', 'supplier_account', ['checked_by_id'])
    op.create_index('ix_supplier_account_contact_id', 'supplier_account', ['contact_id'])
    op.create_index('ix_supplier_account_follows_id', 'supplier_account', ['follows_id'])
    op.create_index('ix_supplier_account_iban', 'supplier_account', ['iban'])
    op.create_index('ix_supplier_account_latest', 'supplier_account', ['supplier_id', 'guarantee', 'id'])
    op.create_index('ix_supplier_account_released_by_id', 'supplier_account', ['released_by_id'])
    op.create_index('ix_supplier_account_request_id', 'supplier_account', ['request_id'])



def downgrade() -> None:
    op.drop_table('supplier_account')
    op.drop_table('supplier_request')
    op.drop_table('supplier')
