"""The tests of which levels are made, each in Python and in SQL side by side.

A test is written `kind column ...`, e.g. `equal birth_date`. Its Python form takes two records with
the columns as attributes, its SQL form (DuckDB) the columns with the suffixes `_l` and `_r`. Both
say the same of the same plain columns: text, where "" is unknown; whole numbers, where 0 is;
true or false; and lists of texts. All are symmetric.
"""

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import Any, Final, NamedTuple

Holds = Callable[[Any, Any], bool]
Kind = Callable[..., "Test"]


class Test(NamedTuple):
    """Whether something holds of two records: in Python, and as an SQL expression."""

    holds: Holds
    sql: str


def _always() -> Test:
    return Test(lambda _a, _b: True, "TRUE")


def _missing(column: str) -> Test:
    """One of the two is not known (text or number)."""
    get = attrgetter(column)
    return Test(
        lambda a, b: not (get(a) and get(b)),
        f"(coalesce({column}_l, '') = '' OR coalesce({column}_r, '') = '')",
    )


def _missing_list(column: str) -> Test:
    """One of the two lists is empty."""
    get = attrgetter(column)
    sql = f"(len({column}_l) = 0 OR len({column}_r) = 0)"
    return Test(lambda a, b: not (get(a) and get(b)), sql)


def _equal(column: str) -> Test:
    """Both are known and the same."""
    get = attrgetter(column)

    def holds(a: Any, b: Any) -> bool:
        one = get(a)
        return bool(one) and one == get(b)

    return Test(holds, f"({column}_l <> '' AND {column}_l = {column}_r)")


def _overlap(column: str) -> Test:
    """Both lists hold a same element."""
    get = attrgetter(column)

    def holds(a: Any, b: Any) -> bool:
        one, other = get(a), get(b)
        if one and other:
            for element in one:
                if element in other:
                    return True
        return False

    return Test(holds, f"list_has_any({column}_l, {column}_r)")


def _crossed(column: str, other: str) -> Test:
    """One's first column is the other's second one."""
    first, second = attrgetter(column), attrgetter(other)

    def holds(a: Any, b: Any) -> bool:
        one = first(a)
        if one and one == second(b):
            return True
        two = first(b)
        return bool(two) and two == second(a)

    sql = (
        f"(({column}_l <> '' AND {column}_l = {other}_r)"
        f" OR ({column}_r <> '' AND {column}_r = {other}_l))"
    )
    return Test(holds, sql)


def _member(column: str, among: str) -> Test:
    """One's text stands in the other's list."""
    text, texts = attrgetter(column), attrgetter(among)

    def holds(a: Any, b: Any) -> bool:
        return text(a) in texts(b) or text(b) in texts(a)

    sql = f"(list_contains({among}_r, {column}_l) OR list_contains({among}_l, {column}_r))"
    return Test(holds, sql)


def _within(column: str, most: str) -> Test:
    """Both numbers are known, and at most so far apart."""
    get, limit = attrgetter(column), int(most)

    def holds(a: Any, b: Any) -> bool:
        one, other = get(a), get(b)
        return bool(one and other) and -limit <= one - other <= limit

    return Test(
        holds,
        f"({column}_l <> 0 AND {column}_r <> 0 AND abs({column}_l - {column}_r) <= {limit})",
    )


def _either(column: str) -> Test:
    """It is true of one of the two."""
    get = attrgetter(column)
    return Test(lambda a, b: bool(get(a) or get(b)), f"({column}_l OR {column}_r)")


def _mixed(column: str) -> Test:
    """Of one it is known, of the other not."""
    get = attrgetter(column)
    return Test(
        lambda a, b: bool(get(a)) != bool(get(b)), f"(({column}_l = '') <> ({column}_r = ''))"
    )


def _longer(column: str, least: str) -> Test:
    """Both texts have at least so many characters."""
    get, limit = attrgetter(column), int(least)
    return Test(
        lambda a, b: len(get(a)) >= limit and len(get(b)) >= limit,
        f"(length({column}_l) >= {limit} AND length({column}_r) >= {limit})",
    )


def _half(column: str, other: str) -> Test:
    """Both columns have one character, and one of the two is the same: of names of two."""
    first, second = attrgetter(column), attrgetter(other)

    def holds(a: Any, b: Any) -> bool:
        one, two = first(a), second(a)
        if len(one) != 1 or len(two) != 1:
            return False
        three, four = first(b), second(b)
        return len(three) == 1 and len(four) == 1 and (one == three or two == four)

    sql = (
        f"(length({column}_l) = 1 AND length({other}_l) = 1 AND length({column}_r) = 1"
        f" AND length({other}_r) = 1 AND ({column}_l = {column}_r OR {other}_l = {other}_r))"
    )
    return Test(holds, sql)


