"""How somebody stands with the services of the norm, by what a record shows and nothing else."""

from datetime import date, timedelta
from typing import Any

from minkang.fhir import Resource
from minkang.identity import Resident
from minkang.record.due.of_life import Standing, coming, standings_of
from minkang.record.questionnaires import form_of
from tests.record.lives import all_of, life, made, text

TODAY = date(2026, 11, 23)
OLD = Resident("p", "王秀英", "female", "1950-01-01", "", "", "", "", frozenset(["r1"]))
GROWN = Resident("p", "王秀英", "female", "1980-01-01", "", "", "", "", frozenset(["r1"]))
FORM = "HSDB04.01"
SUBJECT = {"subject": {"reference": "Patient/r1"}}


def care(key: str = "care", status: str = "active") -> Resource:
    return {
        "resourceType": "EpisodeOfCare",
        "id": key,
        "status": status,
        "type": [text("高血压患者健康管理")],
        "patient": {"reference": "Patient/r1"},
    }


def followed(key: str, day: str, visit: str = "", **more: Any) -> Resource:
    at = {"encounter": {"reference": f"Encounter/{visit}"}} if visit else {}
    title = text("高血压患者随访服务记录表", FORM)
    return made("Composition", key, type=title, date=day, **SUBJECT, **at, **more)


def planned(key: str, day: str, visit: str, **more: Any) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": key,
        "status": "active",
        "intent": "plan",
        "occurrenceDateTime": day,
        "encounter": {"reference": f"Encounter/{visit}"},
        **SUBJECT,
        **more,
    }


def standing(*resources: Resource, who: Resident = GROWN) -> Standing | None:
    found = standings_of(life(*all_of(resources)), who, TODAY)
    return next((one for one in found if one.service.key == "hypertension"), None)


def test_without_care_that_is_seen_the_service_does_not_apply() -> None:
    assert standing() is None
    assert standing(followed("f", "2026-10-01")) is None
    assert standing(care(status="finished"), followed("f", "2026-10-01")) is None
    assert standings_of(life(), GROWN, TODAY) == ()


def test_the_last_time_and_the_next_lead_to_what_says_so() -> None:
    one = standing(care(), followed("f1", "2026-05-01"), followed("f2", "2026-10-01"))
    assert one is not None
    assert one.care is not None
    assert one.care.id == "care"
    assert one.last is not None
    assert (one.last.day, one.last.origin.id) == (date(2026, 10, 1), "f2")
    assert one.day == date(2026, 10, 1) + timedelta(days=92)
    assert one.planned is None
    assert one.overdue(TODAY) == 0


def test_a_day_agreed_upon_at_the_visit_of_the_form_counts() -> None:
    visit = followed("f", "2026-10-01", "v1")
    one = standing(care(), visit, planned("s", "2026-10-15", "v1"))
    assert one is not None
    assert one.planned is not None
    assert (one.day, one.planned.origin.id) == (date(2026, 10, 15), "s")
    assert one.overdue(TODAY) == 39
    other = standing(care(), visit, planned("s", "2026-10-15", "v2"))
    assert other is not None
    assert other.planned is None
    called_off = standing(care(), visit, planned("s", "2026-10-15", "v1", status="revoked"))
    assert called_off is not None
    assert called_off.planned is None


def test_a_day_that_a_form_of_our_own_names_counts() -> None:
    form = form_of("hypertension-followup")
    assert form is not None
    uri = {"instantiatesUri": [form.canonical.partition("|")[0]]}
    one = standing(care(), followed("f", "2026-10-01"), planned("s", "2026-10-15", "v9", **uri))
    assert one is not None
    assert one.day == date(2026, 10, 15)


def test_what_was_done_after_today_or_in_error_does_not_count() -> None:
    one = standing(
        care(),
        followed("f1", "2027-01-01"),
        followed("f2", "2026-10-01") | {"status": "entered-in-error"},
    )
    assert one is not None
    assert one.last is None
    assert one.overdue(TODAY) == 92


def test_the_old_have_a_check_a_year_and_only_what_is_near_comes_up() -> None:
    checked = made("Composition", "c", type=text("健康体检表"), date="2026-01-05", **SUBJECT)
    found = standings_of(life(*all_of([checked])), OLD, TODAY)
    assert [one.service.key for one in found] == ["elderly"]
    assert found[0].day == date(2027, 1, 5)
    assert coming(found, TODAY, timedelta(days=30)) == []
    assert coming(found, TODAY, timedelta(days=60)) == [found[0]]
