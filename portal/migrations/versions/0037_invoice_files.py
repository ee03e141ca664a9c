"""Keep the files in which invoices come in"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')


def upgrade() -> None:
    op.create_table('invoice_file',
    sa.Column('id', ID, nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('size', ID, nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', ID, nullable=True),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('judged_by', sa.String(), nullable=False),
    sa.Column('findings', JSON, nullable=False),
    sa.Column('told', JSON, nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('seller_key', sa.String(), nullable=False),
    sa.Column('supplier_id', ID, nullable=True),
    sa.Column('municipality_id', ID, nullable=True),
    sa.Column('case_id', ID, nullable=True),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('mailed_to', sa.String(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by_id', ID, nullable=True),
    sa.Column('set_aside', sa.String(), nullable=False),
    sa.CheckConstraint('case_id IS NULL OR settled_at IS NOT NULL', name='ck_invoice_file_case_is_settled'),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name='fk_invoice_file_case_id'),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name='fk_invoice_file_municipality_id'),
    sa.ForeignKeyConstraint(['settled_by_id'], ['person.id'], name='fk_invoice_file_settled_by_id'),
    sa.ForeignKeyConstraint(['supplier_id'], ['supplier.id'], name='fk_invoice_file_supplier_id'),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['person.id'], name='fk_invoice_file_uploaded_by_id'),
    sa.PrimaryKeyConstraint('id', name='pk_invoice_file'),
    sa.UniqueConstraint('sha256', name='uq_invoice_file_sha256')
    )
    op.create_index('ix_invoice_file_case_id', 'invoice_file', ['case_id'])
    op.create_index('ix_invoice_file_municipality_id', 'invoice_file', ['municipality_id'])
    op.create_index('ix_invoice_file_same', 'invoice_file', ['number', 'seller_key'], sqlite_where=sa.text("number <> ''"), postgresql_where=sa.text("number <> ''"))
    op.create_index('ix_invoice_file_settled_by_id', 'invoice_file', ['settled_by_id'])
    op.create_index('ix_invoice_file_supplier_id', 'invoice_file', ['supplier_id'])
    op.create_index('ix_invoice_file_uploaded_by_id', 'invoice_file', ['uploaded_by_id'])
    op.create_index('ix_invoice_file_waiting', 'invoice_file', ['id'], sqlite_where=sa.text('settled_at IS NULL'), postgresql_where=sa.text('settled_at IS NULL'))



def downgrade() -> None:
    op.drop_table('invoice_file')
