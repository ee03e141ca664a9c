"""The characters that every bank in SEPA accepts.

Source: EPC217-08, "SEPA requirements for an extended character set": banks must support the basic Latin
set; other letters only where the banks on both sides agreed on them, which a sender cannot know. So a text
of basic letters goes to the bank exactly as it is, and of any other text only the foreign characters are
replaced, by the letters people would write themselves ("Jörgen" → "Jorgen", "Weiß" → "Weiss"). The caller
keeps the original spelling: a payee check at the bank that says "nearly matches" is judged against that
one.
"""

import re
import unicodedata

_BASIC = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_UNKNOWN = "."

# Letters that Unicode does not take apart into a base letter and an accent, and signs with a usual spelling.
_SPELLED = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d",
        "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "ħ": "h",
        "Ħ": "H", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T", "ĸ": "k", "ʼ": "'", "’": "'", "‘": "'", "‚": "'",
        "`": "'", "´": "'", "ʹ": "'", "“": "'", "”": "'", "„": "'", '"': "'", "–": "-", "—": "-", "‐": "-",
        "‑": "-", "−": "-", "_": "-", "~": "-", "…": "...", "€": "EUR", "&": "+", "@": "(at)", ";": ",",
        "[": "(", "]": ")", "{": "(", "}": ")", "<": "(", ">": ")", "|": "/", "\\": "/", "!": ".", "*": ".",
        "·": ".", "•": "-", "№": "No", "×": "x", "=": "-", "%": ".", "#": ".", "^": ".", "$": ".",
    }
)  # fmt: skip


def sepa_text(text: str, length: int) -> str:
    """The text in the basic Latin set, white space made single, cut off after `length` characters.

    A character without a known spelling becomes a full stop. The result is empty when no letter or digit is
    left, so that "..." never stands for somebody's name.
    """
    plain = re.sub(r"\s+", " ", text).translate(_SPELLED)
    letters = unicodedata.normalize("NFKD", plain)
    basic = "".join(_basic(letter) for letter in letters if not unicodedata.combining(letter))
    result = re.sub(" +", " ", basic).strip()[:length].rstrip()
    return result if any(letter.isalnum() for letter in result) else ""


def _basic(letter: str) -> str:
    if letter in _BASIC:
        return letter
    # Control and invisible format characters carry no meaning for a reader.
    return " " if unicodedata.category(letter) in {"Cc", "Zs"} else _visible(letter)


def _visible(letter: str) -> str:
    return "" if unicodedata.category(letter) == "Cf" else _UNKNOWN


def is_sepa_id(text: str, length: int) -> bool:
    """Whether all banks keep this identification unchanged: basic letters, no slash at an end, no "//"."""
    return 0 < len(text) <= length and _BASIC.issuperset(text) and text.strip(" /") == text and "//" not in text
