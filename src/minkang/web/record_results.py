"""The results tab of a record: items with curve and table, reports, items by days, and filters."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from minkang.record.life import Life
from minkang.record.panels import Chosen, Grid, Panel, chosen_of, grid_of, panels_of
from minkang.record.results import (
    Result,
    Series,
    is_result,
    newest_first,
    results_of,
    series_of,
)
from minkang.web.facts import Facts, chart
from minkang.web.rendering import N_

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = ("DiagnosticReport", "Observation")
VIEWS: Final = {"items": N_("按项目"), "panels": N_("按报告单"), "grid": N_("按日期对照")}
_ROWS, _PANELS, _DAYS = 100, 40, 8


def results_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_results.html shows; the query has `item`, `view` and what `Chosen` holds."""
    stored = [one for one in life.of("Observation") if is_result(one)]
    everything = series_of(results_of(stored, life.names))
    chosen = _chosen(asked.query)
    results = chosen_of((r for one in everything for r in one.results), chosen)
    kept = _only(everything, results)
    item = next((one for one in kept if one.item == asked.query.get("item")), None)
    view = asked.query.get("view", "items")
    view = view if view in VIEWS else "items"
    rows = item.results if item else newest_first(results)
    late = [one for one in rows[_ROWS:] if facts.new(one.origin)]
    shown = [*rows[:_ROWS], *late]  # what has just arrived is seen, however old it is
    panels = panels_of(life.of("DiagnosticReport"), results, life.names) if view == "panels" else ()
    return {
        "view": view,
        "views": [(name, asked.visitor.say(words)) for name, words in VIEWS.items()],
        "item": item.item if item else "",
        "items": _items(kept, facts),
        "rows": [_row(one, facts, item) for one in shown],
        "more": len(rows) - len(shown),
        "chart": chart(item),
        "ranges": _ranges(item),
        "panels": [_panel(one, facts) for one in panels[:_PANELS]],
        "panels_more": max(0, len(panels) - _PANELS),
        "grid": _grid(grid_of(kept, _DAYS)) if view == "grid" else None,
        "chosen": chosen,
        "filtered": chosen != Chosen(),
        "institutions": _institutions(everything),
        "critical_count": sum(r.critical for one in everything for r in one.results),
        "kept_query": _kept_query(asked.query),
        "more_href": None,
    }


def _chosen(query: Mapping[str, str]) -> Chosen:
    return Chosen(
        abnormal=query.get("abnormal") == "1",
        critical=query.get("critical") == "1",
        institution=query.get("institution", ""),
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _kept_query(query: Mapping[str, str]) -> str:
    """The filters of the address, for links that change something else."""
    names = ("view", "abnormal", "critical", "institution", "since", "until")
    return urlencode([(name, query[name]) for name in names if query.get(name)])


def _only(everything: Sequence[Series], results: Sequence[Result]) -> list[Series]:
    """The series with what is chosen of them alone."""
    kept = {id(one) for one in results}
    found = []
    for one in everything:
        inside = tuple(r for r in one.results if id(r) in kept)
        if inside:
            found.append(Series(one.item, one.name, one.unit, inside))
    return found


def _items(series: Sequence[Series], facts: Facts) -> list[dict[str, Any]]:
    rows = [facts.item(one) for one in series]
    return sorted(rows, key=lambda row: (row["group"] == "", row["group"]))


def _row(result: Result, facts: Facts, series: Series | None) -> dict[str, Any]:
    """A value as it was sent and, where it differs, as the curve shows it."""
    row = facts.row(result)
    row["note"] = result.note
    row["by_range"] = result.by_range
    row["converted"] = ""
    if series and result.plotted is not None and result.plotted != result.number:
        row["converted"] = f"{result.plotted} {series.unit}"
    row["off_curve"] = bool(series and series.numeric and result.plotted is None)
    return row


def _ranges(series: Series | None) -> list[dict[str, str]]:
    """The reference ranges of an item by institution, the newest of each."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for one in series.results if series else ():
        if one.range_text:
            key = (one.origin.organisation_name, one.unit)
            found.setdefault(
                key, {"institution": key[0], "range": one.range_text, "unit": one.unit}
            )
    return list(found.values())


def _panel(panel: Panel, facts: Facts) -> dict[str, Any]:
    return {
        "id": panel.origin.id,
        "name": panel.name,
        "at": panel.at,
        "status": panel.status,
        "abnormal": panel.abnormal,
        "rows": [_row(one, facts, None) for one in panel.results],
        "conclusion": panel.conclusion,
        "source": facts.source(panel.origin),
    }


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "days": [day.isoformat() for day in grid.days],
        "rows": [
            {
                "item": series.item,
                "name": series.name,
                "unit": series.unit,
                "cells": [_cell(cell, series) for cell in cells],
            }
            for series, cells in zip(grid.rows, grid.cells, strict=True)
        ],
    }


def _cell(result: Result | None, series: Series) -> dict[str, str] | None:
    if result is None:
        return None
    unit = result.unit if result.unit != series.unit else ""
    institution = result.origin.organisation_name
    return {"value": result.text, "flag": result.flag, "unit": unit, "institution": institution}


def _institutions(series: Sequence[Series]) -> list[tuple[str, str]]:
    found = {
        r.origin.organisation: r.origin.organisation_name for one in series for r in one.results
    }
    return sorted(found.items(), key=lambda pair: pair[1])
