"""A small catalogue to test with: claims, of which Duinrade agreed otherwise, and questions."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from portal.commands import catalogue
from portal.commands.changes import COMMAND_LINE
from portal.models.catalogue import Service
from portal.worlds import World
from tests.cast import Cast

EVE, BEGIN = date(2025, 12, 31), date(2026, 1, 1)
SAID = catalogue.Terms(
    "Wij controleren declaraties en bonnen.", "Binnen drie dagen.", "We check claims.", "Within three days.",
    {"claims_paid": "95"},
)  # fmt: skip
TWO_DAYS = catalogue.Terms(SAID.description, "Binnen twee dagen.", norms={"claims_paid": "97"})


def services(session: Session, cast: Cast) -> tuple[Service, Service]:
    """Handling of claims and answering of questions, offered since the year began."""
    now, place = cast.world.clock.now(), cast.municipalities["duinrade"]
    claims = catalogue.NewService(
        "expense_claims", "Declaraties afhandelen", "case", SAID, "Handling of expense claims", "case:expense_claim"
    )
    asked = catalogue.Terms("Wij beantwoorden vragen.", "Op werkdagen.", norms={"contacts_answered": "90"})
    questions = catalogue.NewService("contact", "Vragen beantwoorden", "employee", asked, delivered_by="contact")
    both = tuple(
        catalogue.add_service(session, COMMAND_LINE, new, BEGIN, "Besluit", now, EVE) for new in (claims, questions)
    )
    catalogue.set_terms(session, COMMAND_LINE, both[0], place, TWO_DAYS, BEGIN, "DVO Duinrade", now, EVE)
    for service, where, cents in ((both[0], None, 1140), (both[0], place, 900), (both[1], None, 1200)):
        catalogue.set_price(session, COMMAND_LINE, service, where, cents, BEGIN, "Besluit", now, EVE)
    return both[0], both[1]


def offered(world: World, cast: Cast) -> None:
    """Put them in the database of a world."""
    with world.db.transaction() as session:
        services(session, cast)
