"""The operations of the terminology service, as systems call them."""

from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.api.routes import ROUTES
from minkang.fhir import decode
from minkang.fhir.validate import check
from minkang.terminology.builtin import ICD10, SEX
from tests.api.asked import entry, refused, transaction
from tests.api.conftest import Bearer

GENDER = "http://hl7.org/fhir/administrative-gender"
LOCAL = "urn:minkang:source:haibin:code:zd"
DIVISIONS = "urn:minkang:cs:gbt2260"

WARDS = {
    "resourceType": "CodeSystem",
    "id": "wards",
    "url": "urn:example:wards",
    "version": "2",
    "name": "Wards",
    "status": "active",
    "content": "complete",
    "concept": [
        {"code": "N", "display": "内科", "concept": [{"code": "N1", "display": "心内科"}]},
        {"code": "W", "display": "外科"},
    ],
}
INNER = {
    "resourceType": "ValueSet",
    "id": "inner",
    "url": "urn:example:inner",
    "version": "1",
    "name": "Inner",
    "status": "draft",
    "compose": {
        "include": [
            {
                "system": "urn:example:wards",
                "filter": [{"property": "concept", "op": "is-a", "value": "N"}],
            }
        ]
    },
}
DIAGNOSES = {
    "resourceType": "ConceptMap",
    "id": "diagnoses",
    "url": "urn:example:diagnoses",
    "status": "active",
    "group": [
        {
            "source": LOCAL,
            "target": ICD10,
            "element": [
                {
                    "code": "G1",
                    "target": [
                        {
                            "code": "I10.x00",
                            "display": "特发性（原发性）高血压",
                            "equivalence": "equivalent",
                        }
                    ],
                },
                {"code": "ZZ", "target": [{"equivalence": "unmatched"}]},
            ],
        }
    ],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def uploaded(system: AsyncClient) -> None:
    """A code system, a value set and a map that a system keeps here."""
    for resource in (WARDS, INNER, DIAGNOSES):
        address = f"{resource['resourceType']}/{resource['id']}"
        answer = await system.put(address, json=resource)
        assert answer.status_code == 201, answer.text


def said(answer: Response) -> dict[str, Any]:
    """The parameters of an answer by name; a valid Parameters."""
    assert answer.status_code == 200, answer.text
    body = decode(answer.content)
    assert check(body, answer.content) == []
    assert body["resourceType"] == "Parameters"
    return {
        one["name"]: next((value for key, value in one.items() if key.startswith("value")), one)
        for one in body["parameter"]
    }


def properties(answer: Response) -> dict[str, Any]:
    """The properties of a `$lookup`; of several alike the last."""
    found = {}
    for one in decode(answer.content)["parameter"]:
        if one["name"] == "property":
            code, value = one["part"]
            found[code["valueCode"]] = next(v for k, v in value.items() if k.startswith("value"))
    return found


def expanded(answer: Response) -> tuple[int, list[str]]:
    """Total and codes of an expansion; a valid ValueSet."""
    assert answer.status_code == 200, answer.text
    body = decode(answer.content)
    assert check(body, answer.content) == []
    expansion = body["expansion"]
    return expansion["total"], [one["code"] for one in expansion.get("contains", ())]


def parameters(**given: Any) -> dict[str, Any]:
    """A Parameters of texts, and of what is no text as it is said: `coding={...}`."""
    listed = []
    for name, value in given.items():
        key = {
            str: "valueString",
            bool: "valueBoolean",
            int: "valueInteger",
        }.get(type(value), "valueCoding" if "code" in value else "resource")
        if isinstance(value, dict) and "coding" in value:
            key = "valueCodeableConcept"
        listed.append({"name": name.replace("_", "-"), key: value})
    return {"resourceType": "Parameters", "parameter": listed}


# --- lookup ---


async def test_a_code_is_looked_up_by_get_and_by_post(system: AsyncClient) -> None:
    query = {"system": ICD10, "code": "E11.900"}
    by_get = await system.get("CodeSystem/$lookup", params=query)
    assert said(by_get)["display"] == "2型糖尿病"
    assert properties(by_get)["parent"] == "E11.9"
    body = parameters(coding={"system": ICD10, "code": "E11.900"})
    by_post = await system.post("CodeSystem/$lookup", json=body)
    assert by_post.json() == by_get.json()


async def test_the_class_of_a_disease_on_a_day(system: AsyncClient) -> None:
    query = {"system": "urn:minkang:cs:notifiable", "code": "covid-19", "date": "2022-06-01"}
    answer = await system.get("CodeSystem/$lookup", params={**query, "property": "report-hours"})
    assert properties(answer) == {"report-hours": 2}
    answer = await system.get("CodeSystem/$lookup", params={**query, "date": "2026-11-22"})
    assert properties(answer)["class"] == "乙"
    assert properties(answer)["report-hours"] == 24


async def test_a_division_that_ended_names_its_successor(system: AsyncClient) -> None:
    query = {"system": DIVISIONS, "code": "110103"}
    found = properties(await system.get("CodeSystem/$lookup", params=query))
    assert (found["successor"], found["inactive"]) == ("110101", True)
    assert (found["effectiveDate"], found["deprecationDate"]) == ("1981", "2010")


async def test_earlier_names_are_designations(system: AsyncClient) -> None:
    query = {"system": DIVISIONS, "code": "210311"}
    answer = await system.get("CodeSystem/$lookup", params=query)
    assert said(answer)["display"] == "千山区"
    names = [
        one["part"][1]["valueString"]
        for one in answer.json()["parameter"]
        if one["name"] == "designation"
    ]
    assert names == ["千山区", "旧堡区", "郊区"]


async def test_what_is_not_known_is_not_found_with_its_rule(system: AsyncClient) -> None:
    for query, rule in (
        ({"system": "urn:nobody", "code": "1"}, "unknown-system"),
        ({"system": ICD10, "code": "nope"}, "unknown-code"),
    ):
        answer = await system.get("CodeSystem/$lookup", params=query)
        issue = refused(answer, 404, "not-found")
        assert f"[{rule}]" in issue["diagnostics"]


async def test_an_uploaded_code_system_can_be_asked_too(system: AsyncClient) -> None:
    query = {"system": "urn:example:wards", "code": "N1"}
    answer = await system.get("CodeSystem/$lookup", params=query)
    assert said(answer)["display"] == "心内科"
    assert said(answer)["version"] == "2"


async def test_an_uploaded_resource_does_not_change_a_national_table(system: AsyncClient) -> None:
    forged = {
        **WARDS,
        "id": "forged",
        "url": SEX,
        "concept": [{"code": "1", "display": "女性"}],
    }
    assert (await system.put("CodeSystem/forged", json=forged)).status_code == 201
    answer = await system.get("CodeSystem/$lookup", params={"system": SEX, "code": "1"})
    assert said(answer)["display"] == "男性"


# --- validate-code ---


async def test_code_and_display_are_checked_together(system: AsyncClient) -> None:
    query = {"url": SEX, "code": "1", "display": "女性"}
    found = said(await system.get("CodeSystem/$validate-code", params=query))
    assert found["result"] is False
    assert found["display"] == "男性"
    query["display"] = "男性"
    assert said(await system.get("CodeSystem/$validate-code", params=query))["result"] is True


async def test_a_code_is_checked_against_a_value_set(system: AsyncClient) -> None:
    query = {"url": f"{ICD10}?fhir_vs=isa/E10-E14", "system": ICD10, "code": "E11.900"}
    assert said(await system.get("ValueSet/$validate-code", params=query))["result"] is True
    query["code"] = "I10.x00"
    assert said(await system.get("ValueSet/$validate-code", params=query))["result"] is False


async def test_a_concept_is_valid_by_one_of_its_codings(system: AsyncClient) -> None:
    concept = {"coding": [{"system": LOCAL, "code": "T2"}, {"system": SEX, "code": "2"}]}
    body = parameters(url="urn:minkang:vs:gbt2261.1", codeableConcept=concept)
    assert said(await system.post("ValueSet/$validate-code", json=body))["result"] is True
    body = parameters(url=SEX, codeableConcept=concept)
    assert said(await system.post("CodeSystem/$validate-code", json=body))["result"] is True


async def test_of_one_resource_by_its_id(system: AsyncClient) -> None:
    answer = await system.get("CodeSystem/wards/$validate-code", params={"code": "N1"})
    assert said(answer)["result"] is True
    query = {"system": "urn:example:wards", "code": "W"}
    answer = await system.get("ValueSet/inner/$validate-code", params=query)
    assert said(answer)["result"] is False
    refused(await system.get("ValueSet/nope/$validate-code?code=1"), 404, "not-found")


async def test_a_unit_is_checked_by_its_grammar(system: AsyncClient) -> None:
    query = {"url": "http://unitsofmeasure.org", "code": "10*9/L"}
    assert said(await system.get("CodeSystem/$validate-code", params=query))["result"] is True
    query["code"] = "个/升"
    assert said(await system.get("CodeSystem/$validate-code", params=query))["result"] is False


async def test_the_day_can_be_asked_about(system: AsyncClient) -> None:
    query = {"url": DIVISIONS, "code": "110103"}
    address = "CodeSystem/$validate-code"
    assert said(await system.get(address, params=query))["result"] is True
    then = said(await system.get(address, params={**query, "date": "2005"}))
    now = said(await system.get(address, params={**query, "date": "2026-11-22"}))
    assert (then["result"], now["result"]) == (True, False)
    assert "110101" in now["message"]


# --- subsumes ---


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        ("E11", "E11.900", "subsumes"),
        ("E11.900", "E11", "subsumed-by"),
        ("E11.900", "E11.900", "equivalent"),
        ("E11.900", "I10.x00", "not-subsumed"),
    ],
)
async def test_subsumes(system: AsyncClient, a: str, b: str, outcome: str) -> None:
    query = {"system": ICD10, "codeA": a, "codeB": b}
    assert said(await system.get("CodeSystem/$subsumes", params=query)) == {"outcome": outcome}
    body = parameters(codingA={"system": ICD10, "code": a}, codingB={"system": ICD10, "code": b})
    assert said(await system.post("CodeSystem/$subsumes", json=body)) == {"outcome": outcome}


