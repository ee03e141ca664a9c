"""How long an invoice is kept: process type 18, "Betalen en innen", of the selection list."""

from workflows.parties import ABORTED, GRANTED, REFUSED
from workflows.retention import Retention

RETENTION = (
    # "Wet- en regelgeving: Burgerlijk Wetboek, boek 2 artikel 10 lid 3"
    Retention(GRANTED, 7, "18.1 Betaald"),
    Retention(REFUSED, 7, "18.2 Niet betaald"),
    # "Herkomst: risicoanalyse"
    Retention(ABORTED, 1, "18.5 Afgebroken"),
)
