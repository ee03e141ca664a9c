"""Account numbers: checking them, and showing them to people.

Source of the rules (ISO 13616 check digits, length and shape per country, the list of SEPA countries and the
table from bank code to BIC): the registry of the `schwifty` library.
"""

import re
from collections.abc import Mapping

from schwifty import IBAN
from schwifty.exceptions import (
    InvalidChecksumDigits,
    InvalidCountryCode,
    InvalidLength,
    SchwiftyException,
)

from workflows.parties import N_

IBAN_SENTENCES: Mapping[str, str] = {
    "iban_empty": N_("Fill in the account number."),
    "iban_format": N_("This is not an account number. Write it as NL91 ABNA 0417 1643 00."),
    "iban_length": N_("This account number has too many or too few characters."),
    "iban_checksum": N_("This account number is not right. Check it for a typing mistake."),
    "iban_country": N_("Payments are possible to accounts in SEPA countries only."),
}

# What people type or paste between the groups; zero-width characters come along from web pages and PDF files.
_BETWEEN_GROUPS = re.compile("[\\s.\u00ad\u200b-\u200d\u2010-\u2015\u2060\ufeff-]+")
_HIDDEN = "•"
_SHOWN_AT_THE_END = 4
_COUNTRY = 2


class InvalidIban(Exception):
    """`code`: iban_format, iban_country (unknown, or outside SEPA), iban_length or iban_checksum."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean_iban(text: str) -> str:
    """The account number without spaces and in capitals; raises InvalidIban."""
    compact = _BETWEEN_GROUPS.sub("", text)
    # Before upper(): that turns some other letters into ASCII ones ("ß" into "SS").
    if not (compact.isascii() and compact.isalnum()):
        raise InvalidIban("iban_format")
    try:
        iban = IBAN(compact)
    except SchwiftyException as error:
        raise InvalidIban(_code_of(error)) from None
    if not iban.in_sepa_zone:
        raise InvalidIban("iban_country")
    return str(iban)


def _code_of(error: SchwiftyException) -> str:
    match error:
        case InvalidCountryCode():
            return "iban_country"
        case InvalidLength():
            return "iban_length"
        case InvalidChecksumDigits():
            return "iban_checksum"
        case _:
            return "iban_format"


def bic_of(iban: str) -> str | None:
    """The BIC of the bank that keeps this account, None when it is not known; raises InvalidIban."""
    bic = IBAN(clean_iban(iban)).bic
    return str(bic) if bic else None


def grouped(iban: str) -> str:
    """For people: "NL91 ABNA 0417 1643 00". Does not check the number."""
    compact = _BETWEEN_GROUPS.sub("", iban)
    return " ".join(compact[start : start + 4] for start in range(0, len(compact), 4))


def masked(iban: str) -> str:
    """For people who need to recognise the account, not to use it: country and last four, "NL•• … ••43 00".

    Text that is too short to be an account number is hidden altogether.
    """
    compact = _BETWEEN_GROUPS.sub("", iban)
    if len(compact) <= 2 * _SHOWN_AT_THE_END + _COUNTRY:
        return _HIDDEN * len(compact)
    hidden = len(compact) - _COUNTRY - _SHOWN_AT_THE_END
    return grouped(compact[:_COUNTRY] + _HIDDEN * hidden + compact[-_SHOWN_AT_THE_END:])
