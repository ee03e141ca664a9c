"""How long an advance is kept: process type 18, "Betalen en innen", of the selection list."""

from workflows.parties import ABORTED, GRANTED, REFUSED
from workflows.retention import Retention

RETENTION = (
    Retention(GRANTED, 7, "18.1 Betaald"),
    Retention(REFUSED, 7, "18.2 Niet betaald"),
    Retention(ABORTED, 1, "18.5 Afgebroken"),
)