async def test_subsumes_in_one_resource(system: AsyncClient) -> None:
    answer = await system.get("CodeSystem/wards/$subsumes?codeA=N&codeB=N1")
    assert said(answer) == {"outcome": "subsumes"}
    answer = await system.get("CodeSystem/wards/$subsumes?codeA=N&codeB=ZZ")
    assert refused(answer, 404, "not-found")["expression"] == ["codeB"]


# --- expand ---


async def test_expand_finds_by_chinese_and_by_pinyin(system: AsyncClient) -> None:
    query: dict[str, Any] = {"url": "urn:minkang:vs:icd10-cn", "filter": "高血压", "count": 5}
    total, codes = expanded(await system.get("ValueSet/$expand", params=query))
    assert total > 50
    assert (len(codes), codes[0]) == (5, "I10.x00x002")
    _, codes = expanded(
        await system.get("ValueSet/$expand", params={**query, "filter": "gxy", "count": 50})
    )
    assert "I10.x00x002" in codes


async def test_pages_hold_every_code_once(system: AsyncClient) -> None:
    query: dict[str, Any] = {"url": f"{ICD10}?fhir_vs=isa/E11", "count": 60}
    codes: list[str] = []
    total = 1
    while len(codes) < total:
        answer = await system.get("ValueSet/$expand", params={**query, "offset": len(codes)})
        total, page = expanded(answer)
        codes += page
    assert len(set(codes)) == len(codes) == total > 100


