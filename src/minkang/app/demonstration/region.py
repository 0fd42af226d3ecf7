"""The practice region of a demonstration: made once, lived again where somebody is asked for."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pyarrow import parquet

from minkang.app.demonstration.history import processes
from minkang.app.demonstration.later import later_file
from minkang.app.demonstration.story import region_folder
from minkang.app.synth import Made, Wish, make, world_of
from minkang.synth.dirt.registration import filed, registration
from minkang.synth.lives.live import live
from minkang.synth.people import number_of
from minkang.synth.record import LOCAL, Lived
from minkang.synth.speak.fresh import fresh_report
from minkang.synth.speak.setting import Setting

SEED: Final = 2026

AHEAD_DAYS: Final = 7
"""So long the systems go on sending after the demonstration was made."""

_BY_WIRE_DAYS: Final = 30

_FIGURES_DAYS: Final = 100
"""Of so many last days the systems tell their own figures: of a hospital that fell silent, too."""

_WITH_BASE: Final = 500
"""Residents from which on staff, beds and equipment of their institutions are worth their rows."""


def wish_of(home: Path, residents: int, years: int, day: date) -> Wish:
    """The region of a demonstration that begins on `day`."""
    since = datetime.combine(day - timedelta(days=_BY_WIRE_DAYS), time(), LOCAL)
    return Wish(
        residents=residents,
        out=region_folder(home),
        today=day + timedelta(days=AHEAD_DAYS),
        seed=SEED,
        years=years,
        processes=processes(),
        later=(since, later_file(home)),
        base=residents >= _WITH_BASE,
        figures=_FIGURES_DAYS,
    )


def make_region(home: Path, residents: int, years: int, day: date) -> Made:
    """Make its files, of which the last days are held back to be sent by the wire."""
    return make(wish_of(home, residents, years, day))


class Region:
    """The people of the region, lived again one household at a time."""

    def __init__(self, wish: Wish) -> None:
        world = world_of(wish)
        self.setting = Setting(world, registration)
        self.household = lru_cache(maxsize=64)(self._household)

    def _household(self, number: int) -> Lived:
        world = self.setting.world
        return filed(world, live(world, number))

    def lived(self, person: str) -> Lived:
        """The years of the household of a person's key."""
        return self.household(number_of(self.setting.world, person))

    def fresh(
        self, source: str, person: str, at: datetime, control_id: str, values: dict[str, str]
    ) -> bytes:
        """A laboratory message of now (`fresh_report`)."""
        lived = self.lived(person)
        return fresh_report(self.setting, lived, person, source, at, control_id, values)


def candidates(truth: Path, now: datetime, relation_days: int) -> Iterator[tuple[str, str, str]]:
    """Key, name and ID number of residents, whom the demonstration could be about the better first.

    A diabetic whom nobody wrote down wrongly, who was lately at the first hospital and long ago at
    the second, so that its doctor is refused until the health code is shown.
    """
    lately, past = (now - timedelta(days=n) for n in (relation_days - 60, relation_days + 60))
    diabetics = {
        row["person"] for row in _rows(truth, "conditions", "person", "code", "found")
        if row["code"].startswith("E11") and row["found"] is not None
    }  # fmt: skip
    seen: dict[str, dict[str, date]] = {}
    plain: dict[str, tuple[str, str]] = {}
    odd: set[str] = set()
    for row in _rows(truth, "registrations", *_REGISTRATION):
        key = row["person"]
        last = seen.setdefault(key, {})
        last[row["source"]] = max(row["last"], last.get(row["source"], row["last"]))
        if row["name"] != row["true_name"] or row["id_number"] != row["true_id_number"]:
            odd.add(key)
        plain[key] = row["true_name"], row["true_id_number"]
    here = {
        row["person"] for row in _rows(truth, "people", "person", "death", "left", "sex")
        if row["death"] is None and row["left"] is None
    }  # fmt: skip

    def rank(key: str) -> tuple[bool, bool, bool, int, str]:
        last = seen[key]
        first, second = last.get("haibin"), last.get("gangcheng")
        apart = (
            first is not None
            and second is not None
            and first > lately.date()
            and second < past.date()
        )
        return key not in odd, apart, key in diabetics, len(last), key

    for key in sorted(here & {key for key, last in seen.items() if "haibin" in last},
                      key=rank, reverse=True):  # fmt: skip
        yield key, *plain[key]


_REGISTRATION: Final = (
    "person", "source", "last", "name", "id_number", "true_name", "true_id_number",
)  # fmt: skip


def _rows(truth: Path, table: str, *columns: str) -> Iterator[dict[str, Any]]:
    yield from parquet.read_table(truth / f"{table}.parquet", columns=list(columns)).to_pylist()
