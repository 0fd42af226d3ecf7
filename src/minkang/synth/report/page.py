"""The report: every expected figure with what the region has, and whether it lies within."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from typing import Final

import msgspec

from minkang.synth.people import households_for
from minkang.synth.people.block import HOUSEHOLDS
from minkang.synth.record import Lived, World
from minkang.synth.report.infections import Season, seasons
from minkang.synth.report.measures import (
    Measure,
    Thin,
    full_measures,
    merged,
    place_measures,
    thin_measures,
    thin_sums,
)
from minkang.synth.report.tolerances import (
    CASES_RATIO,
    EXPECTED,
    EXPLAINED,
    MONTHS_CORRELATION,
    MOST_EXPLAINED,
    Expected,
)
from minkang.synth.truth.indicators import Figure, figures, total
from minkang.synth.truth.tally import Tally, add, tally

_RANGE: Final = 32  # households lived in one go

_DEPTHS: Final = {
    "place": "机构、床位与人员 / The place",
    "thin": "人口、出生、死亡（全部居民的人口层） / People (thin lives)",
    "full": "患病、管理与服务（完整人生） / Illness and care (full lives)",
}


_HEAD: Final = """# 演示区验证报告 / The practice region beside plans and yearbooks

Made by `minkang synth report`; not written by hand. Everybody in the region is invented: what is
compared are its rates. Expected values, their sources and tolerances stand in
`src/minkang/synth/report/tolerances.py` and were fixed before the first measurement.

Seed {0}, {1} to {2}: {3:,} residents with full lives, {4:,} thin ones. **{5} of {6} figures
inside**, {7} explained (at most {8}), {9} outside.
"""

_MONTHS: Final = f"""## 法定传染病与全国逐月 / Notifiable infections beside the national months

Months correlate with the national ones (over what chance allows at best for counts of this size)
such that the 95 % interval reaches {MONTHS_CORRELATION}; cases are {CASES_RATIO[0]} to
{CASES_RATIO[1]} of the expected, judged for diseases of all ages (the region is older than the
country).