async def test_expand_of_a_resource_by_id_and_of_one_sent_along(system: AsyncClient) -> None:
    answer = await system.get("ValueSet/inner/$expand")
    assert expanded(answer) == (2, ["N", "N1"])
    assert (answer.json()["status"], answer.json()["url"]) == ("draft", "urn:example:inner")
    answer = await system.post("ValueSet/$expand", json=parameters(valueSet=INNER, filter="xn"))
    assert expanded(answer) == (1, ["N1"])
    body = parameters(valueSet={"resourceType": "ValueSet", "status": "nonsense"})
    issue = refused(await system.post("ValueSet/$expand", json=body), 422, "code-invalid")
    assert issue["expression"] == ["valueSet.status"]


async def test_a_system_can_be_left_out(system: AsyncClient) -> None:
    two = {
        "resourceType": "ValueSet",
        "status": "active",
        "compose": {"include": [{"system": SEX}, {"system": "urn:example:wards"}]},
    }
    body = parameters(valueSet=two, exclude_system="urn:example:wards")
    assert expanded(await system.post("ValueSet/$expand", json=body))[0] == 4


async def test_what_is_too_large_or_not_understood_is_refused(system: AsyncClient) -> None:
    whole = {"url": "urn:minkang:vs:icd10-cn"}
    answer = await system.get("ValueSet/$expand", params=whole)
    assert refused(answer, 400, "too-costly")["expression"] == ["count"]
    answer = await system.get("ValueSet/$expand", params={**whole, "count": "5000"})
    assert refused(answer, 400, "value")["expression"] == ["count"]
    unknown = await system.get("ValueSet/$expand", params={"url": "urn:nobody"})
    assert "unknown-value-set" in refused(unknown, 404, "not-found")["diagnostics"]
    regex = {
        **INNER,
        "compose": {
            "include": [
                {
                    "system": "urn:example:wards",
                    "filter": [{"property": "code", "op": "regex", "value": "(a+)+b"}],
                }
            ]
        },
    }
    body = parameters(valueSet=regex)
    refused(await system.post("ValueSet/$expand", json=body), 422, "not-supported")


