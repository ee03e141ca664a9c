"""How long a sample is kept: as long as the payment that it is the check of."""

from workflows.parties import ABORTED, GRANTED, REFUSED
from workflows.retention import Retention

RETENTION = (
    Retention(GRANTED, 7, "18.1 Betaald"),
    Retention(REFUSED, 7, "18.1 Betaald"),
    # What it was the check of was not paid after all.
    Retention(ABORTED, 7, "18.2 Niet betaald"),
)
