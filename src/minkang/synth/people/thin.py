"""Thin lives: the same people as `household` gives, as columns, for any number of households."""

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.block import HOUSEHOLDS, Block
from minkang.synth.people.households import block_at, household_key, person_key
from minkang.synth.people.where import ground
from minkang.synth.record import World

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

_PEOPLE = (
    "household", "member", "male", "birth", "death", "arrived", "left", "married", "marital",
    "surname", "given", "nation", "id_number",
)  # fmt: skip
_LINKS = ("mother", "father", "spouse")
_PREGNANCIES = ("last_period", "ended", "outcome", "parity")
_INFECTIONS = ("disease", "onset", "severity")


class ThinBlock(msgspec.Struct, frozen=True):
    """People as columns, one row a person in order of household and member.

    `people` holds the columns (see `Block`: days count from 1970-01-01, links are rows of this
    very block); `key` and `village` (twelve digits) are theirs. Infections are those of the usual
    season: planted ones (`World.struck`) are on the full records alone.
    """

    key: Texts
    village: Texts
    people: Block


def thin_block(world: World, first: int, count: int) -> ThinBlock:
    """The people of `count` households from number `first` on; fewer where the place ends.

    Memory grows with `count`: take blocks of some hundreds and go on from there.
    """
    where = ground(world.place)
    last = min(first + count, where.households)
    parts = [
        _part(block_at(world, at), first, last)
        for at in range(first - first % HOUSEHOLDS, last, HOUSEHOLDS)
    ]
    people = parts[0] if len(parts) == 1 else _joined(parts)
    villages, keys = {}, {}
    for number in range(first, last):
        village, within = where.village_of(number)
        villages[number] = village.code
        keys[number] = household_key(village, within)
    numbers: list[int] = people.household.tolist()
    return ThinBlock(
        key=_texts(
            person_key(keys[number], member)
            for number, member in zip(numbers, people.member.tolist(), strict=True)
        ),
        village=_texts(villages[number] for number in numbers),
        people=people,
    )


def thin_blocks(world: World, households: int) -> Iterator[ThinBlock]:
    """All people of the first so many households, block by block, at constant memory."""
    for first in range(0, households, HOUSEHOLDS):
        yield thin_block(world, first, min(HOUSEHOLDS, households - first))


def _texts(values: Iterator[str]) -> Texts:
    return np.array(list(values), dtype=object)


def _part(block: Block, first: int, last: int) -> Block:
    """The rows of households from `first` to before `last`; links count from the first row."""
    low, high = np.searchsorted(block.household, (first, last)).tolist()
    if low == 0 and high == len(block.household):
        return block
    columns = {name: getattr(block, name)[low:high] for name in _PEOPLE}
    columns |= {name: _counted(getattr(block, name)[low:high], low) for name in _LINKS}
    one, two = np.searchsorted(block.pregnant, (low, high)).tolist()
    columns |= {name: getattr(block, name)[one:two] for name in _PREGNANCIES}
    columns["pregnant"] = block.pregnant[one:two] - low
    columns["children"] = _counted(block.children[one:two], low)
    one, two = np.searchsorted(block.ill, (low, high)).tolist()
    columns |= {name: getattr(block, name)[one:two] for name in _INFECTIONS}
    columns["ill"] = block.ill[one:two] - low
    return Block(**columns)


def _counted(rows: Ints, low: int) -> Ints:
    return np.where(rows >= 0, rows - low, -1)


def _joined(parts: list[Block]) -> Block:
    """Blocks one behind the other; links go on counting."""
    starts = np.cumsum([0, *(len(part.birth) for part in parts[:-1])]).tolist()
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (*_PEOPLE, *_PREGNANCIES, *_INFECTIONS)
    }
    for name in (*_LINKS, "children", "pregnant", "ill"):
        columns[name] = np.concatenate(
            [
                _counted(getattr(part, name), -start)
                for part, start in zip(parts, starts, strict=True)
            ]
        )
    return Block(**columns)
