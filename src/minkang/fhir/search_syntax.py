"""FHIR's search syntax, read into a `Search` and written back (FHIR R4 3.1.1).

`parse_search` finds everything that is wrong with a query before anything runs; `print_search`
gives the query that a search states, for links to itself and to the next page.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

import msgspec

from minkang.fhir.definitions import definitions
from minkang.fhir.problems import Problem, Refused
from minkang.fhir.search import Condition, Include, Search, Sort
from minkang.fhir.search_conditions import ConditionReader, print_condition
from minkang.fhir.search_literals import BadValue
from minkang.fhir.search_parameters import COLUMNS, UNSUPPORTED, parameter

MOST_PARAMETERS = 100
"""Pairs of name and value in one search."""

LONGEST = 8192
"""Characters in one name or value."""

LARGEST_PAGE = 1000
"""Matches on one page."""

_Field = msgspec.structs.fields(Search)
_CHOICES: dict[str, tuple[str, ...]] = {
    f"_{field.name}": get_args(field.type) for field in _Field if field.name in ("total", "summary")
}
_DEFAULTS: dict[str, Any] = {field.name: field.default for field in _Field}
_IGNORED = frozenset({"_format", "_pretty"})
_ONLY_DEFAULT = {"_contained": "false", "_containedType": "container"}
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_COUNT = re.compile(r"[0-9]{1,4}")
_ELEMENT = re.compile(r"[A-Za-z][A-Za-z0-9]*")


def parse_search(
    types: tuple[str, ...],
    pairs: Sequence[tuple[str, str]],
    *,
    lenient: bool = False,
    base: str = "",
) -> Search:
    """The search that a query states.

    Args:
        types: the resource type searched for; for a search across types all that may be found,
            which `_type` can narrow.
        pairs: names and values, percent-decoded, in order.
        lenient: leave out parameters that are unknown or unsupported, into `Search.ignored`.
            Modifiers that are not supported are refused in any case, as R4 3.1.1.4.4 demands.
        base: URL of this server's FHIR base, for absolute references that point here.

    Raises:
        Refused: with a Problem for each pair that can't be understood; stage `search`, place the
            parameter as given.
    """
    reading = _Reading(types, base)
    if len(pairs) > MOST_PARAMETERS:
        text = f"一次检索最多 {MOST_PARAMETERS} 个参数，这里有 {len(pairs)} 个"
        raise Refused([Problem("search", "", "too-many-parameters", text)])
    problems: list[Problem] = []
    # What types are searched for decides what parameters there are.
    for name, value in sorted(pairs, key=lambda pair: pair[0] != "_type"):
        try:
            reading.take(name, value)
        except BadValue as bad:
            if lenient and bad.unsupported:
                reading.ignored.append(name)
            else:
                place = _NO_TEXT.sub("\ufffd", name[:200])
                problems.append(Problem("search", place, bad.rule, bad.text))
    if problems:
        raise Refused(problems)
    return reading.search()


def print_search(search: Search) -> list[tuple[str, str]]:
    """The pairs that state a search of its types; what is default is left out.

    A search across types that `_type` narrowed to one is a search of that type.
    """
    pairs: list[tuple[str, str]] = []
    if 1 < len(search.types) < len(definitions().parameters):
        pairs.append(("_type", ",".join(search.types)))
    pairs += map(print_condition, search.conditions)
    pairs += map(_print_include, search.includes)
    if search.sort:
        keys = (("-" if key.descending else "") + key.parameter.code for key in search.sort)
        pairs.append(("_sort", ",".join(keys)))
    for name in ("count", "total", "summary"):
        if getattr(search, name) != _DEFAULTS[name]:
            pairs.append((f"_{name}", str(getattr(search, name))))
    if search.elements:
        pairs.append(("_elements", ",".join(search.elements)))
    if search.after is not None:
        pairs.append(("_after", search.after))
    return pairs


class _Reading:
    """What has been read of one query so far."""

    def __init__(self, types: tuple[str, ...], base: str) -> None:
        self.ignored: list[str] = []
        self._across = len(types) > 1
        self._types = types
        self._base = base
        self._conditions: list[Condition] = []
        self._includes: list[Include] = []
        self._sort: list[Sort] = []
        self._single: dict[str, Any] = {}
        self._controls: dict[str, Callable[[str], None]] = {
            "_type": self._type,
            "_sort": self._sorted,
            "_count": self._count,
            "_elements": self._elements,
            "_after": lambda value: self._set("after", value),
        }

    def search(self) -> Search:
        return Search(
            types=self._types,
            conditions=tuple(self._conditions),
            includes=tuple(dict.fromkeys(self._includes)),
            sort=tuple(self._sort),
            ignored=tuple(self.ignored),
            **self._single,
        )

    def take(self, name: str, value: str) -> None:
        """Add what one pair states.

        Raises:
            BadValue: it can't be understood.
        """
        if max(len(name), len(value)) > LONGEST:
            raise BadValue("too-long", f"参数的名称和值最多 {LONGEST} 个字符")
        if _NO_TEXT.search(name) or _NO_TEXT.search(value):
            raise BadValue("text", "含有不能保存的字符（空字符或残缺的代理字符）")
        if name in _IGNORED:
            return
        if not value:
            raise BadValue("empty", f"{name} 的值是空的")
        head, _, modifier = name.partition(":")
        if head in ("_include", "_revinclude"):
            self._includes.append(self._include(head == "_revinclude", modifier, value))
        elif name in self._controls:
            self._controls[name](value)
        elif name in _CHOICES:
            if value not in _CHOICES[name]:
                raise BadValue(name[1:], f"{name} 只能是 {'、'.join(_CHOICES[name])}")
            self._set(name[1:], value)
        elif name in _ONLY_DEFAULT:
            if value != _ONLY_DEFAULT[name]:
                raise BadValue("unsupported", f"不支持 {name}={value}", unsupported=True)
        else:
            self._conditions.append(ConditionReader(self._types, self._base).read(name, value))

    def _set(self, field: str, value: Any) -> None:
        if field in self._single:
            raise BadValue(field, f"_{field} 只能出现一次")
        self._single[field] = value

    def _type(self, value: str) -> None:
        if not self._across:
            raise BadValue("unknown-parameter", "_type 只用于跨类型检索", unsupported=True)
        wanted = value.split(",")
        for name in wanted:
            if name not in self._types:
                raise BadValue("type", f"没有可检索的资源类型“{name}”")
        self._types = tuple(dict.fromkeys(wanted))

    def _sorted(self, value: str) -> None:
        keys: list[Sort] = []
        for key in value.split(","):
            code = key.removeprefix("-")
            found = parameter(self._types[0], code)
            if found is None or (len(self._types) > 1 and code not in COLUMNS):
                raise BadValue("sort", f"不能按“{code}”排序：没有这个检索参数", unsupported=True)
            if found.kind in UNSUPPORTED or found.kind == "composite":
                raise BadValue("sort", f"不能按“{code}”排序", unsupported=True)
            if any(sort.parameter.code == code for sort in (*self._sort, *keys)):
                raise BadValue("sort", f"排序重复：{code}")
            keys.append(Sort(found, key.startswith("-")))
        self._sort += keys

    def _count(self, value: str) -> None:
        if not _COUNT.fullmatch(value) or int(value) > LARGEST_PAGE:
            raise BadValue("count", f"_count 应是 0 到 {LARGEST_PAGE} 的整数，而不是“{value}”")
        self._set("count", int(value))

    def _elements(self, value: str) -> None:
        names = value.split(",")
        for name in names:
            known = len(self._types) > 1 or name in definitions().types[self._types[0]].elements
            if not (known and _ELEMENT.fullmatch(name)):
                raise BadValue("elements", f"{self._types[0]} 没有元素“{name}”")
        self._set("elements", tuple(dict.fromkeys(names)))

    def _include(self, reverse: bool, modifier: str, value: str) -> Include:
        if modifier not in ("", "iterate"):
            raise BadValue("modifier", f"_include 不支持修饰符 :{modifier}（可用 :iterate）")
        iterate = bool(modifier)
        if value == "*":
            return Include(reverse, None, None, iterate=iterate)
        resource_type, *rest = value.split(":")
        known = definitions().parameters
        if not 1 <= len(rest) <= 2 or resource_type not in known:
            raise BadValue("include", f"“{value}”应写作 类型:引用参数 或 类型:引用参数:目标类型")
        target = rest[1] if len(rest) == 2 else None
        if target is not None and target not in known:
            raise BadValue("include", f"没有资源类型“{target}”")
        if rest[0] == "*":
            return Include(reverse, resource_type, None, target, iterate)
        found = parameter(resource_type, rest[0])
        if found is None or found.kind != "reference":
            raise BadValue("include", f"{resource_type} 没有引用参数“{rest[0]}”", unsupported=True)
        if target is not None and found.targets and target not in found.targets:
            raise BadValue("include", f"{resource_type} 的 {rest[0]} 不指向 {target}")
        return Include(reverse, resource_type, found, target, iterate)


def _print_include(include: Include) -> tuple[str, str]:
    name = "_revinclude" if include.reverse else "_include"
    if include.iterate:
        name += ":iterate"
    if include.type is None:
        return name, "*"
    parts: Iterable[str | None] = (
        include.type,
        include.parameter.code if include.parameter else "*",
        include.target,
    )
    return name, ":".join(part for part in parts if part is not None)
