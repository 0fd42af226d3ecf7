"""A record as the templates want it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pypinyin import lazy_pinyin

from minkang.record import ListedProblem, Result, Series, Visit
from minkang.record.fact import Origin
from minkang.record.results import in_unit_of
from minkang.web.rendering import N_
from minkang.web.wording import ZONE

_NEW_SECONDS = 8
_LATEST = 8
_TREND = 12
_ROWS = 200

# Items that matter most come first on an overview (LOINC).
_FIRST = (
    "4548-4", "14749-6", "1558-6", "2345-7", "8480-6", "8462-4", "14682-9", "2160-0", "98979-8",
    "22748-8", "14927-8", "718-7",
)  # fmt: skip

_GROUPS = {
    code: group
    for group, codes in {
        N_("血糖"): "4548-4 14749-6 1558-6 2345-7",
        N_("生命体征"): "8480-6 8462-4",
        N_("肾功能"): "14682-9 98979-8 22664-7 14933-6 2160-0",
        N_("血脂"): "14647-2 14927-8 22748-8 14646-4",
        N_("血常规"): "718-7 6690-2 777-3 789-8 770-8 4544-3 787-2",
        N_("甲状腺功能"): "3016-3 14920-3 14928-6",
        N_("电解质"): "2823-3",
        N_("炎症"): "1988-5 33959-8",
        N_("心脏标志物"): "10839-9 33762-6",
    }.items()
    for code in codes.split()
}


class Facts:
    """Turns facts into rows; knows which message each came from and what is new."""

    def __init__(
        self,
        origins: dict[tuple[str, str], int],
        now: datetime,
        say: Callable[[str], str],
        *,
        mark_new: bool,
        message_links: bool = False,
        person: str = "",
    ) -> None:
        self._origins, self._say = origins, say
        self._since = now - timedelta(seconds=_NEW_SECONDS)
        self._mark_new, self._links, self._person = mark_new, message_links, person

    def source(self, origin: Origin) -> dict[str, Any]:
        """Where a fact comes from, for `macros.source_of`."""
        message = self._origins.get((origin.type, origin.id))
        href = f"/centre/messages/{message}" if message and self._links else None
        return {
            "institution": origin.organisation_name,
            "sent_at": origin.received,
            "message": message,
            "href": href,
            "fact": f"/record/{self._person}/fact/{origin.type}/{origin.id}"
            if self._person
            else None,
        }

    def new(self, origin: Origin) -> bool:
        """Whether the fact has just arrived."""
        return self.new_at(origin.received)

    def new_at(self, received: datetime) -> bool:
        """Whether what was received then has just arrived."""
        return self._mark_new and received >= self._since

    def row(self, result: Result) -> dict[str, Any]:
        """One value."""
        return {
            "id": f"{result.origin.id}-{result.item}",
            "item": result.item,
            "name": result.name,
            "value": result.text,
            "unit": result.unit,
            "flag": result.flag,
            "reference": result.range_text,
            "at": result.at,
            "institution": result.origin.organisation_name,
            "source": self.source(result.origin),
            "status": result.status,
            "new": self.new(result.origin),
        }

    def latest(self, series: Series) -> dict[str, Any]:
        """The newest value of an item with its trend."""
        newest = series.results[0]
        return {
            **self.row(newest),
            "code": series.item,
            "trend": [float(r.plotted) for r in series.numeric[-_TREND:] if r.plotted is not None],
            "low": _end(in_unit_of(series, newest.low, newest.unit)),
            "high": _end(in_unit_of(series, newest.high, newest.unit)),
            "meaning": "",
        }

    def item(self, series: Series) -> dict[str, Any]:
        """An item of the list beside the results."""
        return {
            **self.row(series.results[0]),
            "code": series.item,
            "group": self._say(_GROUPS[series.item]) if series.item in _GROUPS else "",
            "pinyin": "".join(lazy_pinyin(series.name)),
            "count": len(series.results),
        }

    def problem(self, problem: ListedProblem) -> dict[str, Any]:
        """A line of the problem list."""
        return {
            "id": problem.origin.id,
            "name": problem.name,
            "code": problem.code,
            "active": True,
            "first": problem.first,
            "last": problem.last,
            "institution": "、".join(problem.institutions),
            "source": self.source(problem.origin),
            "new": self.new(problem.origin),
        }

    def visit(self, visit: Visit) -> dict[str, Any]:
        """A visit of the timeline."""
        return {
            "id": visit.origin.id,
            "start": visit.start,
            "end": visit.end,
            "class_code": visit.kind,
            "department": visit.department,
            "doctor": visit.doctor,
            "diagnoses": list(visit.reasons),
            "complaint": "",
            "institution": visit.origin.organisation_name,
            "source": self.source(visit.origin),
            "new": self.new(visit.origin),
        }


def important(series: Sequence[Series], limit: int = _LATEST) -> list[Series]:
    """The items that matter most: known ones in their order, then those out of range."""

    def rank(one: Series) -> tuple[int, int]:
        known = _FIRST.index(one.item) if one.item in _FIRST else len(_FIRST)
        flagged = one.results[0].flag not in ("", "N")
        return (0 if flagged else 1, known)

    numeric = [one for one in series if one.numeric]
    return sorted(numeric, key=rank)[:limit]


def chart(series: Series | None) -> dict[str, Any] | None:
    """The curve of an item, one line for each institution; None if there is nothing to draw."""
    if series is None or not series.numeric:
        return None
    lines: dict[str, list[list[Any]]] = {}
    for result in series.numeric:
        assert result.at is not None  # noqa: S101 - numeric leaves out what has no time
        point = [
            result.at.astimezone(ZONE).isoformat(),
            float(result.plotted or 0),
            result.text,
            result.flag,
        ]
        lines.setdefault(result.origin.organisation_name, []).append(point)
    ranged = next((r for r in series.results if r.low is not None or r.high is not None), None)
    return {
        "item": series.item,
        "title": series.name,
        "unit": series.unit,
        "low": _end(in_unit_of(series, ranged.low, ranged.unit)) if ranged else None,
        "high": _end(in_unit_of(series, ranged.high, ranged.unit)) if ranged else None,
        "series": [{"source": name, "points": points} for name, points in lines.items()],
    }


def _end(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def rows(results: Iterable[Result], item: str) -> list[Result]:
    """The values of one item, or of all, newest first."""
    return [result for result in results if not item or result.item == item][:_ROWS]
