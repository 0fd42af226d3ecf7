"""The codes of a system by what people type: codes, parts of names, pinyin initials.

All names are one text, looked through as a whole. What is needed is made when first asked for.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from minkang.terminology.initials import folded, initials_of_lines

HIGHEST = "\U0010ffff"
"""Stands after every character of a code."""

_LETTERS = re.compile(r"[a-z]{2,}")


class CodeIndex:
    """Finds positions of codes; built once, never changed."""

    def __init__(
        self,
        codes: Sequence[str],
        displays: Sequence[str],
        *,
        in_order: bool,
        otherwise_read: Callable[[], Mapping[int, str]] | None,
    ) -> None:
        """`in_order`: the codes are sorted; `otherwise_read` as of `CodeSystem`."""
        self.codes = codes
        self._displays = displays
        self._in_order = in_order
        self._otherwise_read = otherwise_read

    def ranked(self, words: Sequence[str]) -> list[int]:
        """Positions of the codes that fit all of some folded words, the best first."""
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
        return list(found)

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
        if self._in_order:
            end = bisect_left(codes, word + HIGHEST)
            places: Sequence[int] = range(bisect_left(codes, word), end)
        else:
            places = [at for at, code in enumerate(codes) if code.startswith(word)]
        fitting = [at for at in places if self._displays[at]]
        return [at for at in fitting if codes[at] == word], fitting

    @cached_property
    def _codes_folded(self) -> list[str]:
        return [code.lower() for code in self.codes]

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
