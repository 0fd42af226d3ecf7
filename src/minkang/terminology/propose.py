"""Proposals for a code that no map knows: what it could be in a code system, and why.

Nothing here decides: a person does, with `source_map.map_code`.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from minkang.terminology.code_system import CodeSystem
from minkang.terminology.initials import folded, initials

Reason = Literal["same-code", "same-name", "part-of-name", "same-initials", "alike"]
_SCORES: dict[Reason, float] = {
    "same-name": 1.0,
    "same-code": 0.95,
    "part-of-name": 0.8,
    "same-initials": 0.6,
    "alike": 0.5,
}
_ALIKE = 0.5
_PIECE = 2
_CANDIDATES = 400
_NOISE = re.compile(r"[\s（）()\[\]【】《》<>，,。.、;；:：/\\\-_*?]+|代码表?$")


class Proposal(msgspec.Struct, frozen=True):
    """A code that might be meant; `score` from 0 to 1, for ordering only."""

    code: str
    display: str
    score: float
    reason: Reason


def propose(system: CodeSystem, code: str, display: str, limit: int = 5) -> list[Proposal]:
    """Codes of a system that a source's own code and name might mean, the likeliest first.

    By equal names; by the same code but for zeros, case, or the 00 that ICD's editions add to a
    subcategory (E11.9 is E11.900); by one name in the other; by pinyin initials; by how much the
    names have in common.
    """
    found: dict[int, tuple[float, Reason]] = {}

    def offer(at: int, reason: Reason, share: float = 1.0) -> None:
        score = _SCORES[reason] * share
        if not system.is_abstract(at) and score > found.get(at, (0.0, reason))[0]:
            found[at] = (score, reason)

    name = _plain(display)
    same = _same_code(system, code)
    if same is not None:
        # A code alone says little: short codes of local tables look like any other.
        alike = _ratio(name, _plain(system.display(same))) if name else 1.0
        offer(same, "same-code", 1.0 if alike >= _ALIKE else _ALIKE)
    if name:
        for at in _candidates(system, name):
            other = _plain(system.display(at))
            if not other:
                continue
            if other == name:
                offer(at, "same-name")
            elif name in other or other in name:
                shorter, longer = sorted((len(name), len(other)))
                offer(at, "part-of-name", 0.5 + 0.5 * shorter / longer)
            elif initials(other) == initials(name):
                # Homophones with no character in common are hardly ever meant.
                offer(at, "same-initials", 1.0 if name.isascii() else 0.5 + _ratio(name, other) / 2)
            else:
                ratio = _ratio(name, other)
                if ratio >= _ALIKE:
                    offer(at, "alike", ratio)
    best = sorted(found.items(), key=lambda one: (-one[1][0], len(system.display(one[0])), one[0]))
    return [
        Proposal(system.codes[at], system.display(at), round(score, 3), reason)
        for at, (score, reason) in best[:limit]
    ]


def _candidates(system: CodeSystem, name: str) -> Iterable[int]:
    """Positions worth comparing: what holds the name, its initials, or pieces of it."""
    seen: dict[int, None] = dict.fromkeys(system.search(name)[:_CANDIDATES])
    letters = initials(name)
    if len(letters) >= _PIECE:
        seen.update(dict.fromkeys(system.search(letters)[:_CANDIDATES]))
    pieces = {name[at : at + _PIECE] for at in range(len(name) - 1)}
    counts: dict[int, int] = {}
    for piece in pieces:
        for at in system.holding(piece):
            counts[at] = counts.get(at, 0) + 1
    often = sorted(counts, key=lambda at: (-counts[at], len(system.display(at))))
    seen.update(dict.fromkeys(often[:_CANDIDATES]))
    return seen


def _same_code(system: CodeSystem, code: str) -> int | None:
    given = folded(code).strip().rstrip(".")
    tries = [code.strip(), given.upper(), given.upper() + "00", given.upper() + ".x00"]
    width = len(system.codes[0]) if len(system) else 0
    tries += [given.zfill(width), given.lstrip("0") or "0"]
    for one in tries:
        at = system.position(one)
        if at is not None and not system.is_abstract(at):
            return at
    return None


def _plain(text: str) -> str:
    return _NOISE.sub("", folded(text))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
