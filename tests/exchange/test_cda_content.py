"""The kinds whose whole content becomes resources, and the traps of meaning by position."""

import base64
import re
from decimal import Decimal
from typing import Any

import pytest

from minkang.exchange.mappings.cda import WHOLE
from tests.exchange import cda_samples as samples
from tests.exchange.cda_mapped import after, observed, only, problems
from tests.exchange.cda_samples import (
    DISCHARGE,
    LABORATORY,
    STAY,
    coded,
    document,
    element,
    laboratory,
    number,
    organizer,
    section,
    set_all,
    text,
    whole,
)


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def conditions(found: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Conditions by their code."""
    return {one["code"]["coding"][0]["code"]: one for one in found["Condition"]}


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_the_samples_have_all_that_their_schemas_know(kind: str) -> None:
    root = whole()[kind]
    assert samples.faults(root, kind) == []
    left = samples.declared(kind) - samples.paths(root)
    # Attributes that say nothing but how things hang together.
    mechanics = ("@typeCode", "@contextConductionInd", "@negationInd")
    assert {path for path in left if not path.endswith(mechanics)} == set()


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_no_value_of_a_whole_document_is_lost(kind: str) -> None:
    root = whole()[kind]
    told = repr({t: all_ for t, all_ in after(root).items() if t != "DocumentReference"})
    body = root.find(f"{{{samples.V3}}}component")
    assert body is not None
    for node in body.iter():
        if node.tag.endswith(("}code", "}qualifier")) or node.getparent().tag.endswith("fier"):
            continue
        for said in (node.text or "", node.get("displayName", ""), node.get("value", "")):
            value = said.strip()
            if re.fullmatch(r"20\d{6}(\d{6})?", value):
                value = f"{value[:4]}-{value[4:6]}-{value[6:8]}"
            # Yes and no, and amounts that were sent in 角, are written differently.
            if value not in ("true", "false", "355"):
                assert value in told, value


# -- C0007 and C0006 ---------------------------------------------------------------------------


def test_a_laboratory_report_has_items_results_specimen_and_order() -> None:
    found = after(laboratory())
    results = observed(found)
    glucose = results["GLU"]
    assert glucose["valueQuantity"] == {"value": Decimal("7.9000"), "unit": "mmol/L"}
    assert str(glucose["valueQuantity"]["value"]) == "7.9000"
    assert glucose["code"]["coding"][0] == {"system": "http://loinc.org", "code": "2345-7"}
    assert glucose["interpretation"][0]["coding"][0]["code"] == "A"
    assert results["CHOL"]["interpretation"][0]["coding"][0]["code"] == "N"
    assert results["CHOL"]["code"]["coding"] == [
        {"system": "urn:minkang:source:haibin:code:local", "code": "CHOL"}
    ]
    (specimen,) = found["Specimen"]
    assert specimen["collection"] == {"collectedDateTime": "2026-05-03T07:30:00+08:00"}
    (report,) = found["DiagnosticReport"]
    assert report["identifier"][0]["value"] == "JY001"
    assert report["conclusion"] == "空腹血糖升高"
    assert report["code"]["text"] == "生化"
    assert len(report["result"]) == 3
    (request,) = found["ServiceRequest"]
    assert request["identifier"][0]["value"] == "SQ001"
    assert "referenceRange" not in glucose


def flat(*entries: str) -> samples.Node:
    return laboratory(sections=(section("30954-2", *entries),))


ITEM, AMOUNT = "DE04.30.019.00", "DE04.30.015.00"


def test_results_beside_items_belong_to_the_item_before_them() -> None:
    root = flat(
        element(ITEM, "检验项目代码", text("A")),
        element(AMOUNT, "检验定量结果", number("REAL", "1.0000")),
        element(ITEM, "检验项目代码", text("B")),
        element(AMOUNT, "检验定量结果", number("REAL", "2.0000")),
        element(ITEM, "检验项目代码", text("A")),
    )
    values = {
        one["code"]["text"]: one["valueQuantity"]["value"]
        for one in after(root)["Observation"]
        if "valueQuantity" in one and "urn:minkang" in one["code"]["coding"][0]["system"]
    }
    assert values == {"A": Decimal("1.0000"), "B": Decimal("2.0000")}


@pytest.mark.parametrize(
    "entries",
    [
        (element(AMOUNT, "检验定量结果", number("REAL", "1.0000")),),
        (
            element(ITEM, "检验项目代码", text("A")),
            element(AMOUNT, "检验定量结果", number("REAL", "1.0000")),
            element(AMOUNT, "检验定量结果", number("REAL", "2.0000")),
        ),
    ],
)
def test_a_result_of_no_certain_item_is_refused(entries: tuple[str, ...]) -> None:
    (problem,) = problems(flat(*entries))
    assert problem.rule == "position"
    assert "/section/entry" in problem.place


def test_in_an_organizer_the_result_may_stand_before_its_only_item() -> None:
    root = flat(
        organizer(
            element(AMOUNT, "检验定量结果", number("REAL", "1.0000")),
            element(ITEM, "检验项目代码", text("A")),
        )
    )
    assert observed(after(root))["A"]["valueQuantity"]["value"] == Decimal("1.0000")


def test_what_is_no_number_is_refused_where_a_number_stands() -> None:
    root = laboratory()
    set_all(root, "//h:observation[h:code/@code='DE04.30.015.00']/h:value/@value", "阴性")
    found = problems(root)
    assert {problem.rule for problem in found} == {"number"}
    assert all("/value/@value 第 " in problem.place for problem in found)


def test_a_result_again_with_another_document_number_is_the_same_result() -> None:
    again = laboratory()
    set_all(again, "h:id/@extension", "c" * 32)
    set_all(again, "h:effectiveTime/@value", "20260505080000")
    amount = "//h:observation[h:code/@code='DE04.30.015.00']/h:value/@value"
    set_all(again, amount, "8.1000")
    found = after(again, laboratory())
    assert len(found["DiagnosticReport"]) == 1
    assert observed(found)["GLU"]["valueQuantity"]["value"] == Decimal("8.1000")


def test_an_examination_report_has_findings_conclusion_and_what_was_done() -> None:
    found = after(whole()["C0006"])
    (report,) = found["DiagnosticReport"]
    assert report["conclusion"] == "胆囊结石"
    assert report["identifier"][0]["value"] == "JC001"
    facts = observed(found)
    assert facts["检查报告结果-客观所见"]["valueString"] == "胆囊内强回声"
    assert facts["症状描述"]["effectivePeriod"]["start"] == "2026-04-30T08:00:00+08:00"
    (procedure,) = found["Procedure"]
    assert procedure["code"]["text"] == "胆囊切除"
    assert procedure["bodySite"][0]["text"] == "胆囊"


# -- diagnoses ---------------------------------------------------------------------------------


def test_an_outpatient_record_pairs_codes_with_the_names_beside_them() -> None:
    found = after(whole()["C0002"])
    by_code = conditions(found)
    assert by_code["I10.x00"]["code"]["text"] == "高血压病2级"
    # One data element is both disease and syndrome of Chinese medicine.
    assert by_code["BNG080"]["code"]["text"] == "眩晕"
    assert by_code["ZYX010"]["code"]["text"] == "肝阳上亢"
    (visit,) = found["Encounter"]
    assert len(visit["diagnosis"]) == len(visit["reasonCode"]) == 3
    (allergy,) = found["AllergyIntolerance"]
    assert allergy["code"] == {"text": "青霉素"}
    assert observed(found)["既往史"]["valueString"] == "无"
    (order,) = found["ServiceRequest"]
    assert order["code"] == {"text": "硝苯地平片 10mg 口服"}
    assert order["category"][0]["text"] == "药品类医嘱"
    assert order["note"] == [{"text": "饭后"}]


def test_the_triples_of_the_front_page_stay_together() -> None:
    found = after(whole()["C0032"])
    by_code = conditions(found)
    assert by_code["I10.x00"]["code"]["text"] == "高血压病"
    assert by_code["E11.900"]["code"]["text"] == "糖尿病"
    (present,) = by_code["K80.100"]["extension"]
    assert present["valueCodeableConcept"]["text"] == "有"
    (visit,) = found["Encounter"]
    roles = [one.get("use", {}).get("coding", [{}])[0].get("code") for one in visit["diagnosis"]]
    assert roles == [None, "DD", "DD", "DD"]


def test_the_code_that_c0045_nests_in_the_name_is_found() -> None:
    nested = element(
        "DE05.01.025.00",
        "诊断名称",
        text("急性阑尾炎"),
        element("DE05.01.024.00", "诊断编码", coded("K35.900", "急性阑尾炎")),
    )
    root = document("C0045", sections=(section("29548-5", nested),))
    assert conditions(after(root))["K35.900"]["code"]["text"] == "急性阑尾炎"


def test_a_code_of_no_known_system_stays_as_it_was_sent() -> None:
    strange = '<value xsi:type="CD" code="本院 01" displayName="咳嗽"/>'
    entry = element("DE05.01.024.00", "诊断代码", strange)
    root = document("C0008", sections=(section("29548-5", entry),))
    coding = only("Condition", root)["code"]["coding"]
    assert coding == [
        {
            "system": "urn:minkang:source:haibin:code:diagnosis",
            "code": "本院 01",
            "display": "咳嗽",
        }
    ]


# -- prescriptions -----------------------------------------------------------------------------


def test_a_prescription_has_its_drugs_its_reason_and_its_price() -> None:
    found = after(whole()["C0004"])
    drugs = {one["medicationCodeableConcept"]["text"]: one for one in found["MedicationRequest"]}
    assert set(drugs) == {"硝苯地平片", "阿司匹林肠溶片"}
    first = drugs["硝苯地平片"]
    dose = first["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    assert (str(dose["value"]), dose["unit"]) == ("10.0", "mg")
    assert first["dosageInstruction"][0]["timing"]["code"]["text"] == "3次/日"
    assert first["dosageInstruction"][0]["route"]["text"] == "口服"
    assert first["groupIdentifier"]["value"] == "CF001"
    # C0004 allows days alone as the unit of an amount: it is kept as it stands.
    assert first["dispenseRequest"]["quantity"] == {"value": Decimal(30), "unit": "天"}
    (invoice,) = found["Invoice"]
    amount = invoice["lineItem"][0]["priceComponent"][0]["amount"]
    assert (str(amount["value"]), amount["currency"]) == ("35.50", "CNY")
    assert observed(found)["处方药品组号"]["valueInteger"] == 1


def test_a_prescription_of_herbs_is_one_with_its_doses() -> None:
    found = after(whole()["C0005"])
    drugs = {one["medicationCodeableConcept"]["text"]: one for one in found["MedicationRequest"]}
    assert set(drugs) == {"天麻10g 钩藤12g", "六味地黄丸"}
    herbs = drugs["天麻10g 钩藤12g"]
    assert herbs["dispenseRequest"]["quantity"]["unit"] == "剂"
    assert herbs["dosageInstruction"] == [{"text": "每日一剂", "patientInstruction": "钩藤后下"}]
    (invoice,) = found["Invoice"]
    assert invoice["lineItem"][0]["priceComponent"][0]["amount"]["value"] == Decimal("35.5")


# -- stays -------------------------------------------------------------------------------------


def test_the_front_page_says_how_the_stay_went_and_what_it_cost() -> None:
    root = whole()["C0032"]
    found = after(root)
    (visit,) = found["Encounter"]
    assert visit["status"] == "finished"
    assert visit["hospitalization"]["destination"] == {"display": "海滨市康复医院"}
    assert visit["hospitalization"]["dischargeDisposition"]["text"] == "医嘱转院"
    (invoice,) = found["Invoice"]
    assert str(invoice["totalGross"]["value"]) == "12345.60"
    kinds = [one["priceComponent"][0]["type"] for one in invoice["lineItem"]]
    assert kinds == ["informational", "base", "base"]
    (procedure,) = found["Procedure"]
    assert [one["actor"]["display"] for one in procedure["performer"]] == ["李伟", "赵敏"]
    (patient,) = found["Patient"]
    identifiers = {one["system"]: one["value"] for one in patient["identifier"]}
    assert identifiers["urn:minkang:source:haibin:medical-record"] == "BA001"
    assert "urn:oid:2.16.156.10011.1.19" not in identifiers


def test_the_drug_that_the_front_page_demands_is_no_allergy_without_the_flag() -> None:
    allergic = document("C0032", sections=samples.front_page_sections(), numbers=STAY)
    assert only("AllergyIntolerance", allergic)["code"] == {"text": "青霉素"}
    healthy = document("C0032", sections=samples.front_page_sections(allergic=False), numbers=STAY)
    assert samples.faults(healthy, "C0032") == []
    found = after(healthy)
    assert "AllergyIntolerance" not in found
    assert observed(found)["DE02.10.023.00"]["valueBoolean"] is False


def test_a_discharge_summary_tells_admission_from_discharge() -> None:
    found = after(whole()["C0053"])
    (visit,) = found["Encounter"]
    roles = [one["use"]["coding"][0]["code"] for one in visit["diagnosis"]]
    assert roles == ["AD", "DD"]
    (procedure,) = found["Procedure"]
    urls = {one["url"] for one in procedure["extension"]}
    assert urls == {
        "urn:minkang:data-element:DE06.00.257.00",
        "urn:minkang:data-element:DE05.10.063.00",
    }
    assert observed(found)["实际住院天数"]["valueQuantity"]["unit"] == "天"


def test_what_stands_where_nothing_is_known_is_no_value() -> None:
    blank = section("8648-8", element("DE06.00.296.00", "诊疗过程描述", text("NA")))
    found = after(document("C0053", sections=(*DISCHARGE, blank), numbers=STAY))
    assert "诊疗过程描述" not in observed(found)


def test_the_readable_text_has_sections_labels_values_and_units() -> None:
    content = only("DocumentReference", laboratory(sections=LABORATORY))["content"]
    lines = base64.b64decode(content[1]["attachment"]["data"]).decode().split("\n")
    assert lines[:2] == ["检验报告", "患者：欧阳小明"]
    assert "【诊断】" in lines
    assert "检验定量结果：7.9000" in lines
    assert "  检查定量结果计量单位：mmol/L" in lines
