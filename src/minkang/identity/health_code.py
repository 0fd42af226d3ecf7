"""The electronic health code of a resident, in the form that can be read out and typed.

Sixteen digits: the region (6), a number (9), a check digit (ISO 7064 MOD 11,10). What is shown as a
QR code, and the published health card, are made by `identity.codes`; this number stays the
resident's.
"""

import re

from minkang.crypto import hmac_sm3

CODE_SYSTEM = "urn:minkang:ehealth-code"
_REGION = "371098"


def health_code(id_key: bytes, person: str, attempt: int) -> str:
    """The code of a person; the next attempt gives another, should it be taken."""
    digest = hmac_sm3(id_key, f"code|{person}|{attempt}".encode())
    body = _REGION + f"{int.from_bytes(digest[:8], 'big') % 10**9:09}"
    return body + _check_digit(body)


def is_health_code(text: str) -> bool:
    """Whether a text, spaces aside, has the form and the check digit of a code."""
    code = compact(text)
    return bool(re.fullmatch(r"\d{16}", code)) and _check_digit(code[:15]) == code[15]


def compact(text: str) -> str:
    """A code as typed or scanned, without spaces and hyphens."""
    return re.sub(r"[\s-]", "", text)


def _check_digit(digits: str) -> str:
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