# --- translate ---


async def test_a_local_code_is_translated_by_the_map_of_its_source(system: AsyncClient) -> None:
    query = {"system": LOCAL, "code": "G1"}
    for address, more in (
        ("ConceptMap/$translate", {"url": "urn:example:diagnoses"}),
        ("ConceptMap/$translate", {}),
        ("ConceptMap/diagnoses/$translate", {"targetsystem": ICD10}),
    ):
        answer = await system.get(address, params={**query, **more})
        assert said(answer)["result"] is True
        equivalence, concept, source = said(answer)["match"]["part"]
        assert equivalence["valueCode"] == "equivalent"
        assert concept["valueCoding"]["code"] == "I10.x00"
        assert source["valueUri"] == "urn:example:diagnoses"


async def test_no_translation_is_an_answer(system: AsyncClient) -> None:
    for code in ("X9", "ZZ"):
        answer = await system.get(f"ConceptMap/diagnoses/$translate?system={LOCAL}&code={code}")
        found = said(answer)
        assert found["result"] is False
        assert code in found["message"]


async def test_backwards_and_within_a_target(system: AsyncClient) -> None:
    query = {"system": ICD10, "code": "I10.x00", "url": "urn:example:diagnoses", "reverse": "true"}
    answer = await system.get("ConceptMap/$translate", params=query)
    assert said(answer)["match"]["part"][1]["valueCoding"] == {"system": LOCAL, "code": "G1"}
    forth = {"system": LOCAL, "code": "G1", "target": f"{ICD10}?fhir_vs=isa/E11"}
    assert said(await system.get("ConceptMap/$translate", params=forth))["result"] is False
    forth["target"] = f"{ICD10}?fhir_vs=isa/I10"
    assert said(await system.get("ConceptMap/$translate", params=forth))["result"] is True


async def test_the_platforms_own_maps(system: AsyncClient) -> None:
    query = {"system": GENDER, "code": "female", "targetsystem": SEX}
    answer = await system.get("ConceptMap/$translate", params=query)
    assert said(answer)["match"]["part"][1]["valueCoding"]["code"] == "2"
    answer = await system.get(
        "ConceptMap/$translate", params={"system": DIVISIONS, "code": "110103"}
    )
    assert said(answer)["match"]["part"][1]["valueCoding"]["display"] == "东城区"


async def test_a_map_sent_along(system: AsyncClient) -> None:
    body = parameters(conceptMap=DIAGNOSES, coding={"system": LOCAL, "code": "G1"})
    assert said(await system.post("ConceptMap/$translate", json=body))["result"] is True


# --- how it is asked ---

OPERATIONS = sorted(
    pattern for pattern in ROUTES if pattern.startswith(("/CodeSystem", "/ValueSet", "/ConceptMap"))
)


@pytest.mark.parametrize("pattern", OPERATIONS)
async def test_nobody_is_answered_without_a_token(client: AsyncClient, pattern: str) -> None:
    address = pattern.removeprefix("/").replace("{id}", "wards")
    refused(await client.get(address), 401, "login")
    refused(await client.post(address, json={}), 401, "login")


