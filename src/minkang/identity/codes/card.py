"""The published electronic health card: card id and QR text by its SM4 chain. Pure.

    main index (64 hex)  -> factor: XOR of its four groups of eight bytes
    root key, factor     -> user key: SM4-ECB(root, factor followed by its complement)
    user key, identity   -> card id: SM4-ECB(user key, two digits of ID type + number, zero-padded)

As the published implementations have it (SM4: GB/T 32907-2016; physical card: WS/T 543-2017). The
QR text of the card binds no validity to the card that could not be copied, so a card is resolved to
its person and activates nothing.
"""

import re
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from minkang.crypto.sm4 import KEY_BYTES

TEMPORARY: Final = 1
FORMAL: Final = 2
"""The kinds of card: 1 临时 (who somebody is was not proved), 2 正式."""

NORMAL: Final = 1
PAUSED: Final = 2
"""The states that the published form knows: 1 正常, 2 暂停."""

RESIDENT_ID: Final = "01"
"""The ID type of a resident identity card."""

_BLOCK: Final = 16
_GROUP: Final = 8
_INDEX: Final = re.compile(r"[0-9A-Fa-f]{64}")
_QR: Final = re.compile(r"([0-9A-F]{32}(?:[0-9A-F]{32}){0,3}):(?:(1)|0:([0-9A-F]{32}))")
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_MOMENT: Final = "%Y%m%d%H%M%S"


class CardCode(msgspec.Struct, frozen=True):
    """A QR text of the published card, taken apart; `sealed` is the validity of a dynamic one."""

    card_id: str
    form: Literal["static", "dynamic"]
    sealed: bytes = b""


def factor(main_index: str) -> bytes:
    """The eight bytes that scatter the root key for one person.

    Raises:
        ValueError: the main index is not 64 hexadecimal digits.
    """
    if not _INDEX.fullmatch(main_index):
        raise ValueError("a main index has 64 hexadecimal digits")
    whole = bytes.fromhex(main_index)
    number = 0
    for begin in range(0, len(whole), _GROUP):
        number ^= int.from_bytes(whole[begin : begin + _GROUP], "big")
    return number.to_bytes(_GROUP, "big")


def user_key(root: bytes, main_index: str) -> bytes:
    """The key of one person's card. Raises ValueError."""
    scattered = factor(main_index)
    complement = bytes(byte ^ 0xFF for byte in scattered)
    return _encrypted(root, scattered + complement)


def card_id(root: bytes, main_index: str, id_type: str, number: str) -> str:
    """The id of a card (电子健康卡ID) in upper-case hexadecimal: 32 digits for each 16 characters.

    Raises:
        ValueError: the main index, the type (two digits) or the number is none.
    """
    if not re.fullmatch(r"\d{2}", id_type) or not re.fullmatch(r"[0-9A-Z]{1,60}", number):
        raise ValueError("an ID type has two digits, a number letters and digits")
    return _encrypted(user_key(root, main_index), _padded(id_type + number)).hex().upper()


def static_text(card: str) -> str:
    """The text of the QR code that can be printed."""
    return f"{card}:1"


def dynamic_text(card: str, protection: bytes, until: datetime) -> str:
    """The text of the QR code that counts until a moment."""
    moment = until.astimezone(_ZONE).strftime(_MOMENT)
    return f"{card}:0:{_encrypted(protection, _padded(moment)).hex().upper()}"


def parse_text(text: str) -> CardCode | None:
    """What a QR text says, if it has the form of one."""
    found = _QR.fullmatch(text)
    if found is None:
        return None
    if found[2]:
        return CardCode(found[1], "static")
    return CardCode(found[1], "dynamic", bytes.fromhex(found[3]))


def valid_until(sealed: bytes, protection: bytes) -> datetime | None:
    """Until when a dynamic code counts; None if it was not made under this key."""
    decryptor = Cipher(algorithms.SM4(protection), modes.ECB()).decryptor()  # noqa: S305
    plain = decryptor.update(sealed) + decryptor.finalize()
    digits = plain.rstrip(b"\0")
    if not re.fullmatch(rb"\d{14}", digits):
        return None
    try:
        moment = datetime.strptime(digits.decode("ascii"), _MOMENT)  # noqa: DTZ007 - zone below
    except ValueError:
        return None
    return moment.replace(tzinfo=_ZONE)


def _padded(text: str) -> bytes:
    content = text.encode("ascii")
    return content + b"\0" * (-len(content) % _BLOCK)


def _encrypted(key: bytes, content: bytes) -> bytes:
    """SM4 in ECB mode without padding: the mode that was published for this card, nothing else."""
    if len(key) != KEY_BYTES:
        raise ValueError("an SM4 key has 16 bytes")
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(content) + encryptor.finalize()
