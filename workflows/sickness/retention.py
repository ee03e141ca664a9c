"""How long a sickness is kept: two years after recovery, as the Dutch data protection authority says (check)."""

from workflows.parties import ABORTED, GRANTED
from workflows.retention import Retention

SOURCE = "AP, De zieke werknemer (check)"
RETENTION = (
    Retention(GRANTED, 2, "Twee jaar na herstel", source=SOURCE),
    Retention(ABORTED, 1, "Ten onrechte gemeld", source=SOURCE),
)
