"""Lists as a CSV file to download."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response

from portal.interfaces.csv_files import written


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as a file of this name (without `.csv`); the header is in the reader's language already."""
    answer = Response(written(header, rows), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return answer
