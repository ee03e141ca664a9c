"""How long a recovery is kept: process type 18, "Betalen en innen", of the selection list."""

from workflows.parties import ABORTED, GRANTED, REFUSED
from workflows.retention import Retention

RETENTION = (
    Retention(GRANTED, 7, "18.1 Betaald"),
    Retention(REFUSED, 7, "18.2 Niet betaald"),
    # Broken off here, but not the matter itself: the municipality goes on with it, so as long as what was not paid.
    Retention(ABORTED, 7, "18.2 Niet betaald"),
)