@pytest.mark.parametrize("pattern", OPERATIONS)
async def test_a_parameter_that_is_not_known_is_refused(system: AsyncClient, pattern: str) -> None:
    kind = pattern.split("/")[1]
    held = {"CodeSystem": "wards", "ValueSet": "inner", "ConceptMap": "diagnoses"}[kind]
    address = pattern.removeprefix("/").replace("{id}", held)
    answer = await system.get(address, params={"nonsense": "1"})
    assert refused(answer, 400, "not-supported")["expression"] == ["nonsense"]


@pytest.mark.parametrize(
    ("address", "code", "place"),
    [
        ("CodeSystem/$lookup", "required", "code"),
        ("CodeSystem/$lookup?code=1", "required", "system"),
        (f"CodeSystem/$lookup?system={SEX}&code=1&code=2", "value", "code"),
        (f"CodeSystem/$lookup?system={SEX}&code=1&date=2024-02-30", "value", "date"),
        ("CodeSystem/$validate-code?code=1", "required", "url"),
        ("CodeSystem/$lookup?coding=x", "not-supported", "coding"),
        ("CodeSystem/$subsumes?codeA=1&codeB=2", "required", "system"),
        ("ValueSet/$expand", "required", "url"),
        ("ValueSet/$expand?url=urn:minkang:vs:gbt2261.1&count=x", "value", "count"),
        ("ValueSet/$expand?url=urn:minkang:vs:gbt2261.1&offset=-1", "value", "offset"),
        ("ValueSet/$expand?url=urn:x&activeOnly=ja", "value", "activeOnly"),
        ("ValueSet/$expand?url=urn:x&includeDefinition=true", "not-supported", "includeDefinition"),
        ("ConceptMap/$translate?code=1", "required", "system"),
    ],
)
async def test_wrong_parameters_are_refused_by_name(
    system: AsyncClient, address: str, code: str, place: str
) -> None:
    assert refused(await system.get(address), 400, code)["expression"] == [place]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"resourceType": "Patient"},
        {"resourceType": "Parameters", "parameter": {}},
        {"resourceType": "Parameters", "parameter": [{"valueString": "x"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "code"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "coding", "valueString": "x"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "coding", "valueCoding": {}}]},
        {"resourceType": "Parameters", "parameter": [{"name": "code", "valueInteger": 1}]},
    ],
)
async def test_malformed_parameters_are_refused(system: AsyncClient, body: Any) -> None:
    answer = await system.post("CodeSystem/$lookup", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_people_do_not_ask_here(client: AsyncClient, bearer: Bearer) -> None:
    # At the FHIR base people ask about one resident at a time; a code table is about nobody.
    doctor = await bearer("doctor", organisation="MK1")
    answer = await client.get(f"CodeSystem/$lookup?system={SEX}&code=1", headers=doctor)
    refused(answer, 403, "forbidden")


async def test_other_systems_see_what_was_uploaded(other: AsyncClient) -> None:
    answer = await other.get("CodeSystem/$lookup?system=urn:example:wards&code=W")
    assert said(answer)["display"] == "外科"


async def test_operations_work_inside_of_a_batch(system: AsyncClient) -> None:
    bundle = transaction(
        entry("GET", f"CodeSystem/$lookup?system={SEX}&code=1"),
        entry("GET", f"CodeSystem/$lookup?system={SEX}&code=7"),
        kind="batch",
    )
    answer = await system.post("", json=bundle)
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["entry"]
    assert first["response"]["status"].startswith("200")
    assert second["response"]["status"].startswith("404")


async def test_the_statement_names_the_operations_and_the_code_systems(
    client: AsyncClient,
) -> None:
    statement = (await client.get("metadata")).json()
    by_type = {one["type"]: one for one in statement["rest"][0]["resource"]}
    for pattern in OPERATIONS:
        kind, _, name = pattern.removeprefix("/").rpartition("/$")
        described = by_type[kind.partition("/")[0]]["operation"]
        assert name in {one["name"] for one in described}, pattern
    answer = await client.get("metadata?mode=terminology")
    body = decode(answer.content)
    assert check(body, answer.content) == []
    assert body["resourceType"] == "TerminologyCapabilities"
    assert ICD10 in {one["uri"] for one in body["codeSystem"]}
