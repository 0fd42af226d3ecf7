"""Results of several laboratories on one curve, by report and by day."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from minkang.record.panels import Chosen, chosen_of, grid_of, panels_of
from minkang.record.results import Series, in_unit_of, is_result, results_of, series_of
from minkang.record.units import converted
from tests.record.stored_facts import NAMES, coded, observation, quantity, stored


@pytest.mark.parametrize(
    ("value", "unit", "into", "item", "wanted"),
    [
        ("100", "mg/dL", "mmol/L", "14749-6", "5.551"),  # glucose 180.156 g/mol
        ("5.551", "mmol/L", "mg/dL", "14749-6", "100.0"),
        ("1", "mg/dL", "umol/L", "14682-9", "88.40"),  # creatinine: 88.4, AMA table
        ("200", "mg/dL", "mmol/L", "14647-2", "5.173"),  # cholesterol: 0.02586
        ("100", "mg/dL", "mmol/L", "14927-8", "1.129"),  # triglycerides: 0.01129
        ("6", "mg/dL", "umol/L", "14933-6", "356.9"),  # urate: 59.48
        ("1", "mg/dL", "umol/L", "14631-6", "17.10"),  # bilirubin: 17.1
        ("10", "mg/dL", "mmol/L", "2000-8", "2.495"),  # calcium: 0.2495
        ("48", "mmol/mol", "%", "4548-4", "6.543"),  # Hoelzel 2004
        ("14.2", "g/dL", "g/L", "718-7", "142"),
        ("4.5", "mEq/L", "mmol/L", "2823-3", "4.5"),
        ("98.6", "[degF]", "Cel", "8310-5", "37"),
        ("120", "斤", "kg", "29463-7", "60"),
        ("3500", "g", "kg", "29463-7", "3.5"),
    ],
)
def test_units_lead_to_each_other(value: str, unit: str, into: str, item: str, wanted: str) -> None:
    found = converted(Decimal(value), unit, into, item)
    assert found is not None
    assert float(found) == pytest.approx(float(wanted), rel=2e-4)


@pytest.mark.parametrize(
    ("unit", "into", "item"),
    [("mg/dL", "mmol/L", "718-7"), ("本", "kg", "29463-7"), ("U/L", "mmol/L", "14749-6")],
)
def test_where_no_way_leads_nothing_is_made_up(unit: str, into: str, item: str) -> None:
    assert converted(Decimal(1), unit, into, item) is None


def test_what_is_in_the_unit_already_keeps_its_digits() -> None:
    assert str(converted(Decimal("5.60"), "mmol/L", "mmol/L", "14749-6")) == "5.60"


def glucose() -> list[Any]:
    low, high = Decimal(70), Decimal(110)
    ranges = {"low": {"value": low, "unit": "mg/dL"}, "high": {"value": high, "unit": "mg/dL"}}
    return [
        stored(observation("a", "14749-6", "葡萄糖", "2026-03-01", **quantity("5.60", "mmol/L"))),
        stored(
            observation(
                "b", "2345-7", "GLU", "2026-02-01",
                **quantity("126", "mg/dL"), referenceRange=[ranges],
            ),
            "MK2",
        ),
        stored(observation("c", "14749-6", "葡萄糖", "2026-01-01", **quantity("9", "个"))),
    ]  # fmt: skip


def only(observations: list[Any]) -> Series:
    (series,) = series_of(results_of(observations, NAMES))
    return series


def test_a_curve_is_in_one_unit_and_the_values_stay_as_sent() -> None:
    series = only(glucose())
    assert (series.item, series.unit) == ("14749-6", "mmol/L")
    assert [(r.text, r.unit) for r in series.results] == [
        ("5.60", "mmol/L"),
        ("126", "mg/dL"),
        ("9", "个"),
    ]
    assert [str(r.plotted) for r in series.numeric] == ["6.994", "5.60"]


def test_the_range_of_each_laboratory_is_its_own() -> None:
    other = only(glucose()).results[1]
    assert (other.flag, other.by_range, other.range_text) == ("H", True, "70–110")
    converted_end = in_unit_of(only(glucose()), other.high, other.unit)
    assert converted_end is not None
    assert float(converted_end) == pytest.approx(6.106, abs=0.001)


def test_a_value_that_is_critical_is_so_because_the_laboratory_said_it() -> None:
    told = observation(
        "k", "2823-3", "钾", "2026-03-01",
        **quantity("6.9", "mmol/L"), interpretation=[coded("HH", "")],
    )  # fmt: skip
    (series,) = series_of(results_of([stored(told)], NAMES))
    assert (series.results[0].critical, series.results[0].by_range) == (True, False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"valueString": "金黄色葡萄球菌"}, "金黄色葡萄球菌"),
        ({"valueCodeableConcept": {"text": "阳性"}}, "阳性"),
        ({"valueInteger": 3}, "3"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2}}}, "1–2"),
        ({"valueQuantity": {"value": Decimal("0.01"), "comparator": "<"}}, "<0.01"),
    ],
)
def test_values_of_every_kind_are_shown(value: dict[str, Any], text: str) -> None:
    one = stored(observation("t", "600-7", "培养", "2026-03-01", **value))
    assert only([one]).results[0].text == text


def test_a_quantity_without_a_value_is_no_result() -> None:
    one = stored(observation("t", "600-7", "x", "2026-03-01", valueQuantity={"unit": "g"}))
    assert series_of(results_of([one], NAMES)) == ()


def test_what_forms_and_reports_in_words_hold_is_no_result() -> None:
    said = observation("w", "59776-5", "检查所见", "2026-03-01", valueString="肝脏大小正常")
    form = {**observation("f", "x", "饮水", "2026-03-01", valueString="自来水"), "category": []}
    assert not is_result(stored(said))
    assert not is_result(stored(form))
    assert is_result(glucose()[0])


def test_a_report_holds_its_items_together() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"text": "血糖"},
        "effectiveDateTime": "2026-03-01",
        "result": [{"reference": "Observation/a"}, {"reference": "Observation/b"}],
        "conclusion": "请复查",
    }
    results = [r for one in [only(glucose())] for r in one.results]
    (panel,) = panels_of([stored(report)], results, NAMES)
    assert [r.origin.id for r in panel.results] == ["a", "b"]
    assert (panel.abnormal, panel.conclusion) == (1, "请复查")


def test_results_can_be_chosen_and_stand_by_days() -> None:
    series = only(glucose())
    assert [r.origin.id for r in chosen_of(series.results, Chosen(abnormal=True))] == ["b"]
    assert [r.origin.id for r in chosen_of(series.results, Chosen(institution="MK2"))] == ["b"]
    late = Chosen(since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert [r.origin.id for r in chosen_of(series.results, late)] == ["b"]
    grid = grid_of([series], 2)
    assert grid.days == (date(2026, 3, 1), date(2026, 2, 1))
    assert [cell.origin.id for cell in grid.cells[0] if cell] == ["a", "b"]


def test_of_the_same_minute_what_came_in_last_stands_first() -> None:
    at = "2026-11-02T08:30:00+08:00"
    came = [
        msgspec.structs.replace(
            stored(observation(str(minute), code, text, at, **quantity("1", "U"))),
            updated=datetime(2026, 11, 2, 1, minute, tzinfo=UTC),
        )
        for minute, (code, text) in enumerate((("2823-3", "先"), ("1988-5", "后"), ("9-9", "中")))
    ]
    found = results_of([came[1], came[0], came[2]], NAMES)
    assert [one.origin.id for one in found] == ["2", "1", "0"]
