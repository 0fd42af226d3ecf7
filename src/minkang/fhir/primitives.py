"""What the value of a primitive type may be, as JSON and in its letters (FHIR R4, 2.24.0.1).

Stricter than R4's own patterns where its text is: days of the calendar, no control characters,
base64 that can be decoded. Patterns are for `re.search` and linear in the length of the text.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeAlias

from minkang.fhir.dates import days_of_month

Fault: TypeAlias = tuple[str, str]
"""A rule and why it is broken, in Chinese.

Rules: `type`, `empty`, `characters`, `pattern`, `calendar-date`, `range`, `narrative`.
"""

SMALLEST_EXPONENT: Final = -400
LARGEST_EXPONENT: Final = 308
"""R4 sets no bounds to a decimal; beyond these it is no measure, and a hazard to who computes."""

_YEAR = "(?!0000)[0-9]{4}"
_MONTH = "(?:0[1-9]|1[0-2])"
_LEAP_YEAR = "(?!0000)(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DAY = (
    f"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    f"|{_LEAP_YEAR}-02-29)"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_HEX = "[0-9a-f]"

ID: Final = r"[A-Za-z0-9\-.]{1,64}"
OID: Final = r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"
UUID: Final = f"urn:uuid:{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"

PATTERNS: Final[dict[str, str]] = {
    "canonical": r"\A\S+\Z",
    "code": r"\A\S+(?:\s\S+)*\Z",
    "date": rf"\A(?:{_DAY}|{_YEAR}(?:-{_MONTH})?)\Z",
    "dateTime": rf"\A(?:{_DAY}(?:T{_TIME}{_ZONE})?|{_YEAR}(?:-{_MONTH})?)\Z",
    "id": rf"\A{ID}\Z",
    "instant": rf"\A{_DAY}T{_TIME}{_ZONE}\Z",
    "oid": rf"\A{OID}\Z",
    "time": rf"\A{_TIME}\Z",
    "uri": r"\A\S+\Z",
    "url": r"\A\S+\Z",
    "uuid": rf"\A{UUID}\Z",
}
"""Of the types whose letters say whether they are right."""

INTEGERS: Final[dict[str, tuple[int, int]]] = {
    "integer": (-(2**31), 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
}
"""Smallest and largest value."""

NOT_ALLOWED: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]"
"""Control characters but tab, line feed and return; halves of a surrogate pair."""

ACTIVE: Final = (
    r"<\s*/?(?:script|form|base|link|frame|iframe|frameset|object|embed|head|body|style)\b"
    r"|<[^<>]*\s(?:on\w+|xlink:href)\s*=|javascript:"
)
"""What a narrative may not hold: anything that runs, loads or submits (R4 2.4.0, Narrative)."""

_FORMS = {
    "canonical": "应为不含空白的规范地址",
    "code": "应为代码：首尾无空白，中间空白不连续",
    "date": "应为日期：YYYY、YYYY-MM 或 YYYY-MM-DD",
    "dateTime": "应为日期时间：YYYY、YYYY-MM、YYYY-MM-DD 或带秒和时区的 YYYY-MM-DDThh:mm:ss+08:00",
    "id": "应为 1 至 64 个字母、数字、减号或点",
    "instant": "应为带秒和时区的时刻：YYYY-MM-DDThh:mm:ss+08:00",
    "oid": "应为 urn:oid: 开头的 OID",
    "time": "应为时间：hh:mm:ss",
    "uri": "应为不含空白的 URI",
    "url": "应为不含空白的 URL",
    "uuid": "应为 urn:uuid: 开头的小写 UUID",
}

_not_allowed = re.compile(NOT_ALLOWED).search
_active = re.compile(ACTIVE, re.IGNORECASE).search
_day_of_calendar = re.compile(rf"\A({_YEAR})-({_MONTH})-(0[1-9]|[12][0-9]|3[01])(?=T|\Z)").search
_base64 = re.compile(r"\A[A-Za-z0-9+/\s]*={0,2}\s*\Z").search
_base64_gap = re.compile(r"\s+").sub


def fault(of_type: str, value: Any) -> Fault | None:
    """What is wrong with a JSON value (not null) as a primitive, or None.

    Raises:
        KeyError: R4 has no such primitive type.
    """
    return _CHECKS[of_type](value)


def _boolean(value: Any) -> Fault | None:
    return None if isinstance(value, bool) else ("type", "应为 true 或 false")


def _decimal(value: Any) -> Fault | None:
    # `decode` gives no float, but what a program made itself may hold one.
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return "type", "应为数字"
    number = Decimal(value)
    if not number.is_finite():
        return "type", "应为数字"
    if number and not SMALLEST_EXPONENT <= number.adjusted() <= LARGEST_EXPONENT:
        return "range", "数字过大或过小"
    return None


def _integer(of_type: str) -> Callable[[Any], Fault | None]:
    low, high = INTEGERS[of_type]

    def check(value: Any) -> Fault | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return "type", "应为整数"
        return None if low <= value <= high else ("range", f"应在 {low} 至 {high} 之间")

    return check


def _text(value: Any) -> Fault | None:
    if not isinstance(value, str):
        return "type", "应为字符串"
    if not value:
        return "empty", "不能是空字符串"
    if _not_allowed(value):
        return "characters", "含有控制字符或残缺的字符"
    return None


def _lexical(of_type: str) -> Callable[[Any], Fault | None]:
    matches = re.compile(PATTERNS[of_type]).search

    def check(value: Any) -> Fault | None:
        if wrong := _text(value):
            return wrong
        if matches(value):
            return None
        day = _day_of_calendar(value) if of_type in ("date", "dateTime", "instant") else None
        if day and int(day[3]) > days_of_month(int(day[1]), int(day[2])):
            return "calendar-date", f"{value[:10]} 不是日历上的一天"
        return "pattern", _FORMS[of_type]

    return check


def _base64_binary(value: Any) -> Fault | None:
    if wrong := _text(value):
        return wrong
    if not _base64(value) or len(_base64_gap("", value)) % 4:
        return "pattern", "应为 base64 编码"
    return None


def _xhtml(value: Any) -> Fault | None:
    if wrong := _text(value):
        return wrong
    if not value.lstrip().startswith("<div"):
        return "narrative", "叙述应为一个 <div> 元素"
    if _active(value):
        return "narrative", "叙述中不能有脚本、表单、外部引用或事件属性"
    return None


_CHECKS: dict[str, Callable[[Any], Fault | None]] = {
    "base64Binary": _base64_binary,
    "boolean": _boolean,
    "decimal": _decimal,
    "markdown": _text,
    "string": _text,
    "xhtml": _xhtml,
    **{of_type: _integer(of_type) for of_type in INTEGERS},
    **{of_type: _lexical(of_type) for of_type in PATTERNS},
}
