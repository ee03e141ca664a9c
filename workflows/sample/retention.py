"""How long a sample is kept: as long as the payment that it is the check of."""

from workflows.parties import GRANTED, REFUSED
from workflows.retention import Retention

RETENTION = (
    Retention(GRANTED, 7, "18.1 Betaald"),
    Retention(REFUSED, 7, "18.1 Betaald"),
)
