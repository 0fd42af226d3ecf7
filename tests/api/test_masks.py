"""What a researcher gets: rows without anybody in them, and no question that could tell who."""

import json
import re
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.fhir.search_parameters import parameters_of
from minkang.policy.mask import listed, pseudonymised, pseudonyms
from minkang.store import Change, Store, write
from tests.api.asked import ids, refused
from tests.api.conftest import Bearer

SECRETS = (
    "诸葛孔明", "诸葛", "孔明", "320102198003071234", "13900001111", "卧龙岗", "隆中路七号",
    "黄月英", "1980-03-07", "华佗", "secret note", "r-patient", "r-visit", "zhuge.example",
)  # fmt: skip

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "r-patient",
    "text": {"status": "generated", "div": "<div>诸葛孔明</div>"},
    "extension": [{"url": "urn:x", "valueString": "孔明"}],
    "identifier": [{"system": "urn:oid:2.16.156.10011.1.3", "value": "320102198003071234"}],
    "name": [{"text": "诸葛孔明", "family": "诸葛", "given": ["孔明"]}],
    "telecom": [{"system": "phone", "value": "13900001111"}],
    "gender": "male",
    "birthDate": "1980-03-07",
    "address": [
        {"text": "卧龙岗隆中路七号", "state": "江苏省", "district": "某县", "line": ["隆中路七号"]}
    ],
    "contact": [{"name": {"text": "黄月英"}, "gender": "female"}],
    "photo": [{"url": "http://zhuge.example/photo"}],
    "link": [{"other": {"reference": "Patient/r-other"}, "type": "seealso"}],
    "maritalStatus": {"text": "妻黄月英", "coding": [{"code": "M", "display": "黄月英"}]},
}
VISIT: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "r-visit",
    "subject": {"reference": "Patient/r-patient", "display": "诸葛孔明"},
    "participant": [{"individual": {"display": "华佗"}}],
    "status": "finished",
    "class": {"code": "AMB"},
    "period": {"start": "2026-03-01"},
    "reasonCode": [{"text": "诸葛孔明 secret note"}],
}
RESULT: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "r-result",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "14749-6"}], "text": "孔明的血糖"},
    "subject": {"reference": "Patient/r-patient", "display": "诸葛孔明"},
    "encounter": {"reference": "Encounter/r-visit"},
    "effectiveDateTime": "2026-03-01",
    "valueQuantity": {"value": 6.5, "unit": "孔明", "system": "http://unitsofmeasure.org"},
    "note": [{"text": "secret note", "authorString": "华佗"}],
    "performer": [{"display": "华佗"}],
}
HIDDEN: dict[str, Any] = {
    "resourceType": "Condition",
    "id": "r-hiv",
    "subject": {"reference": "Patient/r-patient"},
    "code": {"coding": [{"code": "B20"}]},
}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        rows = [Change(one, "MK1") for one in (PATIENT, VISIT, RESULT, HIDDEN)]
        await write(store, connection, rows)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def researcher(bearer: Bearer) -> dict[str, str]:
    return await bearer("researcher", organisation="MK2")


def nobody_in(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


@pytest.mark.parametrize(
    "path",
    [
        "Patient?gender=male",
        "Patient?birthdate=1980",
        "Observation?code=14749-6&_include=Observation:subject&_include=Observation:encounter",
        "Observation?value-quantity=gt6&_sort=-date",
        "Encounter?date=ge2026-01-01&_revinclude=Observation:encounter",
        "Patient/_history",
        "_history",
        "Encounter?_elements=subject,reasonCode",
        "Observation?_summary=text",
        "?_type=Patient,Observation",
    ],
)
async def test_rows_come_without_anybody_in_them(
    client: AsyncClient, researcher: dict[str, str], path: str
) -> None:
    answer = await client.get(path, headers=researcher)
    assert answer.status_code == 200, answer.text
    assert answer.json()["entry"]
    assert nobody_in(answer.text), answer.text
    assert "B20" not in answer.text


async def test_pseudonyms_hold_together_within_an_account_and_nowhere_else(
    client: AsyncClient, researcher: dict[str, str], bearer: Bearer
) -> None:
    async def names(headers: dict[str, str]) -> tuple[str, str]:
        page = await client.get("Observation?_include=Observation:subject", headers=headers)
        (observation,) = [
            one["resource"] for one in page.json()["entry"] if one["search"]["mode"] == "match"
        ]
        (patient,) = ids(page, "include")
        assert observation["subject"] == {"reference": f"Patient/{patient}"}
        assert observation["valueQuantity"]["value"] == 6.5
        return observation["id"], patient

    mine, again = await names(researcher), await names(researcher)
    other = await names(await bearer("researcher", organisation="MK2"))
    assert mine == again
    assert not set(mine) & set(other)
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in (*mine, *other))


