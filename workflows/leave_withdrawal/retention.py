"""How long a withdrawal is kept: as long as the leave it is about. Its row of the selection list is to be checked."""

from workflows.parties import ABORTED, GRANTED, REFUSED
from workflows.retention import Retention

RETENTION = (
    Retention(GRANTED, 7, "11 Toestemming verlenen (check)"),
    Retention(REFUSED, 3, "11 Toestemming geweigerd (check)"),
    Retention(ABORTED, 1, "11 Afgebroken (check)"),
)
