"""Vaccinations against the national schedule of 2021."""

from datetime import date
from typing import Any

import pytest

from minkang.record.vaccinations import shots_of, slots_of, vaccines_of
from minkang.store import Stored
from tests.record.stored_facts import NAMES, stored

BIRTH = date(2025, 1, 31)


def shot(number: str, name: str, day: str, product: str = "", **more: Any) -> Stored:
    return stored(
        {
            "resourceType": "Immunization",
            "id": number,
            "status": "completed",
            "vaccineCode": {"text": name},
            "occurrenceDateTime": day,
            "note": [{"text": product}],
            **more,
        }
    )


def states(given: list[Stored], today: date) -> dict[tuple[str, int], str]:
    slots = slots_of(shots_of(given, NAMES), BIRTH, today)
    return {(one.vaccine.key, one.dose.number): one.state for one in slots}


@pytest.mark.parametrize(
    ("name", "product", "keys"),
    [
        ("乙型肝炎疫苗", "", ("hepb",)),
        ("脑膜炎球菌疫苗", "A群C群脑膜炎球菌多糖疫苗", ("menac",)),
        ("脑膜炎球菌疫苗", "A群脑膜炎球菌多糖疫苗", ("mena",)),
        ("白喉破伤风疫苗", "吸附白喉破伤风联合疫苗", ("dt",)),
        ("白喉百日咳破伤风疫苗", "吸附无细胞百白破联合疫苗", ("dtap",)),
        ("五联疫苗", "", ("dtap", "polio")),
        ("流行性感冒疫苗", "四价流感病毒裂解疫苗", ()),
    ],
)
def test_names_lead_to_the_programmes_vaccines(
    name: str, product: str, keys: tuple[str, ...]
) -> None:
    assert vaccines_of(name, product) == keys


def test_doses_are_given_due_overdue_or_later() -> None:
    given = [shot("1", "乙型肝炎疫苗", "2025-01-31"), shot("2", "乙型肝炎疫苗", "2025-03-02")]
    found = states(given, date(2025, 5, 15))
    assert found["hepb", 1] == found["hepb", 2] == "given"
    assert found["bcg", 1] == "overdue"
    assert found["polio", 1] == found["dtap", 1] == "due"
    assert found["hepb", 3] == found["mmr", 1] == "later"


def test_a_month_without_that_day_ends_earlier() -> None:
    slots = slots_of((), BIRTH, date(2025, 2, 1))
    due = {(one.vaccine.key, one.dose.number): one.due for one in slots}
    assert due["hepb", 2] == date(2025, 2, 28)
    assert due["polio", 1] == date(2025, 3, 31)


def test_what_was_not_given_or_entered_in_error_counts_for_nothing() -> None:
    given = [
        shot("1", "卡介苗", "2025-02-01", status="not-done"),
        shot("2", "卡介苗", "2025-02-01", status="entered-in-error"),
    ]
    assert states(given, date(2025, 2, 15))["bcg", 1] == "due"
    assert [one.status for one in shots_of(given, NAMES)] == ["not-done"]


def test_grown_people_have_no_schedule() -> None:
    assert slots_of((), date(1990, 1, 1), date(2026, 1, 1)) == ()
