"""Pregnancies put together from what several institutions wrote."""

from datetime import UTC, date, datetime
from typing import Any

from minkang.record.life import Life
from minkang.record.pregnancies import next_visit, pregnancies_of
from minkang.store import Stored
from tests.record.stored_facts import NAMES, coded, observation, stored

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def told(number: str, code: str, day: str, value: str) -> Stored:
    return stored(observation(number, code, "x", day, valueDateTime=value))


def visit(number: str, kind: str, day: str, source: str = "MK2") -> Stored:
    return stored(
        {
            "resourceType": "Encounter",
            "id": number,
            "status": "finished",
            "type": [{"text": kind}],
            "period": {"start": day},
        },
        source,
    )


def diagnosis(number: str, code: str, day: str) -> Stored:
    content: dict[str, Any] = {"code": coded(code, "x"), "recordedDate": day}
    return stored({"resourceType": "Condition", "id": number, **content})


def test_a_pregnancy_has_its_dates_visits_and_colour() -> None:
    risk = observation("r", "x", "妊娠风险分级", "2026-10-01", valueString="橙色")
    facts = [
        told("l", "8665-2", "2026-08-01", "2026-06-01"),
        visit("v1", "第1次产前检查服务记录表", "2026-08-01"),
        visit("v2", "门诊", "2026-08-03"),
        stored(risk),
    ]
    (one,) = pregnancies_of(facts, NAMES, NOW)
    assert (one.last_period, one.expected, one.reckoned) == (
        date(2026, 6, 1), date(2027, 3, 8), True,
    )  # fmt: skip
    assert [each.name for each in one.visits] == ["第1次产前检查服务记录表"]
    assert (one.colour, one.going_on, one.outcome) == ("orange", True, "")
    assert one.week_on(date(2026, 8, 1)) == (8, 5)


def test_the_due_date_that_was_written_down_counts() -> None:
    facts = [
        told("l", "8665-2", "2026-08-01", "2026-06-01"),
        told("e", "11778-8", "2026-08-01", "2027-03-12"),
    ]
    (one,) = pregnancies_of(facts, NAMES, NOW)
    assert (one.expected, one.reckoned) == (date(2027, 3, 12), False)


def test_pregnancies_stand_apart_and_the_end_is_known() -> None:
    facts = [
        told("l1", "8665-2", "2023-02-01", "2023-01-01"),
        diagnosis("d", "O80.901", "2023-10-05"),
        told("l2", "8665-2", "2026-08-01", "2026-06-01"),
    ]
    newest, before = pregnancies_of(facts, NAMES, NOW)
    assert (before.outcome, before.ended, before.going_on) == (
        "delivered", date(2023, 10, 5), False,
    )  # fmt: skip
    assert newest.going_on


def test_a_last_period_corrected_later_is_the_same_pregnancy() -> None:
    facts = [
        told("l1", "8665-2", "2026-08-01", "2026-06-01"),
        told("l2", "8665-2", "2026-09-01", "2026-06-05"),
    ]
    assert len(pregnancies_of(facts, NAMES, NOW)) == 1


def test_nobody_is_pregnant_by_a_diagnosis_alone() -> None:
    assert pregnancies_of([diagnosis("d", "O80.901", "2023-10-05")], NAMES, NOW) == ()


def test_the_next_visit_is_the_one_agreed_upon_at_the_last() -> None:
    def request(number: str, at: str, day: str, **more: Any) -> Stored:
        content = {"intent": "plan", "status": "active", "occurrenceDateTime": day, **more}
        encounter = {"reference": f"Encounter/{at}"}
        kind = {"resourceType": "ServiceRequest", "id": number}
        return stored({**kind, "encounter": encounter, **content})

    facts = [
        told("l", "8665-2", "2026-08-01", "2026-06-01"),
        visit("v1", "第1次产前检查服务记录表", "2026-08-01"),
        visit("v2", "第2～5次产前随访服务记录表", "2026-09-01"),
    ]
    (one,) = pregnancies_of(facts, NAMES, NOW)
    requests = (request("s1", "v1", "2026-09-01"), request("s2", "v2", "2026-10-08"))
    planned = next_visit(one, Life({"ServiceRequest": requests}, NAMES, complete=True))
    assert planned is not None
    assert (planned.day, planned.origin.id) == (date(2026, 10, 8), "s2")
    none = (request("s1", "v1", "2026-09-01"), request("s3", "v2", "2026-10-08", intent="order"))
    assert next_visit(one, Life({"ServiceRequest": none}, NAMES, complete=True)) is None
    (unseen,) = pregnancies_of(facts[:1], NAMES, NOW)
    assert next_visit(unseen, Life({}, NAMES, complete=True)) is None
