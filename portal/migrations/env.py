"""How Alembic reaches the database: over the connection it is handed."""

from alembic import context

from portal.db import Base
from portal.models import __all__ as _every_table  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
