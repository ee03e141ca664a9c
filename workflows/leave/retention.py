"""How long a request for leave is kept. Which row of the selection list holds for leave is to be checked."""

from workflows.parties import ABORTED, GRANTED, REFUSED
from workflows.retention import Retention

# Long enough to prove what was given and taken until extra-statutory hours have prescribed (Civil Code 7:642).
RETENTION = (
    Retention(GRANTED, 7, "11 Toestemming verlenen (check)"),
    Retention(REFUSED, 3, "11 Toestemming geweigerd (check)"),
    Retention(ABORTED, 1, "11 Afgebroken (check)"),
)
