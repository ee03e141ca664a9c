"""Keep trials, what was said of their checklist, and what was found"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('trial_run',
    sa.Column('id', ID, nullable=False),
    sa.Column('municipality_id', ID, nullable=True),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('begins_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('begun_by_id', ID, nullable=False),
    sa.Column('world', sa.String(), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by_id', ID, nullable=True),
    sa.Column('acceptance', sa.String(), nullable=False),
    sa.CheckConstraint('ends_on >= begins_on', name='ck_trial_run_period'),
    sa.CheckConstraint('(accepted_at IS NULL) = (accepted_by_id IS NULL)', name='ck_trial_run_accepted'),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name='fk_trial_run_municipality_id'),
    sa.ForeignKeyConstraint(['begun_by_id'], ['person.id'], name='fk_trial_run_begun_by_id'),
    sa.ForeignKeyConstraint(['accepted_by_id'], ['person.id'], name='fk_trial_run_accepted_by_id'),
    sa.PrimaryKeyConstraint('id', name='pk_trial_run')
    )
    op.create_index('ix_trial_run_municipality_id', 'trial_run', ['municipality_id'])
    op.create_index('ix_trial_run_begun_by_id', 'trial_run', ['begun_by_id'])
    op.create_index('ix_trial_run_accepted_by_id', 'trial_run', ['accepted_by_id'])
    op.create_table('trial_check',
    sa.Column('id', ID, nullable=False),
    sa.Column('run_id', ID, nullable=False),
    sa.Column('activity', sa.String(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', ID, nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['trial_run.id'], name='fk_trial_check_run_id'),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name='fk_trial_check_by_id'),
    sa.PrimaryKeyConstraint('id', name='pk_trial_check')
    )
    op.create_index('ix_trial_check_run_id', 'trial_check', ['run_id', 'id'])
    op.create_index('ix_trial_check_by_id', 'trial_check', ['by_id'])
    op.create_table('trial_finding',
    sa.Column('id', ID, nullable=False),
    sa.Column('run_id', ID, nullable=False),
    sa.Column('element', sa.String(), nullable=False),
    sa.Column('severity', sa.String(), nullable=False),
    sa.Column('said', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('found_by_id', ID, nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by_id', ID, nullable=True),
    sa.Column('resolution', sa.String(), nullable=False),
    sa.CheckConstraint("severity IN ('blocking', 'hindering', 'awkward')", name='ck_trial_finding_severity'),
    sa.CheckConstraint('(resolved_at IS NULL) = (resolved_by_id IS NULL)', name='ck_trial_finding_resolved'),
    sa.CheckConstraint("(resolved_at IS NULL) = (resolution = '')", name='ck_trial_finding_resolution'),
    sa.ForeignKeyConstraint(['run_id'], ['trial_run.id'], name='fk_trial_finding_run_id'),
    sa.ForeignKeyConstraint(['found_by_id'], ['person.id'], name='fk_trial_finding_found_by_id'),
    sa.ForeignKeyConstraint(['resolved_by_id'], ['person.id'], name='fk_trial_finding_resolved_by_id'),
    sa.PrimaryKeyConstraint('id', name='pk_trial_finding')
    )
    op.create_index('ix_trial_finding_run_id', 'trial_finding', ['run_id', 'id'])
    op.create_index('ix_trial_finding_found_by_id', 'trial_finding', ['found_by_id'])
    op.create_index('ix_trial_finding_resolved_by_id', 'trial_finding', ['resolved_by_id'])


def downgrade() -> None:
    for table in ('trial_finding', 'trial_check', 'trial_run'):
        op.drop_table(table)
