"""A code system in memory: codes in order, found by code, by text, by place in a hierarchy."""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TypeAlias

from minkang.terminology.code_index import HIGHEST, CodeIndex
from minkang.terminology.concepts import (
    Concept,
    Detail,
    Head,
    Named,
    PropertyValue,
    is_in_force,
)
from minkang.terminology.hierarchy import longest_prefix, parents
from minkang.terminology.initials import folded

Properties: TypeAlias = tuple[tuple[str, PropertyValue], ...]
"""Names and values."""

_NO_DETAIL = Detail()
_RANGE = re.compile(r"([A-Z]?\d{2})-([A-Z]?\d{2})")
_WORDS = 8


class CodeSystem:
    """Codes, displays and what else is known; built once, never changed.

    Positions (`int`) are the order of the system itself. Everything that costs more than the
    reading of the table is made when it is first asked for.
    """

    def __init__(
        self,
        head: Head,
        codes: Sequence[str],
        displays: Sequence[str],
        *,
        details: Mapping[str, Detail] | None = None,
        groups: Sequence[tuple[str, str]] = (),
        otherwise_read: Callable[[], Mapping[int, str]] | None = None,
        dated: Callable[[str, str], Properties] | None = None,
    ) -> None:
        """Codes and displays side by side.

        A code without a display groups others. `groups` are ranges with names, such as the
        chapters of ICD-10 (`A00-B99`). `otherwise_read`: pinyin initials by position, where they
        are not those of the single characters. `dated`: properties of a code on a day, of systems
        where they change.
        """
        self.head = head
        self.codes = codes
        self._displays = displays
        self._details = details or {}
        self._groups = dict(groups)
        self._otherwise_read = otherwise_read
        self._dated = dated
        self._searched = lru_cache(maxsize=256)(self._search)

    def __len__(self) -> int:
        """How many codes may stand in records."""
        return len(self.selectable)

    def position(self, code: str) -> int | None:
        """Where a code stands; None if it is no code of the system."""
        found = self._positions.get(code)
        if found is None and not self.head.case_sensitive:
            found = self._positions_folded.get(code.casefold())
        return found

    def display(self, position: int) -> str:
        """The display of a code; of a group without a name that of its unspecified code."""
        given = self._displays[position]
        if given:
            return given
        code = self.codes[position]
        for ending in ("00", ".x00"):
            same = self._positions.get(code + ending)
            if same is not None and self._displays[same]:
                return self._displays[same]
        return code

    def display_on(self, position: int, on: str | None) -> str:
        """What a code was called on a day (ISO date)."""
        if on is not None:
            for name in self.detail(position).names:
                if is_in_force(name.since, name.until, on):
                    return name.display
        return self.display(position)

    def detail(self, position: int) -> Detail:
        """What is known of a code beside its display."""
        return self._details.get(self.codes[position], _NO_DETAIL)

    def is_abstract(self, position: int) -> bool:
        """Whether a code only groups others."""
        return not self._displays[position] or self.detail(position).abstract

    def is_active(self, position: int, on: str) -> bool:
        """Whether a code is in force on a day (ISO date)."""
        detail = self._details.get(self.codes[position])
        if detail is None:
            return True
        return not detail.ended and is_in_force(detail.since, detail.until, on)

    @property
    def is_dated(self) -> bool:
        """Whether codes come and go."""
        return any(d.since or d.until or d.ended for d in self._details.values())

    def concept(self, code: str) -> Concept | None:
        """Everything about a code, or a named range of codes; None if there is no such code."""
        at = self.position(code)
        if at is None:
            if code not in self._groups:
                return None
            detail = Detail(abstract=True)
            inside = self._range(code) or ()
            tops = tuple(self.codes[i] for i in inside if self.parent(i) is None)
            return Concept(code=code, display=self._groups[code], children=tops, detail=detail)
        up = self.parent(at)
        children = tuple(self.codes[i] for i in self._below(at))
        return Concept(
            code=self.codes[at],
            display=self.display(at),
            parent=self.codes[up] if up is not None else self._group_of(at),
            children=children,
            detail=self.detail(at),
        )

    def properties(self, position: int, on: str) -> Properties:
        """The properties of a code on a day (ISO date), as FHIR's `$lookup` lists them.

        Parent and children aside.
        """
        detail = self.detail(position)
        made: list[tuple[str, PropertyValue]] = list(detail.properties)
        if self._dated is not None:
            made += self._dated(self.codes[position], on)
        if not self.is_active(position, on):
            made.append(("inactive", True))
        if self.is_abstract(position):
            made.append(("notSelectable", True))
        if detail.since:
            made.append(("effectiveDate", detail.since))
        if detail.until:
            made.append(("deprecationDate", detail.until))
        made += [("successor", code) for code in detail.successors]
        return tuple(made)

    # --- hierarchy ---

    def roots(self) -> Sequence[tuple[str, str]]:
        """The topmost codes or named ranges with their displays; none where nothing is ordered."""
        if self._groups:
            return tuple(self._groups.items())
        if self.head.hierarchy == "none":
            return ()
        tops = (at for at in range(len(self.codes)) if self.parent(at) is None)
        return tuple((self.codes[at], self.display(at)) for at in tops)

    def parent(self, position: int) -> int | None:
        """The position of the parent; None at the top."""
        if self._is_in_order:
            return longest_prefix(self.codes[position], self._positions)
        up = self._parents[position]
        return up if up >= 0 else None

    def is_a(self, position: int, ancestor: str) -> bool:
        """Whether a code is the ancestor or lies below it; the ancestor may be a range (E10-E14).

        Several parents aside, one way up is followed.
        """
        top = self.position(ancestor)
        if top is None:
            return position in (self._range(ancestor) or ())
        at: int | None = position
        while at is not None:
            if at == top:
                return True
            at = self.parent(at)
        return False

    def descendants(self, code: str) -> Sequence[int] | None:
        """Positions of all codes below a code or within a range, the code itself left out.

        None if there is no such code.
        """
        top = self.position(code)
        if top is None:
            return self._range(code)
        if self._is_in_order:
            return range(top + 1, bisect_left(self.codes, self.codes[top] + HIGHEST))
        found: list[int] = []
        waiting = list(self._children.get(top, ()))
        while waiting:
            at = waiting.pop()
            found.append(at)
            waiting += self._children.get(at, ())
        found.sort()
        return found

    def _below(self, position: int) -> list[int]:
        """Positions of the children."""
        if self._is_in_order:
            inside = self.descendants(self.codes[position]) or ()
            return [at for at in inside if self.parent(at) == position]
        return self._children.get(position, [])

    def current(self, code: str, on: str) -> tuple[str, ...]:
        """The codes that stand for a code on a day: itself, or its successors' successors.

        Empty if it ended without a successor, or is no code.
        """
        found: list[str] = []
        seen = {code}
        waiting = [code]
        while waiting:
            one = waiting.pop(0)
            at = self.position(one)
            if at is None:
                continue
            if self.is_active(at, on):
                found.append(one)
                continue
            new = [c for c in self.detail(at).successors if c not in seen]
            seen.update(new)
            waiting += new
        return tuple(found)

    # --- search ---

    def search(self, text: str) -> Sequence[int]:
        """Positions of the codes that fit a text, the best first.

        Each word of the text must fit: a code that begins with it, a display that holds it, or
        pinyin initials that hold it (`gxy`). Groups and chapters are not found.
        """
        return self._searched(" ".join(folded(text).split()[:_WORDS]))

    def _search(self, text: str) -> Sequence[int]:
        if not text:
            return self.selectable
        found = self._index.ranked(text.split(" "))
        if self._details:
            return tuple(at for at in found if not self.is_abstract(at))
        return tuple(found)

    def holding(self, word: str) -> list[int]:
        """Positions of the displays that hold a folded word, in order."""
        return self._index.holding(word)

    @cached_property
    def _index(self) -> CodeIndex:
        return CodeIndex(
            self.codes,
            self._displays,
            in_order=self._is_in_order,
            otherwise_read=self._otherwise_read,
        )

    @cached_property
    def selectable(self) -> Sequence[int]:
        """Positions of the codes that may stand in records."""
        if not self._details:
            return [at for at, display in enumerate(self._displays) if display]
        return [at for at in range(len(self.codes)) if not self.is_abstract(at)]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {code: at for at, code in enumerate(self.codes)}

    @cached_property
    def _positions_folded(self) -> dict[str, int]:
        return {code.casefold(): at for at, code in enumerate(self.codes)}

    @cached_property
    def _is_in_order(self) -> bool:
        """Whether the codes below one follow it: each begins with it, and all are sorted."""
        return self.head.hierarchy == "prefix" and all(a < b for a, b in pairwise(self.codes))

    @cached_property
    def _parents(self) -> list[int]:
        return parents(self.head.hierarchy, self.codes, self._positions, self._details)

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        below: dict[int, list[int]] = {}
        for at, up in enumerate(self._parents):
            if up >= 0:
                below.setdefault(up, []).append(at)
        return below

    def _range(self, code: str) -> Sequence[int] | None:
        """Positions of a range of categories (E10-E14); None if it is no range of this system."""
        bounds = _RANGE.fullmatch(code)
        if bounds is None or not (self._is_in_order and self._groups):
            return None
        low, high = bounds[1], bounds[2]
        return range(bisect_left(self.codes, low), bisect_left(self.codes, high + HIGHEST))

    def _group_of(self, position: int) -> str | None:
        return next((one for one in self._groups if position in (self._range(one) or ())), None)


def earlier_names(rows: Sequence[tuple[str, str | None, str | None]]) -> tuple[Named, ...]:
    """Display, since, until of one code, as names; none if there was never another."""
    return tuple(Named(*row) for row in rows) if len(rows) > 1 else ()
