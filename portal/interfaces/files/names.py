"""File names as people may see and download them: harmless in a header, a folder and a line of text.

Names are decoration: storage goes by content hash and the type by content, so a name is cleaned, not trusted.
"""

import re
import unicodedata

MAX_NAME = 120
"""Characters in a cleaned name, extension included."""

FALLBACK = "bijlage"
"""Stem for a name of which nothing is left (Dutch: attachment)."""

ALLOWED_EXTENSIONS = frozenset({"jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "hif", "pdf"})
"""What cameras, scanners and mail programs call the kinds we take, lower case."""

# Cc control, Cf format (bidi overrides, zero-width characters), Cs/Co/Cn no character, Zl/Zp line ends.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_EXTENSION = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,9})$")
# Not allowed in Windows file names; ":" would also name an alternate data stream there.
_RESERVED = re.compile(r'[<>:"|?*]')


def tidy(filename: str) -> str:
    """The last path part in NFC, without invisible characters or outer dots and blanks; may be empty."""
    visible = "".join(char for char in filename if unicodedata.category(char) not in _INVISIBLE)
    last = unicodedata.normalize("NFC", visible).replace("\\", "/").rsplit("/", 1)[-1]
    return " ".join(_RESERVED.sub("-", last).split()).strip(". ")


def foreign_extension(filename: str) -> str | None:
    """The extension when it is of no allowed kind ("exe"), else None.

    Anything shaped like an extension counts, so the rule is an allow-list; "bon 12.50" and "IMG_0042" have
    none.
    """
    found = _EXTENSION.search(tidy(filename))
    extension = found[1].lower() if found else None
    return None if extension in ALLOWED_EXTENSIONS else extension


def clean_name(filename: str, extension: str) -> str:
    """A safe name of at most `MAX_NAME` characters that ends in the real type's extension."""
    tidied = tidy(filename)
    found = _EXTENSION.search(tidied)
    known = found is not None and found[1].lower() in ALLOWED_EXTENSIONS
    stem = tidied[: found.start()] if found and known else tidied
    return f"{stem[: MAX_NAME - len(extension) - 1].strip('. ') or FALLBACK}.{extension}"
