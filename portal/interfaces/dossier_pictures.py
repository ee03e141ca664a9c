"""Documents as pictures to put in a printed dossier: photos made small, each page of a PDF drawn.

Runs confined, as a process of its own: a PDF that somebody sent may crash or exhaust whoever draws it. It reads
`documents.json` and adds a line to `drawn.jsonl` for each that is done, so what was done before a crash stays.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from portal.interfaces.confined import GIB, Limits, run
from portal.interfaces.files import FileCorrupt, FileMissing, FileStore

MOST_PICTURES, MOST_BYTES = 250, 40 * 1024 * 1024
"""Pictures in one dossier, and how large all of them together may be."""
SIDE = 1650
"""Pixels of the longest side: an A4 page at 140 dots per inch, at which small print can be read."""
LIMITS = Limits(memory=2 * GIB, seconds=120, writes=True, threads=True)
"""What a hostile file may cost at most."""

NOT_FOUND, NOT_TRUE, NOT_DRAWN, TOO_MANY = "missing", "corrupt", "not_drawn", "too_many"
"""Why a document, or the rest of it, has no picture."""


def draw(folder: Path, store: Path, documents: Sequence[Mapping[str, Any]], patience: float,
         most_bytes: int = MOST_BYTES) -> dict[str, Any]:  # fmt: skip
    """Draw these documents (`sha256`, `media_type`) in the folder, in another process.

    By hash: their `pictures` with width and height, and `why` not all could be made.
    """
    once = {document["sha256"]: document for document in documents}
    wanted = {"store": str(store), "documents": list(once.values()), "most_bytes": most_bytes}
    (folder / "documents.json").write_text(json.dumps(wanted))
    # What was done before it broke off counts.
    run("portal.interfaces.dossier_pictures", folder, limits=LIMITS, patience=patience)
    drawn = folder / "drawn.jsonl"
    lines = drawn.read_text().splitlines() if drawn.exists() else []
    done: dict[str, Any] = {}
    for line in lines:
        with suppress(ValueError):  # cut off in the middle
            row = json.loads(line)
            done[row["sha256"]] = row
    return done


def _all(folder: Path) -> None:
    wanted = json.loads((folder / "documents.json").read_text())
    store, left, count = FileStore(Path(wanted["store"])), wanted["most_bytes"], 0
    with (folder / "drawn.jsonl").open("a") as report:
        for document in wanted["documents"]:
            row: dict[str, Any] = {"sha256": document["sha256"], "pictures": [], "why": ""}
            try:
                content = store.read(document["sha256"])
                for picture in _pictures_of(content, document["media_type"]):
                    jpeg = _jpeg(picture)
                    if count >= MOST_PICTURES or len(jpeg) > left:
                        row["why"] = TOO_MANY
                        break
                    count, left = count + 1, left - len(jpeg)
                    name = f"{count}.jpg"
                    (folder / name).write_bytes(jpeg)
                    row["pictures"].append({"file": name, "width": picture.width, "height": picture.height})
            except FileMissing:
                row["why"] = NOT_FOUND
            except FileCorrupt:
                row["why"] = NOT_TRUE
            except Exception:  # decoders raise whatever hostile bytes make them raise
                row["why"] = NOT_DRAWN
            report.write(json.dumps(row) + "\n")
            report.flush()


def _pictures_of(content: bytes, media_type: str) -> Iterator[Image.Image]:
    if media_type != "application/pdf":
        with Image.open(BytesIO(content)) as image:
            image.draft("RGB", (SIDE, SIDE))
            image.thumbnail((SIDE, SIDE))
            yield image.convert("RGB")
        return
    pdf = pypdfium2.PdfDocument(content)
    try:
        for at in range(len(pdf)):
            page = pdf[at]
            scale = min(SIDE / max(page.get_size()), 4)
            yield page.render(scale=scale).to_pil().convert("RGB")
            page.close()
    finally:
        pdf.close()


def _jpeg(picture: Image.Image) -> bytes:
    output = BytesIO()
    picture.save(output, "JPEG", quality=75, optimize=True)
    return output.getvalue()


if __name__ == "__main__":
    _all(Path(sys.argv[1]))
