"""The first password of an account: made by chance, handed over once, to be changed at once."""

import secrets
from typing import Final

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"
_DIGITS: Final = "23456789"
_GROUPS: Final = 4


def initial_password() -> str:
    """Four groups of letters and digits to be read aloud and typed: about 90 bits.

    Letters and digits that look alike are not among them.
    """
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(4)) + secrets.choice(_DIGITS)
        for _ in range(_GROUPS)
    )
