"""How long a dispute is kept: as long as the payments it is about, process type 18 of the selection list."""

from workflows.parties import ABORTED, GRANTED, REFUSED
from workflows.retention import Retention

RETENTION = (
    Retention(GRANTED, 7, "18.1 Betaald"),
    Retention(REFUSED, 7, "18.2 Niet betaald"),
    Retention(ABORTED, 1, "18 Afgebroken"),
)
