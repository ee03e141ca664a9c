"""How long a change of account number is kept: process type 6, requests, of the selection list."""

from workflows.parties import ABORTED, GRANTED, REFUSED
from workflows.retention import Retention

RETENTION = (
    Retention(GRANTED, 7, "6.1.1 Ingewilligd, met financiële consequenties"),
    Retention(REFUSED, 1, "6.2 Afgewezen"),
    Retention(ABORTED, 1, "6 Afgebroken"),
)
