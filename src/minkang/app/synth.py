"""A practice region as files: what its systems send, day tables, the truth beside it.

```text
OUT/
  README.md, region.json   that it is synthetic, how it was made, what came out
  sent/                    what each source sends (synth.speak.write)
  daily/                   school_absence.csv, pharmacy_sales.csv
  truth/                   one Parquet file a table (synth.truth)
```
"""

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from minkang.synth.dirt.kinds import chosen
from minkang.synth.dirt.registration import filed, registration
from minkang.synth.dirt.soil import soil
from minkang.synth.dirt.sources import troubles
from minkang.synth.outbreaks import absence, pharmacy
from minkang.synth.outbreaks.plant import Outbreak, plant, struck
from minkang.synth.outbreaks.request import Request
from minkang.synth.people import household, households_for
from minkang.synth.place import build_place
from minkang.synth.record import Household, Lived, World
from minkang.synth.speak.held import hold_back
from minkang.synth.speak.order import RANGE
from minkang.synth.speak.sent import Channel, Row, Sent
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.write import write_all
from minkang.synth.truth import files, indicators, thin
from minkang.synth.truth.tally import Tally, add, tally

CHANNELS: Final[dict[str, Channel]] = {
    "fhir": "fhir",
    "hl7v2": "mllp",
    "cda": "document",
    "table": "table",
}
"""Formats of the command line, and the ways out that they stand for."""


_DAILY_YEARS: Final = 3


class Wish(msgspec.Struct, frozen=True):
    """What region is wanted. `formats` None is all; `thin` is a number of residents more.

    What leaves from the moment of `later` on goes into that file, and not into the sources' own.
    `base` is whether institutions, staff, beds and equipment are told, too: some twenty thousand
    rows, however few the residents are. `figures`: of how many last days sources tell their own.
    `first` is the number of the household that the residents begin with: a region may be made in
    parts, one behind the other. `daily` is whether there are tables of absence and sales.
    """

    residents: int
    out: Path
    today: date
    seed: int = 7
    years: int = 10
    processes: int = 1
    formats: tuple[str, ...] | None = None
    thin: int = 0
    dirt: str = "all"
    outbreaks: tuple[Request, ...] = ()
    later: tuple[datetime, Path] | None = None
    base: bool = True
    figures: int = 30
    first: int = 0
    daily: bool = True

    @property
    def households(self) -> range:
        """The numbers of the households whose lives are told in full."""
        return range(self.first, self.first + households_for(self.residents))


class Made(msgspec.Struct, frozen=True):
    """What came out. `expected` counts the messages by what a receiver should make of them."""

    folder: str
    seed: int
    begin: date
    today: date
    households: int
    residents: int
    sent: dict[str, int]
    expected: dict[str, int]
    stains: dict[str, int]
    outbreaks: dict[str, int]
    thin: int
    bytes: int
    seconds: float


def world_of(wish: Wish) -> World:
    """The world that a wish describes, before anything is planted.

    Raises:
        ValueError: a kind of dirt that there is not.
    """
    begin = _years_before(wish.today, wish.years)
    return World(wish.seed, begin, wish.today, build_place(wish.seed), dirt=chosen(wish.dirt))


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def make(wish: Wish, lives: Callable[[World, int], Lived] | None = None) -> Made:
    """Makes the region's files; the same wish gives the same bytes on any number of processes.

    `lives` says how a household is lived; the lives of the region by default.

    Raises:
        ValueError: dirt or an outbreak that can't be.
        OSError: the folder can't be written.
    """
    started = time.monotonic()
    world = world_of(wish)
    numbers = wish.households
    outbreaks = plant(world, wish.outbreaks, lambda: _households(world, numbers))
    world = msgspec.structs.replace(world, struck=struck(outbreaks))
    region = _Region(world, numbers, wish.out / "truth", lives or _lived())
    counted = _send(wish, region, outbreaks)
    if wish.daily and (wish.formats is None or "table" in wish.formats):
        _daily(world, numbers, wish.out / "daily")
    count = _thin(world, wish, numbers)
    made = Made(
        str(wish.out), wish.seed, world.begin, world.today, len(numbers), region.residents(),
        counted.sent, counted.expected, counted.stains,
        {one.id: len(one.cases) for one in outbreaks}, count, counted.bytes,
        round(time.monotonic() - started, 3),
    )  # fmt: skip
    _describe(wish, made)
    return made


def told(world: World, number: int, member: int = 0) -> Iterator[str]:
    """One life of a household as lines of Chinese; `member` counts from 1, 0 is the fullest.

    Raises:
        IndexError: the region has no such household, or the household not so many people.
    """
    from minkang.synth.report.life import life_of, member_of

    lived = _lived()(world, number)
    return life_of(world, lived, member_of(lived, member))


def _lived() -> Callable[[World, int], Lived]:
    # The lives import all catalogues; who plants or asks for help need not wait for them.
    from minkang.synth.lives.live import live

    return live


def _households(world: World, numbers: Iterable[int]) -> Iterator[Household]:
    return (household(world, number) for number in numbers)


class _Counted(msgspec.Struct):
    """Counts that grow while everything is sent."""

    sent: dict[str, int]
    expected: dict[str, int]
    stains: dict[str, int]
    bytes: int = 0


