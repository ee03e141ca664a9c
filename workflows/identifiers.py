"""Numbers by which organisations are known: checked as far as the number itself can tell.

Sources: a KvK number has 8 digits and no check digit; a Dutch VAT number passes the eleven test of the tax number in it
or, for sole traders since 2020, the test of ISO 7064 modulo 97 over the whole; an electronic address names a scheme of
the list of ISO/IEC 6523 (in the Netherlands 0106 KvK, 0190 OIN, 9944 VAT).
"""

import re

_KVK = re.compile(r"[0-9]{8}")
_OIN = re.compile(r"0190:[0-9]{20}")
_VAT = re.compile(r"[A-Z]{2}[A-Z0-9]{2,13}")
_DUTCH_VAT = re.compile(r"NL([0-9]{9})B([0-9]{2})")
_ENDPOINT = re.compile(r"[0-9]{4}:[a-z0-9][a-z0-9.@_-]{0,49}")


def is_kvk(number: str) -> bool:
    """Whether this can be a number of the Dutch trade register."""
    return bool(_KVK.fullmatch(number))


def is_vat(number: str) -> bool:
    """Whether this can be a VAT number, with its country and without spaces or points."""
    if not number.startswith("NL"):
        return bool(_VAT.fullmatch(number))
    found = _DUTCH_VAT.fullmatch(number)
    if not found:
        return False
    digits = [int(digit) for digit in found[1]]
    eleven = sum(digit * weight for digit, weight in zip(digits, range(9, 1, -1), strict=False)) % 11 == digits[8]
    whole = "".join(str(int(sign, 36)) for sign in number)
    return eleven or int(whole) % 97 == 1


def is_endpoint(address: str) -> bool:
    """Whether this can be an electronic address for invoices, as scheme:identifier in small letters."""
    return bool((_OIN if address.startswith("0190:") else _ENDPOINT).fullmatch(address))
