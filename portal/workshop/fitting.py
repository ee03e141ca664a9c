"""What the database of a practice world has beside that of a portal: the tables of a workshop, and its triggers."""

from __future__ import annotations

from portal.db import Database
from portal.workshop.tables import WorkshopBase

BOTH_TIMES = """
CREATE TRIGGER IF NOT EXISTS workshop_event_both_times AFTER INSERT ON case_event BEGIN
  INSERT INTO workshop_event_wall (event_id, wall) VALUES (NEW.id, strftime('%Y-%m-%d %H:%M:%f000', 'now'));
END
"""
"""Every event has its time in the story; this gives it the time on the wall as well, whoever writes it."""


def fit(db: Database) -> None:
    """Make the migrated database of a portal one of a practice world. Does nothing when it is."""
    with db.transaction() as session:
        connection = session.connection()
        WorkshopBase.metadata.create_all(connection)
        connection.exec_driver_sql(BOTH_TIMES)
