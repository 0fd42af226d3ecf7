"""A region that is made in parts, one behind the other: the same lives as if made at once."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from pyarrow import parquet

from minkang.app.synth import Wish, make, world_of
from minkang.synth.people import households_for, residents_in
from minkang.synth.speak.foundation import base_resources
from minkang.synth.speak.setting import Setting

WHOLE = Wish(30, Path(), date(2026, 11, 1), years=1, dirt="none", base=False)


def _truth(out: Path, table: str) -> list[dict[str, Any]]:
    return list(parquet.read_table(out / "truth" / f"{table}.parquet").to_pylist())


def test_parts_tell_the_same_lives_as_the_whole(tmp_path: Path) -> None:
    whole, one, other = (tmp_path / name for name in ("whole", "one", "other"))
    make(msgspec.structs.replace(WHOLE, out=whole))
    first = msgspec.structs.replace(WHOLE, out=one, residents=12)
    end = first.households.stop
    rest = residents_in(WHOLE.households.stop - end)
    made = make(msgspec.structs.replace(first, out=other, first=end, residents=rest, daily=False))
    make(first)
    assert made.households == WHOLE.households.stop - end
    for table in ("people", "visits", "forms", "registrations"):
        assert _truth(one, table) + _truth(other, table) == _truth(whole, table)
    messages = _truth(one, "messages") + _truth(other, "messages")
    assert len(messages) == len(_truth(whole, "messages"))
    numbers = [(row["source"], row["number"]) for row in messages if row["channel"] == "mllp"]
    assert len(set(numbers)) == len(numbers)
    assert (one / "daily").is_dir()
    assert not (other / "daily").exists()


def test_institutions_are_told_once() -> None:
    setting = Setting(world_of(WHOLE))
    several = [
        {(row.source, row.number) for row in base_resources(setting, numbers)}
        for numbers in (range(300), range(300, 1_200))
    ]
    whole = {(row.source, row.number) for row in base_resources(setting, range(1_200))}
    assert several[0] | several[1] == whole
    assert several[0].isdisjoint(several[1])
    assert several[1]


def test_households_and_residents_go_there_and_back() -> None:
    for households in range(1, 12_000):
        assert households_for(residents_in(households)) == households
