"""The code on a cover sheet: which case (and line) the paper behind it is for, in a form that nobody can make up.

It holds the number that stands on the sheet anyway, and a keyed hash of it: the key is not in the database, so whoever
knows a number, or reads the database, cannot make a sheet that puts paper in a case.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re

import segno

_CODE = re.compile(r"SSC\*([A-Z]{2,5}-\d{4}-\d{6,9})\*([A-Z2-7]{20})")


def code_for(key: bytes, number: str, line_key: str = "") -> str:
    """The text of the code: capitals and digits only, which makes the smallest picture."""
    mac = hmac.new(key, f"{number}\0{line_key}".encode(), hashlib.sha256).digest()
    return f"SSC*{number}*{base64.b32encode(mac).decode()[:20]}"


def number_in(text: str) -> str:
    """The case number that a code names, whether it is true or not; empty when this is no code of ours."""
    match = _CODE.fullmatch(text)
    return match[1] if match else ""


def is_code_for(key: bytes, text: str, number: str, line_key: str = "") -> bool:
    """Whether this is the code that was made for this case and line."""
    return hmac.compare_digest(text.encode(), code_for(key, number, line_key).encode())


def picture_of(code: str) -> str:
    """The code as SVG to stand in a page. A quarter of it may be unreadable."""
    out = io.BytesIO()
    made = segno.make_qr(code, error="q", boost_error=False)
    made.save(out, kind="svg", xmldecl=False, svgns=True, nl=False, border=4, omitsize=True, svgclass="ssc-code",
              lineclass=None)  # fmt: skip
    return out.getvalue().decode()
