"""What somebody asks for: a kind of outbreak at a place from a day on."""

from datetime import date
from typing import Final

import msgspec

KINDS: Final = {
    "norovirus": "学校诺如病毒感染聚集性疫情",
    "measles": "麻疹聚集性疫情",
    "food-poisoning": "食源性疾病暴发（副溶血性弧菌）",
    "new-respiratory": "输入病例引起的新发呼吸道传染病",
    "dysentery": "细菌性痢疾缓慢上升",
}
"""The kinds with the names by which a CDC would call the event."""

AUTO: Final = "auto"


class Request(msgspec.Struct, frozen=True):
    """`place` is the key of a site, the code of a village (12 digits) or town (9), or `auto`."""

    kind: str
    place: str
    day: date


def request(text: str) -> Request:
    """`KIND@PLACE@DAY`, as `norovirus@auto@2026-03-02`.

    Raises:
        ValueError: not of that form, an unknown kind, no date.
    """
    kind, _, rest = text.partition("@")
    place, _, day = rest.rpartition("@")
    if not place:
        raise ValueError(f"{text!r} is not KIND@PLACE@DAY")
    if kind not in KINDS:
        raise ValueError(f"no such outbreak: {kind}; there are {', '.join(KINDS)}")
    try:
        return Request(kind, place, date.fromisoformat(day))
    except ValueError as error:
        raise ValueError(f"{day!r} is not a day (YYYY-MM-DD)") from error