def one_slip(one: str, other: str) -> bool:
    """Whether two texts are one slip of the hand apart: a character wrong, missing or too many, or
    two neighbours swapped (Damerau 1964).
    """
    if one == other:
        return False
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return (
        one[at : at + 2] == other[at + 1 : at + 2] + other[at] and one[at + 2 :] == other[at + 2 :]
    )


def _slip(column: str) -> Test:
    """Both are known (ASCII), and one slip apart; see `one_slip`."""
    get = attrgetter(column)

    def holds(a: Any, b: Any) -> bool:
        one, other = get(a), get(b)
        return bool(one and other) and one_slip(one, other)

    one, other = f"{column}_l", f"{column}_r"
    # The distance itself takes long; of as many characters most differ in more than two places.
    sql = (
        f"(CASE WHEN {one} = '' OR {other} = '' THEN FALSE"
        f" WHEN length({one}) = length({other}) THEN CASE hamming({one}, {other}) WHEN 1 THEN TRUE"
        f" WHEN 2 THEN damerau_levenshtein({one}, {other}) = 1 ELSE FALSE END"
        f" WHEN abs(length({one}) - length({other})) = 1"
        f" THEN damerau_levenshtein({one}, {other}) = 1 ELSE FALSE END)"
    )
    return Test(holds, sql)


_EARLIEST, _LATEST, _MONTH = 18, 51, 30
"""A lunar date read as a solar one is from 18 to 51 days early."""


def _lunar(day: str, moon: str) -> Test:
    """One's date is the other's by the lunar calendar, within a day.

    The day of the month of the earlier one is that of the moon at the later one, and it is from 18
    to 51 days before. `day` is the column of the ordinal day, `moon` that of the day of the moon;
    the day of the month follows from the ISO date in `birth_date`.
    """
    days, moons, dates = attrgetter(day), attrgetter(moon), attrgetter("birth_date")

    def holds(a: Any, b: Any) -> bool:
        one, other = days(a), days(b)
        if not one or not other:
            return False
        if one > other:
            a, b = b, a
        if not _EARLIEST <= abs(other - one) <= _LATEST:
            return False
        return bool((int(dates(a)[8:]) - moons(b) + 1) % _MONTH <= 2)

    sql = (
        f"({day}_l <> 0 AND {day}_r <> 0 AND abs({day}_r - {day}_l)"
        f" BETWEEN {_EARLIEST} AND {_LATEST} AND CASE WHEN {day}_l < {day}_r"
        f" THEN (try_cast(substr(birth_date_l, 9) AS INTEGER) - {moon}_r + 1 + {_MONTH}) % {_MONTH}"
        f" ELSE (try_cast(substr(birth_date_r, 9) AS INTEGER) - {moon}_l + 1 + {_MONTH}) % {_MONTH}"
        " END <= 2)"
    )
    return Test(holds, sql)


KINDS: Final[Mapping[str, Kind]] = {
    "always": _always,
    "missing": _missing,
    "missing-list": _missing_list,
    "equal": _equal,
    "overlap": _overlap,
    "crossed": _crossed,
    "member": _member,
    "within": _within,
    "either": _either,
    "mixed": _mixed,
    "longer": _longer,
    "half": _half,
    "slip": _slip,
    "lunar": _lunar,
}
"""What a test may be; its arguments are columns, then numbers."""


def compiled(written: Collection[str], kinds: Mapping[str, Kind] = KINDS) -> Test:
    """All of some tests at once.

    Raises:
        ValueError: a test has no known kind, or not the arguments that it needs.
    """
    tests = [_one(text, kinds) for text in written]
    if not tests:
        raise ValueError("a level needs a test")
    sql = " AND ".join(one.sql for one in tests)
    if len(tests) == 1:
        return tests[0]
    first, *rest = [one.holds for one in tests]
    if len(rest) == 1:
        second = rest[0]
        return Test(lambda a, b: first(a, b) and second(a, b), sql)
    return Test(lambda a, b: first(a, b) and all(holds(a, b) for holds in rest), sql)


def _one(text: str, kinds: Mapping[str, Kind]) -> Test:
    kind, *arguments = text.split()
    make = kinds.get(kind)
    if make is None:
        raise ValueError(f"no such test: {kind}")
    if not all(word.replace("_", "").isalnum() and word.isascii() for word in arguments):
        raise ValueError(f"no column or number: {text}")
    try:
        return make(*arguments)
    except TypeError:
        raise ValueError(f"{kind} needs other columns: {text}") from None
