"""The people of a demonstration as tests need them: the truth, and a message of now about one."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from pyarrow import parquet

from minkang.app.demonstration import Region, region_of
from minkang.app.demonstration.story import region_folder

HOSTILE_TEXT = (
    "对照旧片|复查^&~\\ 见<b>附注</b> & <script>alert('x')</script> \"引号\"\n第二行：建议复查。"
)
"""A technician's remark with every delimiter and some markup: must show as the text it is."""


class Resident(msgspec.Struct, frozen=True):
    """The truth about one resident who is alive and here; patient numbers by source."""

    key: str
    surname: str
    given: str
    sex: str
    birth_date: date
    id_number: str
    phone: str
    address: str
    home: Path
    numbers: dict[str, tuple[str, ...]] = {}

    @property
    def name(self) -> str:
        """Family name and given name as written."""
        return self.surname + self.given


def residents_of(home: Path) -> tuple[Resident, ...]:
    """Everybody of the demonstration in a state folder, in the order of their keys."""
    numbers: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in _rows(home, "registrations"):
        own = numbers.setdefault(row["person"], {})
        own[row["source"]] = (*own.get(row["source"], ()), row["patient"])
    return tuple(
        Resident(
            key=row["person"],
            surname=row["surname"],
            given=row["given"],
            sex=row["sex"],
            birth_date=row["birth"],
            id_number=row["id_number"],
            phone=row["phone"],
            address=row["address"],
            home=home,
            numbers=numbers.get(row["person"], {}),
        )
        for row in _rows(home, "people")
        if row["death"] is None and row["left"] is None
    )


def _rows(home: Path, table: str) -> list[dict[str, Any]]:
    file = region_folder(home) / "truth" / f"{table}.parquet"
    return list(parquet.read_table(file).to_pylist())


@cache
def _region(home: Path) -> Region:
    return region_of(home)


def new_lab_message(
    source: str,
    resident: Resident,
    at: datetime,
    control_id: str,
    values: Mapping[str, str] = {},
) -> bytes:
    """A laboratory report of that moment as the source would send it; the resident is known there.

    `values` override results by analyte; `comment` is the remark below.
    """
    return _region(resident.home).fresh(source, resident.key, at, control_id, dict(values))
