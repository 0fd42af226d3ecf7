"""Addresses and telephone numbers: of each household and person, now and before."""

from typing import Final

from minkang.synth.place.entities import Village

_A_COMPOUND: Final = 216  # homes: six buildings of three units, six floors, two doors
_STEP: Final = 61_803_399  # has no factor in common with 10**8, so no two get the same number
_MEMBERS: Final = 32


def address(start: str, village: Village, within: int, former: bool = False) -> str:
    """The address of a village's household by its number there, from 0.

    `start` is how addresses of the village begin. With `former` a home that no household of the
    numbering has: where somebody lived before.
    """
    if not village.roads:
        return f"{start}{within + 1 + (village.households if former else 0)}号"
    compound, rest = divmod(within, _A_COMPOUND)
    building, rest = divmod(rest, 36)
    unit, rest = divmod(rest, 12)
    floor, door = divmod(rest, 2)
    road = village.roads[compound % len(village.roads)]
    house = 6 + 14 * (compound // len(village.roads)) + int(village.code[-3:]) % 9
    block = building + (7 if former else 1)
    return f"{start}{road}{house}号{block}号楼{unit + 1}单元{floor + 1}0{door + 1}室"


def phone(seed: int, household: int, member: int, former: bool = False) -> str:
    """Eleven digits of block 154, which no operator has; nobody shares one by chance.

    Raises:
        ValueError: the household is not one of the first 1.5 million.
    """
    index = (household * 2 + former) * _MEMBERS + member % _MEMBERS
    if index >= 10**8:
        raise ValueError(f"household {household} is beyond the telephone numbers of block 154")
    return f"154{(index * _STEP + seed * 7919) % 10**8:08d}"
