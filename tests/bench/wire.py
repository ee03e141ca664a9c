"""Bytes and requests of a page as a browser sees them: all it must fetch the first time, and again later."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urldefrag

from sqlalchemy import select

from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.worlds import World
from tests.bench.browser import Connection, Person
from tests.bench.bulk_people import PASSWORD
from tests.bench.worlds import Bench

NEEDED = re.compile(r'<(?:link|script|img|use|object|iframe)\b[^>]*?\s(?:href|src|data)="([^"#][^"]*)"')
KEEPS = re.compile(r"max-age=(?!0\b)\d+|immutable")


@dataclass
class View:
    """What one look at a page costs."""

    requests: int
    size: int
    html: int


def look(person: Person, address: str) -> tuple[View, View]:
    """The first view with an empty cache, and a later one that fetches only what may not be kept."""
    page = person.get(address)
    parts = {urldefrag(found).url.replace("&amp;", "&") for found in NEEDED.findall(page.text)}
    first, later = View(1, page.wire, len(page.content)), View(1, page.wire, len(page.content))
    for part in sorted(parts):
        answer = person.get(part)
        first.requests, first.size = first.requests + 1, first.size + answer.wire
        if not KEEPS.search(answer.headers["Cache-Control"] or ""):
            later.requests, later.size = later.requests + 1, later.size + answer.wire
    return first, later


def _addresses(world: World) -> dict[str, tuple[str, str]]:
    """The main pages: by whom they are looked at, and where they are."""
    with world.db.session(writes=False) as session:
        paid = session.scalars(select(Case.number).where(Case.state == "paid").limit(1)).one()
        taken = select(Case.number).where(Case.state == "approved", Case.assignee_id.is_not(None)).limit(1)
        held = session.scalars(taken).one()
        draft = session.scalars(select(Case.id).where(Case.number.is_(None)).order_by(Case.id).limit(1)).one()
        nonce = session.scalars(select(MailLink.nonce).where(MailLink.ended.is_(None)).limit(1)).one()
    return {
        "sign_in": ("nobody", "/aanmelden"), "home": ("employee", "/"), "new_claim": ("employee", f"/concept/{draft}"),
        "my_cases": ("employee", "/zaken"), "dossier": ("clerk", f"/zaken/{paid}"),
        "decide": ("nobody", f"/akkoord/{world.link_token(nonce)}"), "queue": ("clerk", "/werkvoorraad"),
        "bench": ("holder", f"/werkvoorraad/{held}"), "payments": ("treasurer", "/betalingen/gemeente0"),
    }  # fmt: skip


def measure(bench: Bench) -> None:
    """All figures about the wire. The database makes no difference here, so one is enough."""
    kind = bench.kinds[0]
    with bench.copy(kind, 1000) as url, bench.serve(url) as server:
        addresses = _addresses(bench.world(url))
        names = {"employee": "e0", "clerk": "clerk0", "treasurer": "treasurer0", "holder": "clerk0"}
        people = {role: Person(Connection(server.port)) for role in (*names, "nobody")}
        for role, name in names.items():
            people[role].sign_in(name, PASSWORD)
        for page, (role, address) in addresses.items():
            if page == "bench":
                address = people[role].post("/werkvoorraad/volgende", {}).location  # noqa: PLW2901
            first, later = look(people[role], address)
            for name, view, most, goal in (
                ("first_view", first, 6, "≤ 60 kB"), ("later_view", later, 1, "≤ 15 kB"),
            ):  # fmt: skip
                bench.report.add(f"{name}_size", view.size / 1000, "kB", 1, kind, page=page, html=view.html, goal=goal)
                bench.report.add(f"{name}_requests", view.requests, "requests", 1, kind, page=page, goal=f"≤ {most}")
