"""Small turns of phrase: how long something has lasted, how a list is strung together."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_NUMERALS: Final = ("", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十")


def listed(words: Iterable[str]) -> str:
    """The words as a list with 、, each once, in their order."""
    return "、".join(dict.fromkeys(word for word in words if word))


@lru_cache(maxsize=8192)
def lasting(days: int, way: int) -> str:
    """So many days as a complaint says it; `way` (any number) chooses among the ways."""
    if days <= 0:
        return ("半天", "数小时", "3小时", "2小时", "1小时", "5小时", "6小时")[way % 7]
    if days < 7:
        return (f"{days}天", f"{days}天", f"{days}天", f"{days}日", f"{days}天余")[way % 5]
    if days < 28:
        weeks, rest = divmod(days, 7)
        if days in (14, 15, 16) and way % 3 == 0:
            return "半月"
        if rest == 0:
            return f"{weeks}周"
        if rest > 3:
            return (f"{days}天", f"{weeks + 1}周")[way % 2]
        return (f"{days}天", f"{weeks}周余", f"{weeks}周")[way % 3]
    if days < 360:
        months = max(1, round(days / 30.4))
        return (f"{months}个月", f"{months}月", f"{months}月余")[way % 3]
    years = max(1, round(days / 365.25))
    more = f"{years}余年" if years >= 10 and years % 10 == 0 else f"{years}年余"
    return (f"{years}年", f"{years}年余", f"{years}年", more)[way % 4]


@lru_cache(maxsize=1024)
def numeral(number: int) -> str:
    """A small number in Chinese as it counts things (两 for two)."""
    return _NUMERALS[number] if 0 < number <= 10 else str(number)
