"""How the schemas of WS/T 500-2016 want a value to be written, and whether one can be.

| Format | |
|---|---|
| `time` | YYYYMMDDhhmmss of Shanghai: a day alone can't be written |
| `date` | YYYYMMDD: a time of day is left out |
| `date-nofeb` | the same, of a schema whose pattern has no February (C0004, C0005, C0015, C0016) |
| `when` | as precise as it is known |
| `int`, `int0..150` | a whole number, within bounds |
| `number` | any number |
| `length8..20` | characters |
| `岁,月,天` | one of these |
"""

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from minkang.exchange.mappings.written import decimal

SHANGHAI: Final = timezone(timedelta(hours=8))
"""The zone of times without one, as they are read: never the summer times of 1940 to 1991."""

_BOUNDS: Final = re.compile(r"(int|length)(-?\d*)\.\.(\d*)")
_CALENDAR: Final = re.compile(r"\d{8}(\d{5,6})?", re.ASCII)
_TEXTS: Final = {
    "calendar": "不是时间",
    "time-precision": "只知道日期，而此处必须写到秒",
    "date-only": "此处只能写日期",
    "february": "此类文档的结构定义不接受二月的日期，无法写成有效的文档",
    "integer": "此处只能写整数",
    "number": "不是数值",
    "range": "超出此处允许的范围",
    "length": "长度不符",
    "decimals": "小数位数超出此类文档允许的位数",
    "unit": "此类文档的数量单位只能是 天",
    "currency": "此处只能写人民币金额",
    "value-type": "此类文档没有这种类型的值",
    "choice": "不在此类文档允许的取值之中",
}


class Unwritable(Exception):  # noqa: N818 - reads as what is said of the value
    """A value that the schema has no form for; `rule` says why."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule

    @property
    def text(self) -> str:
        """Why, for whoever reads the problem."""
        return _TEXTS.get(self.rule, "无法按此类文档的要求写出")


def written(value: str, form: str) -> str:
    """A value in a format; times come as FHIR has them, all else as text.

    Raises:
        Unwritable: with its rule.
    """
    if not form or form == "number":
        if form and decimal(value) is None:
            raise Unwritable("number")
        return value
    if form in ("time", "date", "date-nofeb", "when"):
        return _time(value, form)
    if form == "int":
        return whole(value)
    if match := _BOUNDS.fullmatch(form):
        return _bounded(value, match[1], match[2], match[3])
    if value not in form.split(","):
        raise Unwritable("choice")
    return value


def judged(value: str, form: str) -> None:
    """Whether a value that stands in a document is in a format.

    Raises:
        Unwritable: with its rule.
    """
    if form not in ("time", "date", "date-nofeb", "when"):
        written(value, form)
        return
    if form == "when":
        if value and not (value.isdecimal() and value.isascii()):
            raise Unwritable("calendar")
        return
    if not _CALENDAR.fullmatch(value):
        raise Unwritable("calendar")
    moment = f"{value[:4]}-{value[4:6]}-{value[6:8]}"
    clock = value[8:].zfill(6) if len(value) > 8 else "000000"
    try:
        datetime.fromisoformat(f"{moment}T{clock[:2]}:{clock[2:4]}:{clock[4:]}")
    except ValueError as error:
        raise Unwritable("calendar") from error
    if form == "time" and len(value) < len("20260503080000") - 1:
        raise Unwritable("time-precision")
    if form != "time" and len(value) > len("20260503"):
        raise Unwritable("date-only")
    if form == "date-nofeb" and value[4:6] == "02":
        raise Unwritable("february")


def whole(value: str) -> str:
    """A number without decimals.

    Raises:
        Unwritable: it has some that are not zero.
    """
    found = decimal(value)
    if found is None:
        raise Unwritable("number")
    if found != found.to_integral_value():
        raise Unwritable("integer")
    return str(int(found))


def digits(value: str) -> str:
    """A FHIR time as YYYY[MM[DD[hhmmss]]] of Shanghai.

    Raises:
        Unwritable: it is none.
    """
    found = _digits(value)
    if not found:
        raise Unwritable("calendar")
    return found


@lru_cache(maxsize=4096)
def _digits(value: str) -> str:
    if "T" not in value:
        plain = value.replace("-", "")
        return plain if plain.isdecimal() and len(plain) in (4, 6, 8) else ""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    if moment.tzinfo is not None:
        moment = moment.astimezone(SHANGHAI)
    return moment.strftime("%Y%m%d%H%M%S")


def _time(value: str, form: str) -> str:
    found = digits(value)
    if form == "when":
        return found
    needed = 14 if form == "time" else 8
    if len(found) < needed:
        raise Unwritable("time-precision")
    if form == "date-nofeb" and found[4:6] == "02":
        raise Unwritable("february")
    return found[:needed]


def _bounded(value: str, what: str, low: str, high: str) -> str:
    text = whole(value) if what == "int" else value
    size = int(text) if what == "int" else len(text)
    if (low and size < int(low)) or (high and size > int(high)):
        raise Unwritable("range" if what == "int" else "length")
    return text
