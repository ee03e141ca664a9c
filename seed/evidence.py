"""Receipts that go with what was spent: train tickets as PDF, till receipts as photos, taken in as the portal does.

Drawing a photo takes time, so of long ago there are a few a month that several claims share; the lines take over
what is printed on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from random import Random

from portal.interfaces.files import Intake, take_in
from seed.receipts import receipt_image, train_ticket_pdf
from seed.sources import source

SHARED = {"meal": 2, "parking": 2, "other": 2, "study": 1, "lodging": 1}
"""How many photos there are a month, by kind of expense."""


@dataclass(frozen=True)
class Receipt:
    """What stands on a receipt. `seed` picks its looks and its number; a train ticket has a route."""

    category: str
    merchant: str
    day: date
    cents: int
    seed: int
    traveller: str = ""
    route: tuple[str, str] = ("", "")
    pooled: bool = False
    """Whether claims of several people show this picture, for want of time to draw each its own."""
    currency: str = "EUR"


def drawn(rng: Random, category: str, day: date) -> Receipt:
    """A receipt of this kind of expense, of this day, at some price."""
    kind = source("claims")["category"][category]
    low, high = kind["cents"]
    cents = round(low * (high / low) ** rng.random() / 5) * 5
    return Receipt(category, rng.choice(kind["merchants"]), day, cents, rng.getrandbits(30))


def shared(rng: Random, category: str, day: date) -> Receipt:
    """One of the receipts of this month that several claims share."""
    return rng.choice(_of_month(category, day.year, day.month))


@cache
def _of_month(category: str, year: int, month: int) -> tuple[Receipt, ...]:
    rng = Random(f"{category}-{year}-{month}")  # noqa: S311 - looks, not secrets
    days = (date(year, month, rng.randrange(1, 29)) for _ in range(SHARED[category]))
    return tuple(replace(drawn(rng, category, day), pooled=True) for day in days)


def intake_of(receipt: Receipt, original: str) -> Intake:
    """The receipt as a file that was uploaded and taken in.

    A pooled picture is each time the file of another phone, with its own moment in it: `original` tells them apart.
    """
    intake = _intake_of(receipt)
    if not receipt.pooled:
        return intake
    return replace(intake, original_sha256=sha256(f"{intake.original_sha256} {original}".encode()).hexdigest())


def _intake_of(receipt: Receipt) -> Intake:
    if receipt.category == "public_transport":
        ticket = train_ticket_pdf(
            seed=receipt.seed, traveller=receipt.traveller, origin=receipt.route[0], destination=receipt.route[1],
            day=receipt.day, total_cents=receipt.cents,
        )  # fmt: skip
        return take_in(ticket, f"e-ticket-{receipt.day:%d%m}.pdf")
    return _photo(receipt)


@cache
def _photo(receipt: Receipt) -> Intake:
    rng = Random(receipt.seed)  # noqa: S311 - looks, not secrets
    image = receipt_image(
        seed=receipt.seed,
        merchant=receipt.merchant,
        day=receipt.day,
        lines=_items(rng, receipt),
        total_cents=receipt.cents,
        currency=receipt.currency,
    )
    return take_in(
        image, rng.choice((f"IMG_{rng.randrange(1000, 9999)}.jpg", "bon.jpg", f"bon-{receipt.day:%d-%m}.jpg"))
    )


@contextmanager
def drawing_ahead(receipts: Iterable[Receipt]) -> Iterator[None]:
    """Draw these photos beside what goes on in the block, in this order, so that they lie ready when needed."""
    with ThreadPoolExecutor(1) as painter:
        for receipt in dict.fromkeys(receipts):
            if receipt.category != "public_transport":
                painter.submit(_photo, receipt)
        try:
            yield
        finally:
            painter.shutdown(cancel_futures=True)


def _items(rng: Random, receipt: Receipt) -> list[tuple[str, int]]:
    """One to three things that make up the total."""
    names = source("claims")["category"][receipt.category]["items"]
    left, items = receipt.cents, []
    for name in rng.sample(names, min(len(names), rng.randrange(1, 4)))[:-1]:
        part = left * rng.randrange(20, 60) // 100
        items.append((name, part))
        left -= part
    return [*items, (rng.choice(names), left)]
