"""A resident's results with what they mean: a light with words, a bar, how it was before."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

import msgspec

from minkang.record import Result, Series
from minkang.record.results import results_of, series_of
from minkang.store import Stored
from minkang.web.facts import chart
from minkang.web.rendering import N_, wall_time
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_words import (
    ItemWords,
    Usual,
    item_groups,
    item_order,
    item_source,
    item_words,
)

Light = Literal["ok", "watch", "alarm", "plain"]
Side = Literal["", "high", "low", "odd"]

TYPES: Final = ("Observation",)
_ADULT: Final = 18
_KINDS: Final = frozenset({"laboratory", "vital-signs"})
_SHORT: Final = 24
_HISTORY: Final = 60
_NUMBER: Final = r"([0-9]{1,12}(?:\.[0-9]{1,6})?)"
_BETWEEN: Final = re.compile(rf"{_NUMBER}\s*[-~]+\s*{_NUMBER}")
_BELOW: Final = re.compile(rf"[<≤]=?\s*{_NUMBER}")
_ABOVE: Final = re.compile(rf"[>≥]=?\s*{_NUMBER}")
_OTHER: Final = N_("其他项目")
_SAID: Final[dict[tuple[str, str], str]] = {
    ("ok", ""): N_("正常"),
    ("watch", "high"): N_("偏高"),
    ("watch", "low"): N_("偏低"),
    ("watch", "odd"): N_("不正常"),
    ("alarm", "high"): N_("很高，请尽快看医生"),
    ("alarm", "low"): N_("很低，请尽快看医生"),
    ("alarm", "odd"): N_("很不正常，请尽快看医生"),
    ("plain", ""): N_("没有参考范围，请问医生"),
}


class Judged(msgspec.Struct, frozen=True):
    """Where a value stands; `by_usual`: by the usual range of adults, the laboratory gave none."""

    light: Light
    side: Side = ""
    low: Decimal | None = None
    high: Decimal | None = None
    by_usual: bool = False


def judged(result: Result, words: ItemWords | None, age: int | None) -> Judged:
    """By the laboratory's own flag or range; else, for adults, by the usual range.

    Never by anything else: without a range nothing is said of the value.
    """
    flag = result.flag
    low, high = (result.low, result.high)
    if low is None and high is None:
        low, high = ends_of(result.range_text)
    if flag in ("HH", "LL", "AA"):
        side: dict[str, Side] = {"HH": "high", "LL": "low", "AA": "odd"}
        return Judged("alarm", side[flag], low, high)
    if flag in ("H", "L", "A"):
        sides: dict[str, Side] = {"H": "high", "L": "low", "A": "odd"}
        return Judged("watch", sides[flag], low, high)
    if flag == "N":
        return Judged("ok", "", low, high)
    usual = words.usual if words else None
    if usual is None or result.number is None or age is None or age < _ADULT:
        return Judged("plain")
    return _by_usual(result.number, usual)


def ends_of(text: str) -> tuple[Decimal | None, Decimal | None]:
    """The ends of a range that came as text: `3.9-6.1`, `3.9~6.1`, `<5.2`, `≥60`; else none."""
    said = text.strip().replace("～", "~").replace("—", "-").replace("–", "-")
    if found := _BETWEEN.fullmatch(said):
        return Decimal(found[1]), Decimal(found[2])
    if found := _BELOW.fullmatch(said):
        return None, Decimal(found[1])
    if found := _ABOVE.fullmatch(said):
        return Decimal(found[1]), None
    return None, None


def _by_usual(number: Decimal, usual: Usual) -> Judged:
    if usual.alarm is not None and number >= usual.alarm:
        return Judged("alarm", "high", usual.low, usual.high, by_usual=True)
    side: Side = "high" if number > usual.high else "low" if number < usual.low else ""
    return Judged("watch" if side else "ok", side, usual.low, usual.high, by_usual=True)


def bar(number: Decimal | None, low: Decimal | None, high: Decimal | None) -> dict[str, float]:
    """Where a value lies on a bar of 0 to 100: `begin` and `end` of the range, `at` of the value.

    Empty without a number or a range. With one end only the range reaches to the bar's end; what
    lies far out is shown at the end.
    """
    if number is None or (low is None and high is None):
        return {}
    value = float(number)
    if low is None or high is None:
        edge = float(high if high is not None else low or 0)
        share = value / edge if edge > 0 else 1.0
        begin, end, at = (0.0, 60.0, share * 60) if high is not None else (40.0, 100.0, share * 40)
    else:
        width = float(high - low) or 1.0
        begin, end, at = 30.0, 70.0, 30 + (value - float(low)) / width * 40
    return {"begin": begin, "end": end, "at": round(min(max(at, 2.0), 98.0), 1)}


def shown_series(observations: Iterable[Stored], names: Mapping[str, str]) -> tuple[Series, ...]:
    """Measurements and laboratory values by item; what doctors wrote as text is no result here."""
    kept = [one for one in observations if _is_result(one)]
    return tuple(
        series
        for series in series_of(results_of(kept, names))
        if series.numeric or len(series.results[0].text) <= _SHORT
    )


def _is_result(stored: Stored) -> bool:
    kinds = {
        coding.get("code")
        for concept in stored.resource.get("category", [])
        for coding in concept.get("coding", [])
    }
    return bool(kinds & _KINDS)


def item_row(asked: OwnAsked, series: Series) -> dict[str, Any]:
    """The newest value of an item, with what it means and how it was before."""
    newest, say = series.results[0], asked.visitor.say
    words = item_words(series.item, series.name)
    found = judged(newest, words, asked.age)
    told = "" if words is None else words.what.by(asked.language)
    advice = ""
    if words is not None and found.side in ("high", "odd"):
        advice = words.high.by(asked.language)
    if words is not None and found.side == "low":
        advice = words.low.by(asked.language)
    return {
        "item": series.item,
        "name": series.name,
        "value": newest.text,
        "unit": newest.unit,
        "light": found.light,
        "side": found.side,
        "said": say(_SAID[found.light, found.side]),
        "what": told,
        "advice": advice,
        "range": _range_words(newest, found, say),
        "bar": bar(newest.number, found.low, found.high),
        "before": _before(series, say),
        "at": newest.at,
        "institution": newest.origin.organisation_name,
        "group": words.group if words else "",
        "count": len(series.results),
        "href": f"{asked.own.base}/results",
    }


def _range_words(newest: Result, found: Judged, say: Any) -> str:
    if found.by_usual:
        return str(say("%(low)s 到 %(high)s（成人一般）") % {"low": found.low, "high": found.high})
    if found.low is not None and found.high is not None:
        return str(say("%(low)s 到 %(high)s") % {"low": found.low, "high": found.high})
    if found.high is not None:
        return str(say("%(high)s 以下") % {"high": found.high})
    if found.low is not None:
        return str(say("%(low)s 以上") % {"low": found.low})
    return newest.range_text


def _before(series: Series, say: Any) -> str:
    """How the newest value differs from the one before, if they are of one unit."""
    newest = series.results[0]
    past = next((r for r in series.results[1:] if r.number is not None and r.at is not None), None)
    if newest.number is None or past is None or past.number is None or past.unit != newest.unit:
        return ""
    day = wall_time(past.at)[:10]
    difference = newest.number - past.number
    if difference == 0:
        return str(say("和上次（%(day)s）一样") % {"day": day})
    text = say("比上次（%(day)s）高 %(n)s") if difference > 0 else say("比上次（%(day)s）低 %(n)s")
    return str(text % {"day": day, "n": f"{abs(difference).normalize():f}"})


def results_context(asked: OwnAsked) -> dict[str, Any]:
    """What resident/results.html shows: what to mind first, the rest by groups, or one item."""
    all_series = shown_series(asked.life.of("Observation"), asked.life.names)
    chosen = next((one for one in all_series if one.item == asked.query.get("item")), None)
    rows = [item_row(asked, one) for one in all_series]
    return {
        "item": _item(asked, chosen) if chosen else None,
        "care": sorted(
            (row for row in rows if row["light"] in ("alarm", "watch")),
            key=lambda row: (row["light"] != "alarm", _days_ago(row), _place(row)),
        ),
        "groups": _grouped(asked, [row for row in rows if row["light"] not in ("alarm", "watch")]),
        "count": len(rows),
    }


def important_rows(asked: OwnAsked, limit: int) -> list[dict[str, Any]]:
    """The rows a first page shows: what to mind, then the best known items, the newest first."""
    all_series = shown_series(asked.life.of("Observation"), asked.life.names)
    rows = [item_row(asked, one) for one in all_series]
    lights = {"alarm": 0, "watch": 1, "ok": 2, "plain": 2}
    rows.sort(
        key=lambda row: (lights[row["light"]], row["group"] == "", _days_ago(row), _place(row))
    )
    return rows[:limit]


def _days_ago(row: Mapping[str, Any]) -> int:
    """For sorting: the newest day first, what has no time last."""
    return -row["at"].toordinal() if row["at"] else 0


def _grouped(asked: OwnAsked, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    groups = []
    for key, title in item_groups().items():
        inside = [row for row in rows if row["group"] == key]
        if inside:
            inside.sort(key=_place)
            groups.append({"title": title.by(asked.language), "rows": inside})
    if others := [row for row in rows if not row["group"]]:
        groups.append({"title": asked.visitor.say(_OTHER), "rows": others})
    return groups


def _place(row: Mapping[str, Any]) -> int:
    words = item_words(row["item"], row["name"])
    return item_order(words) if words else len(item_groups()) ** 3


def _item(asked: OwnAsked, series: Series) -> dict[str, Any]:
    words = item_words(series.item, series.name)
    values = []
    for result in series.results[:_HISTORY]:
        found = judged(result, words, asked.age)
        values.append(
            {
                "at": result.at,
                "value": result.text,
                "unit": result.unit,
                "light": found.light,
                "side": found.side,
                "said": asked.visitor.say(_SAID[found.light, found.side]),
                "range": _range_words(result, found, asked.visitor.say),
                "institution": result.origin.organisation_name,
            }
        )
    return {
        **item_row(asked, series),
        "source": item_source(words) if words else "",
        "chart": chart(series),
        "rows": values,
    }
