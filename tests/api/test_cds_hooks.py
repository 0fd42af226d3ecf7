"""`/cds-services`: cards for a hospital's own system, over a real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest
import pytest_asyncio
from httpx import Response

from minkang.crypto import Keys
from minkang.fhir import reference
from minkang.store import Change, Store, write
from tests.api.smart_flow import key_pair
from tests.web.launching import DOCTOR, HIS, Hospital, hospital
from tests.web.small_region import BASE, Someone

VIEW, SELECT, SIGN = "minkang-patient-view", "minkang-order-select", "minkang-order-sign"
HOOKS = {VIEW: "patient-view", SELECT: "order-select", SIGN: "order-sign"}
INSTANCE = str(uuid5(UUID(int=0), "hook"))
LOINC = "http://loinc.org"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def his(
    store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Hospital]:
    async with hospital(store, keys, tmp_path_factory.mktemp("cds")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def who(his: Hospital) -> Someone:
    """Seen at MK1 yesterday, with a blood count of three days ago, a medicine and an allergy."""
    one = await his.region.born("何小燕", visit=True)
    await told_of(his, one, "MK1", one.patients[0])
    return one


async def told_of(his: Hospital, one: Someone, source: str, patient: str) -> None:
    """Facts of an institution about a resident."""
    now = datetime.now(UTC)
    about = {"subject": reference("Patient", patient)}
    facts: list[dict[str, Any]] = [
        {
            "resourceType": "Observation",
            "id": f"{patient}-blood",
            "status": "final",
            "code": {"coding": [{"system": LOINC, "code": "718-7"}], "text": "血红蛋白"},
            "effectiveDateTime": (now - timedelta(days=3)).isoformat(timespec="seconds"),
            "valueQuantity": {"value": Decimal(128), "unit": "g/L"},
            **about,
        },
        {
            "resourceType": "MedicationRequest",
            "id": f"{patient}-medicine",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": "二甲双胍片"},
            "authoredOn": (now - timedelta(days=2)).isoformat(timespec="seconds"),
            **about,
        },
        {
            "resourceType": "AllergyIntolerance",
            "id": f"{patient}-allergy",
            "code": {"text": "青霉素"},
            "patient": reference("Patient", patient),
        },
    ]
    async with his.web.store.pool.acquire() as connection, connection.transaction():
        await write(his.web.store, connection, [Change(fact, source) for fact in facts])


def orders(*resources: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }


BLOOD = {"resourceType": "ServiceRequest", "id": "d1", "code": {"text": "血常规"}}
AMOXICILLIN = {
    "resourceType": "MedicationRequest",
    "id": "m1",
    "medicationCodeableConcept": {"text": "阿莫西林胶囊"},
}
METFORMIN = AMOXICILLIN | {"id": "m2", "medicationCodeableConcept": {"text": "二甲双胍缓释片"}}


async def call(
    his: Hospital, service: str, patient: str, *, token: str = "", user: str = DOCTOR, **more: Any
) -> Response:
    """A call of a service about a Patient; `more` goes into the context."""
    context = {"userId": f"Practitioner/{user}", "patientId": patient, **more}
    sent = {"hook": HOOKS[service], "hookInstance": INSTANCE, "context": context}
    signed = token or his.signed(aud=f"{BASE}/cds-services/{service}")
    async with his.browser() as client:
        return await client.post(
            f"/cds-services/{service}", json=sent, headers={"authorization": f"Bearer {signed}"}
        )


async def cards(his: Hospital, service: str, one: Someone, **more: Any) -> list[dict[str, Any]]:
    answer = await call(his, service, f"Patient/{one.patients[0]}", **more)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cards"]
    return found


async def test_the_services_are_found_without_any_token(his: Hospital) -> None:
    async with his.browser() as client:
        told = (await client.get("/cds-services")).json()["services"]
    assert {(one["id"], one["hook"]) for one in told} == set(HOOKS.items())
    assert all(one["description"] and one["title"] for one in told)


async def test_an_order_is_told_what_was_done_already(his: Hospital, who: Someone) -> None:
    (card,) = await cards(his, SIGN, who, draftOrders=orders(BLOOD))
    assert card["summary"] == "血常规：3 天前已在海滨人民医院做过：血红蛋白 128 g/L"
    assert len(card["summary"]) < 140
    assert card["indicator"] == "warning"
    assert card["source"]["topic"]["code"] == "repeat"
    (suggestion,) = card["suggestions"]
    assert suggestion["actions"][0]["resourceId"] == "ServiceRequest/d1"
    assert suggestion["actions"][0]["type"] == "delete"
    assert card["selectionBehavior"] == "at-most-one"
    assert len(card["overrideReasons"]) == 6
    (link,) = card["links"]
    assert link["type"] == "absolute"
    async with his.browser(referer=f"{HIS}/") as client:
        opened = await client.get(link["url"])
        assert opened.status_code == 303
        assert who.name in (await client.get(opened.headers["location"])).text


async def test_only_the_orders_that_were_selected_are_looked_at(
    his: Hospital, who: Someone
) -> None:
    drafts = orders(BLOOD, AMOXICILLIN, METFORMIN)
    chosen = ["MedicationRequest/m1"]
    told = await cards(his, SELECT, who, draftOrders=drafts, selections=chosen)
    assert [one["source"]["topic"]["code"] for one in told] == ["allergy"]
    told = await cards(his, SIGN, who, draftOrders=drafts)
    rules = [one["source"]["topic"]["code"] for one in told]
    assert rules == ["allergy", "repeat", "duplicate"]
    assert [one["indicator"] for one in told] == ["critical", "warning", "warning"]
    assert ["links" in one for one in told] == [True, False, False]


async def test_a_chart_that_is_opened_shows_the_overview(his: Hospital, who: Someone) -> None:
    told = await cards(his, VIEW, who)
    assert [one["source"]["topic"]["code"] for one in told] == ["allergies"]
    assert told[0]["summary"] == "过敏：青霉素"
    assert "selectionBehavior" not in told[0]


async def test_of_whom_the_clinician_may_not_see_there_is_no_card(
    his: Hospital, who: Someone
) -> None:
    stranger = await his.region.born("陌生人")
    await told_of(his, stranger, "MK1", stranger.patients[0])
    assert await cards(his, SIGN, stranger, draftOrders=orders(BLOOD)) == []
    # Another institution recorded it, and the resident has not consented to sharing.
    far = await his.region.born("何远", visit=True)
    await told_of(his, far, "MK2", far.patients[1])
    assert await cards(his, SIGN, far, draftOrders=orders(BLOOD, AMOXICILLIN)) == []
    assert [one["allowed"] for one in await his.entries("open-record", stranger.person)] == [False]
    looks = await his.entries("open-record", far.person)
    assert [(one["allowed"], one["detail"]["app"]) for one in looks] == [(True, his.app.id)]
    # Nobody of that number: the same answer.
    answer = await call(his, SIGN, "Patient/none-such", draftOrders=orders(BLOOD))
    assert (answer.status_code, answer.json()) == (200, {"cards": []})


async def test_who_is_no_clinician_there_gets_no_answer(his: Hospital, who: Someone) -> None:
    patient = f"Patient/{who.patients[0]}"
    answer = await call(his, VIEW, patient, user="nobody")
    assert answer.status_code == 412
    for tenant, status in (("MK3", 412), ("MK2", 412), ("MK1", 200)):
        token = his.signed(aud=f"{BASE}/cds-services/{VIEW}", tenant=tenant)
        assert (await call(his, VIEW, patient, token=token)).status_code == status


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": f"{BASE}/cds-services/{SIGN}"},
        {"aud": None},
        {"iss": "https://other.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": 4_102_444_800},
        {"jti": None},
    ],
)
async def test_a_call_that_is_not_properly_signed_is_refused(
    his: Hospital, who: Someone, changed: dict[str, Any]
) -> None:
    token = his.signed(**{"aud": f"{BASE}/cds-services/{VIEW}", **changed})
    answer = await call(his, VIEW, f"Patient/{who.patients[0]}", token=token)
    assert answer.status_code == 401
    assert "cards" not in answer.text


async def test_a_stranger_and_a_second_use_are_refused(his: Hospital, who: Someone) -> None:
    patient, place = f"Patient/{who.patients[0]}", f"{BASE}/cds-services/{VIEW}"
    forged = his.signed(key_pair(), aud=place)
    assert (await call(his, VIEW, patient, token=forged)).status_code == 401
    once = his.signed(aud=place)
    assert (await call(his, VIEW, patient, token=once)).status_code == 200
    assert (await call(his, VIEW, patient, token=once)).status_code == 401
    several = his.signed(aud=place)
    answers = await asyncio.gather(*(call(his, VIEW, patient, token=several) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 401, 401, 401]
    async with his.browser() as client:
        assert (await client.post(f"/cds-services/{VIEW}", json={})).status_code == 401
        assert (await client.get(f"/cds-services/{VIEW}")).status_code == 405
        assert (await client.post("/cds-services/none", json={})).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {},
        [],
        {"hook": "order-sign", "hookInstance": INSTANCE, "context": {}},
        {"hook": "patient-view", "hookInstance": "x", "context": {}},
        {"hook": "patient-view", "hookInstance": INSTANCE, "context": {"userId": 1}},
    ],
)
async def test_a_call_of_another_form_is_refused(his: Hospital, sent: Any) -> None:
    signed = his.signed(aud=f"{BASE}/cds-services/{VIEW}")
    async with his.browser() as client:
        answer = await client.post(
            f"/cds-services/{VIEW}", json=sent, headers={"authorization": f"Bearer {signed}"}
        )
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "order",
    [
        {"resourceType": "ServiceRequest", "code": []},
        {"resourceType": "ServiceRequest", "code": {"coding": [7]}},
        {"resourceType": "MedicationRequest", "identifier": 3},
        {"resourceType": "Basic"},
        7,
    ],
)
async def test_orders_of_another_form_are_passed_over(
    his: Hospital, who: Someone, order: Any
) -> None:
    drafts = {"entry": [{"resource": order}, {"resource": BLOOD}]}
    told = await cards(his, SIGN, who, draftOrders=drafts)
    assert [one["source"]["topic"]["code"] for one in told] == ["repeat"]


async def test_what_became_of_a_card_is_kept_once_and_of_others_nothing(
    his: Hospital, who: Someone
) -> None:
    first, second = await cards(his, SIGN, who, draftOrders=orders(BLOOD, METFORMIN))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    told = [
        {
            "card": first["uuid"],
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": first["suggestions"][0]["uuid"]}],
            "outcomeTimestamp": at,
        },
        {
            "card": second["uuid"],
            "outcome": "overridden",
            "overrideReason": {
                "reason": {"code": "intended", "system": "urn:minkang:override-reason"},
                "userComment": "换剂型",
            },
            "outcomeTimestamp": at,
        },
        {"card": INSTANCE, "outcome": "accepted", "outcomeTimestamp": at},
    ]
    for _ in range(2):
        signed = his.signed(aud=f"{BASE}/cds-services/{SIGN}/feedback")
        async with his.browser() as client:
            answer = await client.post(
                f"/cds-services/{SIGN}/feedback",
                json={"feedback": told},
                headers={"authorization": f"Bearer {signed}"},
            )
        assert answer.status_code == 200, answer.text
    rows = await his.web.store.pool.fetch(
        """select c.rule, f.outcome, f.reason, f.comment, cardinality(f.suggestions) as taken
           from cds.feedback f join cds.card c on c.id = f.card
           where c.person = $1 order by rule""",
        who.person,
    )
    assert [tuple(row) for row in rows] == [
        ("duplicate", "overridden", "intended", "换剂型", 0),
        ("repeat", "accepted", "", "", 1),
    ]
