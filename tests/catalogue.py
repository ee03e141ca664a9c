"""A small catalogue to test with: claims, of which Duinrade agreed otherwise, and questions; and agreements on it."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.commands import agreements, catalogue
from portal.commands.changes import COMMAND_LINE
from portal.models.agreements import Agreement
from portal.models.catalogue import Service
from portal.models.people import Municipality
from portal.worlds import World
from tests.cast import Cast
from workflows.agreements import TEXTS

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


STEPS = [
    {"when": "Een maand niet gehaald", "who": "Teamleider", "what": "Legt uit hoe het komt", "days": 5},
    {"when": "Twee maanden niet gehaald", "who": "Directeur", "what": "Maakt een plan", "days": 10},
]
FILLED: dict[str, dict[str, Any]] = {
    "dvo": {"services": {"expense_claims": 120}, "targets": {"claims_paid": "95", "check": "90"}, "steps": STEPS},
    "dfa": {"variant": "price", "prices": {"expense_claims": {"cents": 1140, "volume": 120}}, "advance_cents": 30000,
            "startup_cents": 0},
    "dap": {"procedures": [{"title": "Mutaties", "text": "Voor de tiende."}]},
}  # fmt: skip


def filled(kind: str, **more: Any) -> dict[str, Any]:
    """A complete agreement of a kind."""
    return deepcopy(FILLED[kind]) | {"texts": dict.fromkeys(TEXTS[kind], "Zoals afgesproken.")} | more


def drafted(session: Session, cast: Cast, kind: str, first: date, *, place: str = "waterveen", on: date = EVE,
            **more: Any) -> Agreement:  # fmt: skip
    """A complete draft that Ilse made."""
    now, ilse = cast.world.clock.now(), cast.viewer(session, "ilse")
    there = session.get_one(Municipality, cast.municipalities[place])
    row = agreements.draft(session, ilse, there, kind, first, now, on)
    agreements.change(session, ilse, row, filled(kind, **more), first, None, now, on)
    return row


def signed(session: Session, cast: Cast, row: Agreement, on: date = EVE, who: str = "ilse farid") -> Agreement:
    """Let these people sign, the director for the SSC and anybody else for the municipality."""
    for name in who.split():
        side = "ssc" if name == "ilse" else "municipality"
        agreements.sign(session, cast.viewer(session, name), row, side, row.digest, cast.world.clock.now(), on)
    return row


def with_agreements(session: Session, cast: Cast) -> None:
    """A catalogue, a DVO on it that holds, and a draft of the next."""
    services(session, cast)
    signed(session, cast, drafted(session, cast, "dvo", BEGIN))
    drafted(session, cast, "dvo", date(2027, 1, 1))
