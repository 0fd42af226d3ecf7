"""The population register of the practice region: an official extract, with honest mistakes.

What the region knows of its people stands in the extract (`synth.people.register`), and comes in
like every table. Offices make mistakes, too: some residents are not registered, some are written
otherwise, listed twice or struck by mistake, and a recent death may not have been reported. Which
ones is decided by the resident's number alone.
"""

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

from minkang.app.platform import Platform
from minkang.identity.register import keep_divisions
from minkang.synth.dirt.spelling import homophone
from minkang.synth.draws import share, stream
from minkang.synth.place import build_place
from minkang.synth.speak.systems import FORM_SYSTEM, form_source

SOURCE: Final = form_source(FORM_SYSTEM["population_register"], "population_register")

_ZONES: Final = {
    "371071": "火炬高技术产业开发区",
    "371072": "经济技术开发区",
    "371073": "临港经济技术开发区",
}
"""What the statistical codes call the development zones, which GB/T 2260 does not have."""

_UNREGISTERED, _NAME, _BIRTH, _TWICE, _STRUCK = 0.006, 0.012, 0.016, 0.020, 0.023
"""Up to which share of the residents each mistake goes, one behind the other."""

_UNREPORTED: Final = 0.5  # of the deaths of the last _LATE days
_LATE: Final = timedelta(days=60)

Row = dict[str, str]


def soil_extract(sent: Path, seed: int, today: date) -> Counter[str]:
    """Make an office's mistakes in the extract of a folder that a region was sent into.

    Returns how many of each there are: unregistered, name, birth, twice, struck, unreported.
    """
    made: Counter[str] = Counter()
    for file in sorted((sent / SOURCE).glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            columns = list(reader.fieldnames or ())
            rows = [soiled for row in reader for soiled in _soiled(row, seed, today, made)]
        with file.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return made


async def name_divisions(platform: Platform, seed: int) -> None:
    """Tell the platform what villages and communities are called."""
    place = build_place(seed)
    await keep_divisions(platform.store, _ZONES | {one.code: one.name for one in place.villages})


def _soiled(row: Row, seed: int, today: date, made: Counter[str]) -> list[Row]:
    """The row as the office has it: none, one or two."""
    number = row["人口编号"]
    chance = share(seed, "extract", number)
    if row["死亡日期"]:
        late = date.fromisoformat(row["死亡日期"]) > today - _LATE
        if late and share(seed, "unreported", number) < _UNREPORTED:
            made["unreported"] += 1
            return [row | {"死亡日期": "", "死亡注销日期": "", "是否在册": "是"}]
        return [row]
    if row["迁出日期"] or chance >= _STRUCK:
        return [row]
    kind, rows = _mistaken(row, chance, stream(seed, "extract-mistake", number), today)
    made[kind] += 1
    return rows


def _mistaken(row: Row, chance: float, random: Random, today: date) -> tuple[str, list[Row]]:
    if chance < _UNREGISTERED:
        return "unregistered", []
    if chance < _NAME:
        return "name", [row | {"姓名": homophone(row["姓名"], random)}]
    if chance < _BIRTH:
        return "birth", [row | {"出生日期": _slipped(row["出生日期"], random)}]
    if chance < _TWICE:
        again = {"人口编号": f"{row['人口编号']}-2", "户号": f"{row['户号']}-旧"}
        return "twice", [row, row | again]
    gone = today - timedelta(days=random.randrange(200, 600))
    return "struck", [row | {"迁出日期": gone.isoformat(), "是否在册": "否"}]


def _slipped(day: str, random: Random) -> str:
    """Another day of the same month."""
    born = date.fromisoformat(day)
    other = random.randrange(1, 28)
    return born.replace(day=other if other < born.day else other + 1).isoformat()