| 病种 | 病例 | 按全国发病率 | 比 | 逐月相关 | 是否在内 |
|---|---|---|---|---|---|
"""


class Row(msgspec.Struct, frozen=True):
    """One line of the report. `measured` is None where the region has nothing to measure."""

    key: str
    name: str
    unit: str
    depth: str
    expected: str
    tolerance: str
    measured: float | None
    interval: str
    source: str
    inside: bool
    explained: str = ""


class Report(msgspec.Struct, frozen=True):
    """All rows, the infections, and what they were measured on."""

    seed: int
    begin: date
    today: date
    residents: int
    thin: int
    rows: list[Row]
    seasons: list[Season]


_given: list[tuple[World, Callable[[World, int], Lived]]] = []
"""World and lives of the measurement: worker processes have them from their fork."""


def measured(
    world: World, residents: int, thin: int, processes: int = 1,
    lives: Callable[[World, int], Lived] | None = None,
) -> Report:  # fmt: skip
    """Measures the region: so many residents with full lives, thin ones from all over the place."""
    households = households_for(residents)
    ranges = [(at, min(at + _RANGE, households)) for at in range(0, households, _RANGE)]
    thins = spread_out(households_for(thin), world.place.households)
    _given[:] = [(world, lives or _lived())]
    if processes > 1:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(processes, context) as pool:
            sums = merged(list(pool.map(_thin, thins, chunksize=8)))
            tallies = list(pool.map(_full, ranges))
    else:
        sums = merged([_thin(one) for one in thins])
        tallies = [_full(one) for one in ranges]
    whole: Tally = {}
    for one in tallies:
        add(whole, one)
    told = list(figures(world, whole))
    return Report(
        world.seed, world.begin, world.today, round(total(whole, "residents")), round(_alive(sums)),
        rows(world, sums, whole, told), seasons(world, sums),
    )  # fmt: skip


def spread_out(wanted: int, households: int) -> list[tuple[int, int]]:
    """Blocks of about so many households in all, spread evenly over the whole place.

    Households fill the place town by town: the first ones are not like all.
    """
    blocks = -(-households // HOUSEHOLDS)
    count = min(blocks, max(1, -(-wanted // HOUSEHOLDS)))
    firsts = [at * blocks // count * HOUSEHOLDS for at in range(count)]
    return [(first, min(first + HOUSEHOLDS, households)) for first in firsts]


def _alive(sums: Thin) -> float:
    return float(sums.residents.sum())


def _thin(part: tuple[int, int]) -> Thin:
    return thin_sums(_given[0][0], *part)


def _full(part: tuple[int, int]) -> Tally:
    world, lived = _given[0]
    found: Tally = {}
    for number in range(*part):
        add(found, tally(world, lived(world, number)))
    return found


def _lived() -> Callable[[World, int], Lived]:
    # The lives import all catalogues; tests bring lives of their own.
    from minkang.synth.lives.live import live

    return live


def rows(world: World, sums: Thin, whole: Tally, told: list[Figure]) -> list[Row]:
    """One row for each expected figure, in their order."""
    found = place_measures(world) | thin_measures(world, sums) | full_measures(world, whole, told)
    return [_row(one, found.get(one.key)) for one in EXPECTED]


def _row(one: Expected, measure: Measure | None) -> Row:
    expected = (
        _number(one.low) if one.low == one.high else f"{_number(one.low)}–{_number(one.high)}"
    )
    tolerance = "95% CI" if one.rare else f"±{one.slack * 100:g}%"
    if measure is None:
        return Row(one.key, one.name, one.unit, one.depth, expected, tolerance, None, "",
                   one.source, False, EXPLAINED.get(one.key, ""))  # fmt: skip
    interval = f"{_number(measure.low)}–{_number(measure.high)}" if one.rare else ""
    return Row(
        one.key, one.name, one.unit, one.depth, expected, tolerance, round(measure.value, 3),
        interval, one.source, lies_inside(one, measure), EXPLAINED.get(one.key, ""),
    )  # fmt: skip


def lies_inside(one: Expected, measure: Measure) -> bool:
    """Whether a measure agrees with what was expected (see `Expected`)."""
    if one.rare:
        return measure.low <= one.high and measure.high >= one.low
    return one.low * (1 - one.slack) <= measure.value <= one.high * (1 + one.slack)


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def as_markdown(report: Report) -> str:
    """The page for the documentation."""
    inside = sum(row.inside for row in report.rows)
    explained = [row for row in report.rows if not row.inside and row.explained]
    outside = len(report.rows) - inside - len(explained)
    text = _HEAD.format(
        report.seed, report.begin, report.today, report.residents, report.thin, inside,
        len(report.rows), len(explained), MOST_EXPLAINED, outside,
    )  # fmt: skip
    lines = [*text.splitlines(), ""]
    for depth, title in _DEPTHS.items():
        lines += [f"## {title}", ""]
        lines += ["| 指标 | 本区 | 期望 | 容差 | 单位 | 依据 | 是否在内 |",
                  "|---|---|---|---|---|---|---|"]  # fmt: skip
        lines += [_line(row) for row in report.rows if row.depth == depth]
        lines.append("")
    lines += _infections(report.seasons)
    if explained:
        lines += ["## 说明 / Explained", ""]
        lines += [f"- {row.name}：{row.explained}" for row in explained] + [""]
    return "\n".join(lines)


def _line(row: Row) -> str:
    value = "–" if row.measured is None else _number(row.measured)
    interval = f"（{row.interval}）" if row.interval else ""
    verdict = "是" if row.inside else "说明" if row.explained else "**否**"
    return (
        f"| {row.name} | {value}{interval} | {row.expected} | {row.tolerance} | {row.unit} "
        f"| {row.source} | {verdict} |"
    )


def _infections(found: list[Season]) -> list[str]:
    lines = _MONTHS.splitlines()
    for one in found:
        ratio = f"{one.ratio:.2f}" if one.judged else f"{one.ratio:.2f}（不判）"
        verdict = "是" if one.inside else "**否**"
        lines.append(
            f"| {one.name} | {one.cases} | {one.expected:.0f} | {ratio} | {one.correlation:.2f} "
            f"| {verdict} |"
        )
    return [*lines, ""]
