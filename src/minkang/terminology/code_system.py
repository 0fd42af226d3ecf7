"""A code system in memory: codes in order, found by code, by text, by place in a hierarchy."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import TypeAlias

from minkang.terminology.concepts import (
    Concept,
    Detail,
    Head,
    Hierarchy,
    Named,
    PropertyValue,
    is_in_force,
)
from minkang.terminology.initials import folded, initials_of_lines

Properties: TypeAlias = tuple[tuple[str, PropertyValue], ...]
"""Names and values."""

_NO_DETAIL = Detail()
_RANGE = re.compile(r"([A-Z]?\d{2})-([A-Z]?\d{2})")
_HIGHEST = "\U0010ffff"
_WORDS = 8
_LETTERS = re.compile(r"[a-z]{2,}")


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

    def parent(self, position: int) -> int | None:
        """The position of the parent; None at the top."""
        if self._is_in_order:
            return _longest_prefix(self.codes[position], self._positions)
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
            return range(top + 1, bisect_left(self.codes, self.codes[top] + _HIGHEST))
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
        words = text.split(" ") if text else []
        if not words:
            return self.selectable
        # The longest word leaves least for the others to look at.
        longest, *others = sorted(words, key=len, reverse=True)
        ranked = self._hits(longest)
        if others:
            ranked = [
                [at for at in hits if all(self._fits(at, word) for word in others)]
                for hits in ranked
            ]
        lengths = self._lengths
        found: dict[int, None] = {}
        for hits in ranked:
            hits.sort(key=lengths.__getitem__)
            found.update(dict.fromkeys(hits))
        if self._details:
            return tuple(at for at in found if not self.is_abstract(at))
        return tuple(found)

    def _hits(self, word: str) -> list[list[int]]:
        """Positions by rank: the code, the whole display, codes that begin so, displays that
        begin so, displays that hold it, initials that begin so, initials that hold it.
        """
        folded_displays = self._folded
        first: list[list[int]] = [[], [], []]
        by_letters: list[list[int]] = [[], []]
        if word.isascii():
            first[0], first[2] = self._by_code(word)
        if _LETTERS.fullmatch(word):
            # Letters in a display stand in its initials too.
            letters = self._initials
            holding = _lines_with(word, self._letters, self._letter_starts)
            inside = [at for at in holding if word in folded_displays[at]]
            for at in holding:
                by_letters[0 if letters[at].startswith(word) else 1].append(at)
        else:
            inside = self.holding(word)
        begin = [at for at in inside if folded_displays[at].startswith(word)]
        first[1] = [at for at in begin if folded_displays[at] == word]
        return [*first, begin, inside, *by_letters]

    def _fits(self, position: int, word: str) -> bool:
        return (
            word in self._folded[position]
            or self._codes_folded[position].startswith(word)
            or bool(_LETTERS.fullmatch(word) and word in self._initials[position])
        )

    def holding(self, word: str) -> list[int]:
        """Positions of the displays that hold a folded word, in order."""
        return _lines_with(word, self._text, self._starts)

    def _by_code(self, word: str) -> tuple[list[int], list[int]]:
        """The code that is a word, and the codes that begin with it."""
        codes = self._codes_folded
        if self._is_in_order:
            end = bisect_left(codes, word + _HIGHEST)
            places: Sequence[int] = range(bisect_left(codes, word), end)
        else:
            places = [at for at, code in enumerate(codes) if code.startswith(word)]
        fitting = [at for at in places if self._displays[at]]
        return [at for at in fitting if codes[at] == word], fitting

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
    def _codes_folded(self) -> list[str]:
        return [code.lower() for code in self.codes]

    @cached_property
    def _is_in_order(self) -> bool:
        """Whether the codes below one follow it: each begins with it, and all are sorted."""
        return self.head.hierarchy == "prefix" and all(a < b for a, b in pairwise(self.codes))

    @cached_property
    def _lengths(self) -> list[int]:
        return [len(display) for display in self._displays]

    @cached_property
    def _text(self) -> str:
        # A group without a name is an empty line, found by no word.
        text = "\n".join(self._displays)
        if text.count("\n") >= len(self._displays):
            text = "\n".join(display.replace("\n", " ") for display in self._displays)
        return folded(text)

    @cached_property
    def _folded(self) -> list[str]:
        return self._text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        return _starts(self._folded)

    @cached_property
    def _initials(self) -> list[str]:
        letters = initials_of_lines(self._folded)
        if self._otherwise_read is not None:
            for at, read in self._otherwise_read().items():
                letters[at] = read
        return letters

    @cached_property
    def _letters(self) -> str:
        return "\n".join(self._initials)

    @cached_property
    def _letter_starts(self) -> list[int]:
        return _starts(self._initials)

    @cached_property
    def _parents(self) -> list[int]:
        return _parents(self.head.hierarchy, self.codes, self._positions, self._details)

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
        return range(bisect_left(self.codes, low), bisect_left(self.codes, high + _HIGHEST))

    def _group_of(self, position: int) -> str | None:
        return next((one for one in self._groups if position in (self._range(one) or ())), None)


def _starts(lines: Sequence[str]) -> list[int]:
    """Where in a text of lines each begins, and where the text ends."""
    return [0, *accumulate(len(line) + 1 for line in lines)]


def _lines_with(word: str, text: str, starts: Sequence[int]) -> list[int]:
    """Numbers of the lines that hold a word, in order: one search through the whole text."""
    found = []
    at = text.find(word)
    while at >= 0:
        line = bisect_right(starts, at) - 1
        found.append(line)
        at = text.find(word, starts[line + 1])
    return found


def _parents(
    kind: Hierarchy,
    codes: Sequence[str],
    positions: Mapping[str, int],
    details: Mapping[str, Detail],
) -> list[int]:
    if kind == "none":
        return [-1] * len(codes)
    if kind == "explicit":
        return [
            positions.get(parent, -1) if (parent := _detail_parent(details, code)) else -1
            for code in codes
        ]
    if kind == "tens":
        tens = [code[:-1] + "0" for code in codes]
        return [
            positions.get(ten, -1) if ten != code else -1
            for ten, code in zip(tens, codes, strict=True)
        ]
    if kind == "prefix":
        ups = (_longest_prefix(code, positions) for code in codes)
        return [-1 if up is None else up for up in ups]
    return [
        next((positions[one] for one in _division_above(code) if one in positions), -1)
        for code in codes
    ]


def _detail_parent(details: Mapping[str, Detail], code: str) -> str | None:
    detail = details.get(code)
    return detail.parent if detail else None


def _longest_prefix(code: str, positions: Mapping[str, int]) -> int | None:
    for end in range(len(code) - 1, 0, -1):
        at = positions.get(code[:end])
        if at is not None:
            return at
    return None


def _division_above(code: str) -> list[str]:
    """371002004 lies in 371002, that in 371000, that in 370000."""
    above = [code[:6]] if len(code) > len("371002") else []
    for kept in (4, 2):
        higher = code[:kept] + "0" * (6 - kept)
        if higher != code:
            above.append(higher)
    return above


def earlier_names(rows: Sequence[tuple[str, str | None, str | None]]) -> tuple[Named, ...]:
    """Display, since, until of one code, as names; none if there was never another."""
    return tuple(Named(*row) for row in rows) if len(rows) > 1 else ()
