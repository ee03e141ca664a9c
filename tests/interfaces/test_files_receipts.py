"""The receipts of the demonstration data: legible, small, repeatable and acceptable to the gate."""

from datetime import date
from io import BytesIO

import pytest
from PIL import Image, ImageStat
from pypdf import PdfReader

from portal.interfaces.files import take_in
from seed.receipts import euros, receipt_image, train_ticket_pdf

DAY = date(2026, 11, 20)
LINES = [("Koffie verkeerd", 375), ("Broodje gezond", 895), ("Crème brûlée", 650)]


def image(seed: int = 1, lines: list[tuple[str, int]] = LINES) -> bytes:
    return receipt_image(seed=seed, merchant="Eetcafé De Brug", day=DAY, lines=lines, total_cents=1920)


def ticket(seed: int = 1) -> bytes:
    return train_ticket_pdf(
        seed=seed,
        traveller="Zoë (test) de Vries \\",
        origin="Utrecht Centraal",
        destination="'s-Hertogenbosch",
        day=DAY,
        total_cents=2140,
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_receipt_is_a_small_photo_the_gate_accepts(seed: int) -> None:
    intake = take_in(image(seed), "bon.jpg")
    assert (intake.width, intake.height) == (480, 720)
    assert len(image(seed)) <= 25_000
    assert ImageStat.Stat(Image.open(BytesIO(intake.content)).convert("L")).extrema[0][0] < 90  # there is ink


def test_receipts_are_repeatable_and_differ() -> None:
    assert image(1) == image(1)
    assert len({image(seed) for seed in range(20)}) == 20


@pytest.mark.parametrize("lines", [[], [("Een heel lange omschrijving die niet past", 1234567)] * 30])
def test_any_number_of_lines_can_be_drawn(lines: list[tuple[str, int]]) -> None:
    assert take_in(image(lines=lines), "bon").media_type == "image/jpeg"


def test_a_ticket_is_a_readable_pdf_the_gate_accepts() -> None:
    assert take_in(ticket(), "kaartje.pdf").pages == 1
    text = PdfReader(BytesIO(ticket()), strict=True).pages[0].extract_text()
    for part in (
        "Zoë (test) de Vries \\",
        "vr 20-11-2026",
        "Utrecht Centraal - 's-Hertogenbosch",
        "EUR 21,40",
    ):
        assert part in text


def test_tickets_are_repeatable_and_differ() -> None:
    assert ticket(1) == ticket(1) != ticket(2)


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0,00"), (5, "0,05"), (375, "3,75"), (123450, "1.234,50"), (-250, "-2,50")]
)
def test_amounts_are_written_the_dutch_way(cents: int, text: str) -> None:
    assert euros(cents) == text
