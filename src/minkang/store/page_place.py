"""Where a page of a search ended, as text in the link to the next one."""

import binascii
import math
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from minkang.fhir import Problem, Refused


class After(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended, and what the first page saw.

    `plan` is the number of the test that drove it, -1 for none, and whether it was had whole.
    """

    plan: int
    whole: bool
    value: float | str | None
    place: int
    snapshot: str


def _is_snapshot(text: str) -> bool:
    """Whether PostgreSQL takes it for a snapshot: lowest, highest, and what runs in between."""
    if not re.fullmatch(r"[0-9]{1,18}:[0-9]{1,18}:([0-9]{1,18}(,[0-9]{1,18})*)?", text):
        return False
    low, high, *running = (int(number) for number in re.findall("[0-9]+", text))
    return 0 < low <= high and running == sorted(n for n in set(running) if low <= n < high)


def text_of(after: After) -> str:
    """The place as a text that is safe in an address."""
    value = after.value
    if isinstance(value, float) and math.isinf(value):
        after = msgspec.structs.replace(after, value=str(value))
    return urlsafe_b64encode(msgspec.json.encode(after)).decode().rstrip("=")


def after_of(text: str | None) -> After | None:
    """The place that a text means; None for the first page.

    Raises:
        Refused: it was not given out by `text_of`.
    """
    if text is None:
        return None
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        after = msgspec.json.decode(raw, type=After)
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise bad_place() from None
    if not -(1 << 63) <= after.place < 1 << 63 or not _is_snapshot(after.snapshot):
        raise bad_place()
    return after


def bad_place() -> Refused:
    """The refusal of a place that fits no page of ours."""
    return Refused([Problem("search", "_after", "paging", "翻页参数 _after 不是本系统给出的")])