class _Region:
    """Lives households one after another, each process its ranges, and keeps the truth of them."""

    def __init__(
        self, world: World, numbers: Sequence[int], truth: Path,
        lives: Callable[[World, int], Lived],
    ) -> None:  # fmt: skip
        self.world, self.truth = world, truth
        self._lives = lives
        self.numbers = numbers
        self._places = {number: at for at, number in enumerate(numbers)}
        self._last = len(numbers) - 1
        self._tables: files.Tables | None = None
        self._tally: Tally = {}

    def lived(self, world: World, number: int) -> Lived:
        """One household's years as the desks filed them; its truth is kept."""
        lived = filed(world, self._lives(world, number))
        at = self._places[number]
        if self._tables is None:
            self._tables = files.Tables(self.truth, f"part-{at // RANGE:07d}")
            self._tally = {}
        files.add_lived(world, self._tables, lived)
        add(self._tally, tally(world, lived))
        if at % RANGE == RANGE - 1 or at == self._last:
            self._close(at // RANGE)
        return lived

    def _close(self, part: int) -> None:
        if self._tables is not None:
            self._tables.close()
        self._tables = None
        counted = self.truth / "tally"
        counted.mkdir(parents=True, exist_ok=True)
        numbers = sorted((*key, number) for key, number in self._tally.items())
        (counted / f"{part:07d}.json").write_bytes(msgspec.json.encode(numbers))

    def counted(self) -> Tally:
        """The tally of all ranges; their files are gone afterwards."""
        found: Tally = {}
        for file in sorted((self.truth / "tally").glob("*.json")):
            rows = msgspec.json.decode(file.read_bytes(), type=list[tuple[str, int, str, float]])
            add(found, {(what, year, part): number for what, year, part, number in rows})
            file.unlink()
        (self.truth / "tally").rmdir()
        self._tally = found
        return found

    def residents(self) -> int:
        """Residents on the last day, once everything was counted."""
        return round(indicators.total(self._tally, "residents"))


def _send(wish: Wish, region: _Region, outbreaks: Iterable[Outbreak]) -> _Counted:
    """Everything that is sent, and the truth of it."""
    world, counted = region.world, _Counted({}, {}, {})
    systems = Setting(world).systems
    hospitals = [one.id for one in systems.values() if one.way == "hl7"]
    vendors = {one.id: one.vendor for one in systems.values()}
    trouble = troubles(world, hospitals, vendors)
    wanted = None if wish.formats is None else frozenset(CHANNELS[one] for one in wish.formats)
    with files.Tables(region.truth, "sent") as tables:

        def stain(one: Any) -> None:
            counted.stains[one.kind] = counted.stains.get(one.kind, 0) + 1
            files.add_stain(tables, one)

        def seen(one: Sent) -> None:
            what = "row" if isinstance(one, Row) else one.channel
            counted.expected[one.expected] = counted.expected.get(one.expected, 0) + 1
            counted.sent[what] = counted.sent.get(what, 0) + 1
            files.add_sent(tables, one)

        def arriving(stream: Iterable[Sent]) -> Iterator[Sent]:
            soiled = soil(world, trouble, stream, stain)
            return soiled if wish.later is None else hold_back(soiled, *wish.later, seen)

        written = write_all(
            world, region.numbers, wish.out / "sent", wish.processes,
            lives=region.lived, desk=registration, channels=wanted,
            soil=arriving,
            base=wish.base and (wanted is None or "table" in wanted), figures=wish.figures,
            seen=seen,
        )  # fmt: skip
        files.add_outbreaks(tables, outbreaks)
        for row in indicators.rows(world, region.counted()):
            tables.add("indicators", row)
    files.join(region.truth)
    files.write_notice(region.truth)
    counted.bytes = written.bytes
    return counted


def _daily(world: World, numbers: Iterable[int], folder: Path) -> None:
    """The day tables of the towns where these households live, of the last three years."""
    folder.mkdir(parents=True, exist_ok=True)
    towns = dict.fromkeys(world.place.village_of(number)[0].town for number in numbers)
    absent = absence.away(world, _households(world, numbers))
    since = max(world.begin, _years_before(world.today, _DAILY_YEARS))
    rows = absence.school_absence(world, towns, absent, since)
    _table(folder / "school_absence.csv", absence.COLUMNS, rows)
    extra = pharmacy.bought(world, _households(world, numbers))
    sales = pharmacy.pharmacy_sales(world, towns, extra, since)
    _table(folder / "pharmacy_sales.csv", pharmacy.COLUMNS, sales)


def _table(path: Path, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in rows)


def _thin(world: World, wish: Wish, numbers: range) -> int:
    """Thin lives of the households that come after the full ones."""
    if not wish.thin:
        return 0
    first = numbers.stop
    last = min(first + households_for(wish.thin), world.place.households)
    return thin.write(world, first, last, wish.out / "truth" / "thin")


def _describe(wish: Wish, made: Made) -> None:
    (wish.out / "README.md").write_text(files.NOTICE, encoding="utf-8")
    told = msgspec.to_builtins(made) | {
        "notice": "合成数据 SYNTHETIC DATA",
        "dirt": wish.dirt,
        "formats": list(wish.formats or CHANNELS),
    }
    del told["seconds"], told["folder"]  # the same wish gives the same bytes
    text = msgspec.json.format(msgspec.json.encode(told), indent=1)
    (wish.out / "region.json").write_bytes(text)
