"""Invented values in place of real ones: the same for the same value throughout one world, and of nobody.

Which is which follows from a key that is thrown away with the making of the world: nobody can turn it back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows import CASE_TYPES

SYLLABLES = ("ba", "do", "fe", "gi", "ka", "lo", "mi", "na", "pe", "ri", "so", "ta", "ve", "wi", "zo", "hu")
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
SHA256 = re.compile(r"[0-9a-f]{64}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+([+-]\d{2}:\d{2}|Z)?)?")
NUMBER_OF_CASE = re.compile(rf"({'|'.join(sorted(one.prefix for one in CASE_TYPES.values()))})-\d{{4}}-\d{{6}}(-\d+)?")

CODED = frozenset({
    "kind", "kinds", "from_part", "to_part", "days", "standing", "parts", "cost_centre", "key", "category", "persons",
    "vat_percent", "vat_category", "percent", "quantity", "proof", "judged_by", "quarter", "line", "unit", "km", "rate",
    "code", "value", "article", "per", "then", "because", "currency", "exchange_rate", "exchange_source", "what",
    "batch", "digest", "answer", "about", "settled_as", "rules", "unit_code", "then_by", "part", "channel", "verdict",
})  # fmt: skip
"""Names in JSON of which the value is chosen from a list or worked out, never typed freely. All else is replaced."""


def check_digits(bank: str, number: str, country: str = "NL") -> str:
    """A whole account number with the check digits that belong to it (ISO 13616)."""
    rest = "".join(str(int(sign, 36)) for sign in f"{bank}{number}{country}00")
    return f"{country}{98 - int(rest) % 97:02}{bank}{number}"


@dataclass
class Inventor:
    """Gives invented values. `real` are names that may not come out by chance, `known` is what was given already."""

    key: bytes
    real: Collection[str] = ()
    known: dict[str, str] = field(default_factory=dict)
    contents: Mapping[str, str] = field(default_factory=dict)
    """The hash of the invented document in place of each."""

    def _bits(self, kind: str, value: object, turn: int = 0) -> int:
        said = f"{kind}:{turn}:{value}".encode()
        return int.from_bytes(hashlib.blake2b(said, key=self.key, digest_size=16).digest(), "big")

    def name(self, kind: str, value: object, syllables: int = 3) -> str:
        """A name that one can say, and that no real person here has."""
        for turn in range(100):
            bits, found = self._bits(kind, value, turn), ""
            for _ in range(syllables):
                bits, place = divmod(bits, len(SYLLABLES))
                found += SYLLABLES[place]
            if found not in self.real:
                return found.capitalize()
        raise RuntimeError("every name is taken")

    def digits(self, kind: str, value: object, count: int) -> str:
        """So many digits."""
        return f"{self._bits(kind, value) % 10**count:0{count}}"

    def iban(self, value: str) -> str:
        """A valid account number of a bank that does not exist."""
        return check_digits("MOCK", self.digits("iban", value, 10)) if value else ""

    def text(self, value: str) -> str:
        """A text in place of what somebody typed: equal texts stay equal."""
        if not value.strip():
            return ""
        return self.known.get(value) or f"Voorbeeldtekst {self._bits('text', value) % 16**8:08x}"

    def value(self, value: str, name: str = "") -> str:
        """A text in JSON: what is coded, a day or the number of a case stays as it is."""
        if not value or name in CODED or DATE.fullmatch(value) or NUMBER_OF_CASE.fullmatch(value):
            return value
        if value in self.known:
            return self.known[value]
        if SHA256.fullmatch(value):
            return self.contents.get(value) or hashlib.sha256(self.key + value.encode()).hexdigest()
        return self.iban(value) if IBAN.fullmatch(value) else self.text(value)

    def json(self, value: Any, name: str = "") -> Any:
        """All of a value in JSON: numbers stay, texts as `value` says."""
        match value:
            case dict():
                return {key: self.json(one, key) for key, one in value.items()}
            case list() | tuple():
                return [self.json(one, name) for one in value]
            case str():
                return self.value(value, name)
            case _:
                return value