@pytest.mark.parametrize(
    "path",
    [
        "Patient?identifier=320102198003071234",
        "Patient?name=诸葛",
        "Patient?family=诸葛",
        "Patient?phonetic=zhuge",
        "Patient?telecom=13900001111",
        "Patient?phone=13900001111",
        "Patient?address=卧龙岗",
        "Patient?address-city=x",
        "Patient?birthdate=1980-03-07",
        "Patient?birthdate=1980-03",
        "Patient?birthdate=gt1980-03",
        "Patient?_id=r-patient,x",
        "Patient?_sort=name",
        "Patient?_sort=birthdate",
        "Patient?_sort=_id",
        "Patient?_has:Observation:patient:code=14749-6",
        "Observation?subject:Patient.name=诸葛",
        "Observation?subject=Patient/r-patient,Patient/x",
        "Observation?subject:Patient.gender=male",
        "Observation?code:text=孔明",
        "Encounter?reason-code:text=secret",
    ],
)
async def test_what_could_tell_who_somebody_is_can_not_be_asked(
    client: AsyncClient, researcher: dict[str, str], path: str
) -> None:
    answer = await client.get(path, headers=researcher)
    assert answer.status_code == 400, answer.text
    issue = answer.json()["issue"][0]
    assert issue["expression"]
    nowhere = await client.get(path.replace("r-patient", "zz").replace("诸葛", "无"),
                               headers=researcher)  # fmt: skip
    assert nowhere.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "Patient/r-patient",
        "Patient/r-patient/_history",
        "Observation/r-result",
        "Observation/r-result/$validate",
        "Encounter/r-visit/$wst500?kind=C0053",
        "Patient/r-patient/$everything",
        "Patient/r-patient/Observation",
        "Observation?patient=r-patient",
        "Patient?_id=r-patient",
    ],
)
async def test_no_single_resident_can_be_asked_for(
    client: AsyncClient, researcher: dict[str, str], path: str
) -> None:
    refused(await client.get(path, headers=researcher), 403, "forbidden")
    gone = path.replace("r-patient", "nobody").replace("r-result", "none").replace("r-visit", "no")
    refused(await client.get(gone, headers=researcher), 403, "forbidden")


def test_no_parameter_that_names_somebody_may_be_asked_for_any_type() -> None:
    """Whatever R4 searches in an identifier, a name, an address or a telecom is refused."""
    from minkang.policy.mask import _tells

    naming = re.compile(r"\.(identifier|telecom|name|address|photo|contact)\b")
    missed = [
        f"{kind}:{one.code}"
        for kind in ("Patient", "Encounter", "Observation", "Condition", "DiagnosticReport",
                     "Procedure", "MedicationRequest", "Immunization", "AllergyIntolerance")
        for one in parameters_of(kind).values()
        if naming.search(one.expression) and not _tells(one)
    ]  # fmt: skip
    assert missed == []


def test_an_element_that_nobody_thought_of_is_dropped() -> None:
    odd = {**RESULT, "somethingNew": "诸葛孔明", "valueString": "诸葛孔明",
           "component": [{"code": {"text": "孔明"}, "valueString": "孔明"}]}  # fmt: skip
    made = pseudonymised(odd, pseudonyms(b"k" * 32, "p"))
    assert nobody_in(json.dumps(made, ensure_ascii=False))


def test_a_list_shows_the_surname_and_the_ends_of_numbers() -> None:
    made = listed(PATIENT)
    text = json.dumps(made, ensure_ascii=False)
    assert made["name"] == [{"text": "诸葛**"}]
    assert made["identifier"][0]["value"] == "3201**********1234"
    assert not any(one in text for one in ("孔明", "13900001111", "1980-03", "隆中路", "黄月英"))
