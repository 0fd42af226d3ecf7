"""Our own token: who shows it has it from the resident's screen, now. Pure.

    MK1 and 96 characters of base32: kind (1 byte), key (2), code (8), time (5), nonce (12),
    MAC (32)

The MAC is HMAC-SM3 (GB/T 15852.2) over all before it and over what the token is bound to. No text
but the one that was made is accepted: no other case, no padding, no unused bits. Letters and digits
alone make the smallest QR picture (its alphanumeric mode).
"""

import base64
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec

from minkang.crypto import prepared_hmac_sm3

Kind = Literal["show", "visit"]
Mac: TypeAlias = Callable[[bytes], bytes]

PREFIX: Final = "MK1"
NONCE_BYTES: Final = 12
_BODY: Final = 28
_FORM: Final = re.compile(PREFIX + r"[A-Z2-7]{96}")
_KINDS: Final[dict[Kind, int]] = {"show": 1, "visit": 2}
_NAMES: Final[dict[int, Kind]] = {number: kind for kind, number in _KINDS.items()}
_BEGINNING: Final = b"minkang code token 1\0"


class Token(msgspec.Struct, frozen=True):
    """A token taken apart; nothing of it counts before `is_genuine`.

    Attributes:
        kind: `show` is on the resident's screen; `visit` is what scanning that gave an institution.
        key: version of the key of its MAC.
        code: id of the code it was made for.
        issued: seconds since 1970.
    """

    kind: Kind
    key: int
    code: int
    issued: int
    nonce: bytes
    body: bytes
    mac: bytes


def mac_of(secret: bytes) -> Mac:
    """What makes MACs under a key of 32 bytes."""
    return prepared_hmac_sm3(secret, _BEGINNING)


def make_token(
    mac: Mac, kind: Kind, *, key: int, code: int, issued: int, bound_to: str = ""
) -> str:
    """A new token; `bound_to` is the institution that alone can use it, if there is one."""
    body = (
        _KINDS[kind].to_bytes(1, "big")
        + key.to_bytes(2, "big")
        + code.to_bytes(8, "big")
        + issued.to_bytes(5, "big")
        + secrets.token_bytes(NONCE_BYTES)
    )
    return PREFIX + base64.b32encode(body + mac(body + bound_to.encode())).decode("ascii")


def looks_like_token(text: str) -> bool:
    """Whether a text begins as a token does."""
    return text.startswith(PREFIX)


def parse_token(text: str) -> Token | None:
    """The parts of a token, if the text has the form of one."""
    if not _FORM.fullmatch(text):
        return None
    raw = base64.b32decode(text[len(PREFIX) :])
    body = raw[:_BODY]
    kind = _NAMES.get(body[0])
    if kind is None:
        return None
    return Token(
        kind=kind,
        key=int.from_bytes(body[1:3], "big"),
        code=int.from_bytes(body[3:11], "big", signed=True),
        issued=int.from_bytes(body[11:16], "big"),
        nonce=body[16:],
        body=body,
        mac=raw[_BODY:],
    )


def is_genuine(token: Token, mac: Mac, bound_to: str = "") -> bool:
    """Whether the token was made under this key and for this; takes the same time either way."""
    return hmac.compare_digest(token.mac, mac(token.body + bound_to.encode()))
