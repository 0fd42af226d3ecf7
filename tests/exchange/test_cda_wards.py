"""Operations, deliveries and stays: C0009, C0015, C0016, C0020, C0034, C0045, C0049, C0050."""

import base64
from copy import deepcopy
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tests.exchange import cda_samples as samples
from tests.exchange import cda_ward_samples as ward
from tests.exchange.cda_mapped import after, contributions, observed, only, problems, rules
from tests.exchange.cda_samples import Node, document, section, set_all
from tests.exchange.cda_ward_samples import row, ward_documents
from tests.exchange.hl7v2_mapped import merged

KINDS = ("C0009", "C0015", "C0016", "C0020", "C0034", "C0045", "C0049", "C0050")
ELEMENT = "urn:minkang:data-element:"

Found = dict[str, list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def full(kind: str) -> Found:
    return after(ward_documents()[kind])


def by_label(found: Found) -> dict[str, dict[str, Any]]:
    """Conditions by what they are called in the document."""
    return {one["category"][0]["text"]: one for one in found["Condition"]}


def loinc(resource: dict[str, Any]) -> str | None:
    codes = [one["code"] for one in resource["code"]["coding"] if "loinc" in one["system"]]
    return codes[0] if codes else None


@pytest.mark.parametrize("kind", KINDS)
def test_every_data_element_of_a_full_document_is_somewhere_by_its_code(kind: str) -> None:
    """Those with a resource of their own aside, each is the code of an Observation or extension."""
    root = ward_documents()[kind]
    told = repr({t: all_ for t, all_ in after(root).items() if t != "Composition"})
    placed = {
        *("DE05.01.024.00", "DE05.01.025.00", "DE05.10.130.00", "DE05.10.172.00"),
        *("DE05.10.007.00", "DE05.10.109.00", "DE06.00.187.00", "DE06.00.094.00"),
        *("DE06.00.256.00", "DE06.00.221.00", "DE06.00.092.00", "DE06.00.017.00"),
        *("DE02.01.036.00", "DE02.10.103.00", "DE06.00.214.00", "DE06.00.319.00"),
        *("DE06.00.039.00", "DE06.00.018.00"),
    }
    codes = {str(one) for one in root.xpath("//@code") if str(one).startswith("DE")}
    assert {one for one in codes if one not in told} - placed == set()


# -- C0009 --------------------------------------------------------------------------------------


def test_an_operation_has_its_people_its_time_its_place_and_its_reasons() -> None:
    found = full("C0009")
    (operation,) = found["Procedure"]
    people = {one.get("function", {}).get("text"): one["actor"] for one in operation["performer"]}
    assert {role: who["display"] for role, who in people.items()} == {
        None: "李伟",
        "Ⅰ助": "赵敏",
        "Ⅱ助": "钱进",
        "器械护士": "孙丽",
        "巡台护士": "周洁",
        "麻醉医师": "吴静",
    }
    assert "reference" in people[None]
    assert "reference" not in people["Ⅱ助"]
    assert operation["performedPeriod"] == {
        "start": "2026-05-02T09:30:00+08:00",
        "end": "2026-05-02T10:45:00+08:00",
    }
    assert operation["location"] == {"display": "3号手术间"}
    assert operation["bodySite"] == [{"text": "阑尾"}]
    more = {one["url"].removeprefix(ELEMENT) for one in operation["extension"]}
    assert more == {
        "DE06.00.255.00",
        "DE06.00.073.00",
        "DE05.10.063.00",
        "DE08.50.037.00",
        "DE06.00.260.00",
        "DE08.50.057.00",
        "DE06.00.321.00",
        "DE05.10.165.00",
    }
    before, afterwards = by_label(found)["术前诊断编码"], by_label(found)["术后诊断编码"]
    assert operation["reasonReference"] == [{"reference": f"Condition/{before['id']}"}]
    assert afterwards["code"]["text"] == "急性化脓性阑尾炎"


def test_what_was_lost_and_given_is_part_of_the_operation_at_its_time() -> None:
    found = full("C0009")
    facts = observed(found)
    part = [{"reference": f"Procedure/{found['Procedure'][0]['id']}"}]
    assert facts["出血量（mL）"]["partOf"] == facts["术中用药"]["partOf"] == part
    assert facts["出血量（mL）"]["effectiveDateTime"] == "2026-05-02T09:30:00+08:00"
    assert facts["输血反应标志"]["valueBoolean"] is False
    assert facts["引流标志"]["component"][0]["valueString"] == "硅胶管"
    assert "partOf" not in facts["手术史标志"]
    assert "患者实施手术所在的手术室编号" not in facts


def test_of_several_operations_nobody_knows_whose_the_course_is() -> None:
    root = ward_documents()["C0009"]
    (act,) = root.xpath("//h:entry[h:procedure]", namespaces={"h": samples.V3})
    again = deepcopy(act)
    set_all(again, "h:procedure/h:code/@code", "54.5100")
    act.getparent().append(again)
    found = after(root)
    assert len(found["Procedure"]) == 2
    assert all("bodySite" not in one for one in found["Procedure"])
    course = observed(found)["手术过程描述"]
    assert len(course["partOf"]) == 2
    assert course["component"][0]["valueString"] == "阑尾"


# -- C0015, C0016 -------------------------------------------------------------------------------


def test_a_vaginal_delivery_is_a_procedure_though_the_document_has_none() -> None:
    found = full("C0015")
    (delivery,) = found["Procedure"]
    assert delivery["code"] == {"text": "阴道分娩"}
    assert delivery["performedDateTime"] == "2026-05-02T11:52:00+08:00"
    roles = {one["function"]["text"]: one["actor"]["display"] for one in delivery["performer"]}
    assert roles == {"接生者": "何芳", "助产者": "吕燕"}
    facts = observed(found)
    # One data element is both of these.
    assert facts["宫缩开始日期时间"]["valueDateTime"] == "2026-05-02T03:15:00+08:00"
    assert facts["宫口开全日期时间"]["valueDateTime"] == "2026-05-02T11:05:00+08:00"
    assert facts["第2产程时长（min）"]["partOf"][0]["reference"].startswith("Procedure/")


def test_the_end_of_a_caesarean_and_the_time_of_observation_have_one_code() -> None:
    found = full("C0016")
    (delivery,) = found["Procedure"]
    assert delivery["code"] == {"text": "74.1x01"}
    assert delivery["performedPeriod"]["end"] == "2026-05-02T10:07:00+08:00"
    facts = observed(found)
    assert facts["产后观察日期时间"]["valueDateTime"] == "2026-05-02T14:30:00+08:00"
    assert facts["血压"]["effectiveDateTime"] == "2026-05-02T14:30:00+08:00"
    assert facts["产后宫缩"]["effectiveDateTime"] == "2026-05-02T14:30:00+08:00"
    assert "手术结束日期时间" not in facts
    labels = by_label(found)
    assert labels["产前诊断"]["code"] == {"text": "孕40周头盆不称"}
    assert labels["产后诊断"]["code"] == {"text": "孕39周经产头位顺产"}


def test_a_caesarean_that_ends_before_it_begins_is_refused() -> None:
    root = ward_documents()["C0016"]
    set_all(root, "//h:value[@value='20260502100700']/@value", "20260502080000")
    assert rules(root) == {"period"}


@pytest.mark.parametrize("kind", ["C0015", "C0016"])
def test_a_signature_has_its_time_as_text(kind: str) -> None:
    root = ward_documents()[kind]
    (first, *_) = root.findall(f"{{{samples.V3}}}authenticator")
    assert first.find(f"{{{samples.V3}}}time").text.startswith("20260502")
    (provenance,) = after(root)["Provenance"]
    signed = [one for one in provenance["agent"] if one.get("role")]
    assert all(one["extension"][0]["valueDateTime"].startswith("2026-05-02T1") for one in signed)


@pytest.mark.parametrize("kind", ["C0015", "C0016"])
def test_a_delivery_in_february_comes_in_though_its_schema_knows_none(kind: str) -> None:
    root = ward_documents()[kind]
    set_all(root, "h:author/h:time/@value", "20260215")
    assert samples.faults(root, kind) != []
    assert after(root)["Procedure"]


def test_the_newborn_is_in_the_focus_and_never_becomes_the_mother() -> None:
    found = full("C0015")
    assert len(found["Patient"]) == 1
    weight = observed(found)["新生儿出生体重（g）"]
    assert weight["focus"] == [{"display": "新生儿"}]
    assert loinc(weight) == "8339-4"
    assert weight["valueQuantity"]["code"] == "g"
    assert "category" not in weight
    assert "focus" not in observed(found)["产后出血量（mL）"]


def apgars(found: Found) -> list[tuple[str | None, int, str]]:
    return [
        (loinc(one), one["valueInteger"], one["focus"][0]["display"])
        for one in found["Observation"]
        if one["code"]["text"] == "Apgar评分值"
    ]


def test_each_score_of_apgar_belongs_to_the_interval_before_it() -> None:
    assert sorted(apgars(full("C0015"))) == [
        ("9271-8", 8, "新生儿"),
        ("9272-6", 9, "新生儿"),
        ("9274-2", 10, "新生儿"),
    ]


def delivered(*assessment: str, newborn: str = ward.NEWBORN) -> Node:
    return document(
        "C0015",
        sections=(*ward.VAGINAL[:3], newborn, section("51848-0", *assessment)),
        numbers=ward.WARD,
    )


INTERVAL = ("DE06.00.215.00", "Apgar评分间隔时间代码", "CD", "1", "1min", "2.3.2.48")
SCORE = ("DE05.10.001.00", "Apgar评分值", "INT", "7")


@pytest.mark.parametrize("entries", [(SCORE,), (SCORE, INTERVAL), (INTERVAL, SCORE, SCORE)])
def test_a_score_of_no_interval_is_refused(entries: tuple[ward.Row, ...]) -> None:
    (problem,) = problems(delivered(*ward.rows(*entries)))
    assert problem.rule == "position"
    assert "/entry" in problem.place


def test_in_an_organizer_the_score_may_stand_before_its_interval() -> None:
    together = samples.organizer(*ward.rows(SCORE, INTERVAL))
    assert apgars(after(delivered(together))) == [("9272-6", 7, "新生儿")]


def test_an_interval_of_no_known_length_has_no_loinc() -> None:
    other = (*INTERVAL[:4], "出生时", INTERVAL[5])
    assert apgars(after(delivered(*ward.rows(other, SCORE)))) == [(None, 7, "新生儿")]


def test_twins_are_told_apart_where_everything_is_there_for_both() -> None:
    twice = ward.NEWBORN.replace("</section>", "").replace("3250", "2400") + ward.NEWBORN.partition(
        "<text/>"
    )[2].replace("3250", "2650")
    root = delivered(*ward.rows(INTERVAL, SCORE, INTERVAL, SCORE), newborn=twice)
    assert samples.faults(root, "C0015") == []
    found = after(root)
    weights = {
        one["focus"][0]["display"]: one["valueQuantity"]["value"]
        for one in found["Observation"]
        if loinc(one) == "8339-4"
    }
    assert weights == {"新生儿1": Decimal(2400), "新生儿2": Decimal(2650)}
    assert {focus for _, _, focus in apgars(found)} == {"新生儿1", "新生儿2"}
    once = delivered(*ward.rows(INTERVAL, SCORE), newborn=twice)
    assert [focus for _, _, focus in apgars(after(once))] == ["新生儿"]


@settings(max_examples=25, deadline=None)
@drawn(st.lists(st.booleans(), max_size=8))
def test_scores_and_intervals_in_any_order_are_paired_or_refused(order: list[bool]) -> None:
    root = delivered(*ward.rows(*(SCORE if one else INTERVAL for one in order), ward.WELL))
    lonely = any(one and (at == 0 or order[at - 1]) for at, one in enumerate(order))
    if lonely:
        assert rules(root) == {"position"}
    else:
        assert len(apgars(after(root))) == sum(order)


# -- C0020 --------------------------------------------------------------------------------------


def test_vital_signs_have_the_time_of_measuring_not_that_of_admission() -> None:
    found = full("C0020")
    facts = observed(found)
    assert {one["effectiveDateTime"] for one in facts.values()} == {"2026-05-03T14:30:00+08:00"}
    assert only("Encounter", ward_documents()["C0020"])["period"] == {
        "start": "2026-05-01T08:00:00+08:00"
    }


def test_vital_signs_have_loinc_and_ucum_beside_what_was_written() -> None:
    facts = observed(full("C0020"))
    temperature = facts["体温（℃）"]
    assert loinc(temperature) == "8310-5"
    assert temperature["valueQuantity"] == {
        "value": Decimal("38.6"),
        "unit": "℃",
        "system": "http://unitsofmeasure.org",
        "code": "Cel",
    }
    pressure = facts["血压"]
    assert loinc(pressure) == "85354-9"
    assert [(loinc(one), one["valueQuantity"]["value"]) for one in pressure["component"]] == [
        ("8480-6", Decimal(132)),
        ("8462-4", Decimal(84)),
    ]
    # What a pacemaker gives is not the rate of a heart.
    assert loinc(facts["起搏器心率（次/min）"]) is None
    assert facts["实际住院天数"]["valueQuantity"] == {"value": Decimal(3), "unit": "天"}
    assert facts["手术或分娩后天数"]["valueQuantity"]["value"] == Decimal(2)


# -- C0034 --------------------------------------------------------------------------------------


def test_an_admission_tells_preliminary_from_definite_diagnoses() -> None:
    found = full("C0034")
    labels = by_label(found)
    first, last = labels["初步诊断-西医诊断名称"], labels["确定诊断-西医诊断名称"]
    assert first["code"] == last["code"]
    assert first["id"] != last["id"]
    assert first["verificationStatus"]["coding"][0]["code"] == "provisional"
    assert last["verificationStatus"]["coding"][0]["code"] == "confirmed"
    assert (first["recordedDate"], last["recordedDate"]) == ("2026-05-01", "2026-05-03")
    rank = {"url": f"{ELEMENT}DE05.01.080.00", "valueInteger": 5}
    assert rank in last["extension"]
    (visit,) = found["Encounter"]
    uses = [one["use"]["text"] for one in visit["diagnosis"]]
    assert uses == ["初步诊断"] * 3 + ["修正诊断"] * 3 + ["确定诊断"] * 3 + ["补充诊断"]


def test_the_syndrome_nested_in_a_disease_is_a_diagnosis_of_its_own() -> None:
    labels = by_label(full("C0034"))
    disease, syndrome = labels["修正诊断-中医病名名称"], labels["修正诊断-中医证候名称"]
    assert (disease["code"]["coding"][0]["code"], disease["code"]["text"]) == ("BNP010", "胃脘痛")
    assert (syndrome["code"]["coding"][0]["code"], syndrome["code"]["text"]) == (
        "ZZGV10",
        "肝胃不和",
    )


@pytest.mark.parametrize(
    ("told", "allergic"),
    [("青霉素皮疹", True), ("否认药物过敏史", False), ("无", False), ("未发现过敏", False)],
)
def test_words_that_deny_an_allergy_make_none(told: str, allergic: bool) -> None:
    history = row(("DE02.10.022.00", "过敏史", "ST", told))
    found = after(document("C0034", sections=(section("11348-0", history),)))
    assert ("AllergyIntolerance" in found) is allergic
    assert observed(found)["过敏史"]["valueString"] == told
    if allergic:
        status = found["AllergyIntolerance"][0]["verificationStatus"]
        assert status["coding"][0]["code"] == "unconfirmed"


def test_the_family_history_names_no_relative() -> None:
    (history,) = full("C0034")["FamilyMemberHistory"]
    assert history["note"] == [{"text": "父患胃溃疡"}]
    assert history["relationship"]["coding"][0]["code"] == "FAMMEMB"


def test_who_told_the_history_is_a_relative_and_no_staff() -> None:
    root = ward_documents()["C0034"]
    set_all(root, "h:informant/h:assignedEntity/h:id/@extension", samples.ID_CARD)
    found = after(root)
    (relative,) = found["RelatedPerson"]
    assert relative["relationship"][0]["text"] == "配偶"
    assert relative["identifier"][0]["system"] == "urn:oid:2.16.156.10011.1.3"
    assert samples.ID_CARD not in repr(found["Practitioner"])
    set_all(root, "h:informant//h:code/@code", "0")
    set_all(root, "h:informant//h:code/@displayName", "本人或户主")
    set_all(root, "h:informant//h:name", "欧阳小明")
    found = after(root)
    assert "RelatedPerson" not in found
    agents = found["Provenance"][0]["agent"]
    assert agents[-1]["who"]["reference"] == f"Patient/{found['Patient'][0]['id']}"


# -- C0045 --------------------------------------------------------------------------------------


def test_a_consultation_is_a_request_and_what_was_said_to_it() -> None:
    found = full("C0045")
    (request,) = found["ServiceRequest"]
    assert request["identifier"][0]["value"] == "HZ001"
    assert request["requester"] == {"display": "郑强"}
    assert [one["display"] for one in request["performer"]] == ["冯雪", "海滨市第二医院", "感染科"]
    assert request["category"] == [{"text": "院内急会诊"}]
    assert request["reasonCode"] == [{"text": "高热不退"}]
    asking = {one["url"].rpartition("-")[2]: one["valueString"] for one in request["extension"]}
    assert asking == {"department": "普外科", "institution": "海滨市人民医院"}
    (report,) = found["DiagnosticReport"]
    assert report["conclusion"] == "敞开引流并送培养"
    assert report["resultsInterpreter"] == [{"display": "冯雪"}]
    assert report["basedOn"] == [{"reference": f"ServiceRequest/{request['id']}"}]
    assert len(report["result"]) == 6


def test_a_consultation_has_a_short_number_and_its_codes_inside_the_names() -> None:
    root = ward_documents()["C0045"]
    number = only("DocumentReference", root)["masterIdentifier"]["value"]
    assert 8 <= len(number) <= 20
    by_code = {one["code"]["coding"][0]["code"]: one for one in after(root)["Condition"]}
    assert by_code["T81.400"]["code"]["text"] == "切口感染可能"
    # 中医诊断名称 is the name of 中医病名代码; 症候 is another way of writing 证候.
    assert by_code["BNW030"]["code"]["text"] == "外感发热"
    assert by_code["ZBZD10"]["code"]["text"] == "热毒壅盛"


# -- C0049, C0050 -------------------------------------------------------------------------------


def test_the_diagnosis_of_admission_is_told_by_its_label_not_its_section() -> None:
    found = full("C0049")
    (visit,) = found["Encounter"]
    by_id = {f"Condition/{one['id']}": one for one in found["Condition"]}
    roles = [
        (one["use"]["coding"][0]["code"], by_id[one["condition"]["reference"]]["code"]["text"])
        for one in visit["diagnosis"]
    ]
    assert roles == [
        ("AD", "不稳定性心绞痛"),
        ("DD", "冠心病心绞痛"),
        ("DD", "胸痹"),
        ("DD", "心血瘀阻"),
    ]


def test_one_disease_of_admission_and_discharge_is_one_condition_in_both_roles() -> None:
    root = ward_documents()["C0049"]
    set_all(root, "//h:value[.='冠心病心绞痛']", "不稳定性心绞痛")
    found = after(root)
    assert len(found["Condition"]) == 3
    (visit,) = found["Encounter"]
    first, second, *_ = visit["diagnosis"]
    assert first["condition"] == second["condition"]
    assert [one["use"]["coding"][0]["code"] for one in (first, second)] == ["AD", "DD"]


def test_a_stay_lasts_from_admission_to_discharge_as_the_body_has_them() -> None:
    visit = only("Encounter", ward_documents()["C0049"])
    assert visit["status"] == "finished"
    assert visit["period"] == {
        "start": "2026-05-01T08:15:00+08:00",
        "end": "2026-05-09T10:00:00+08:00",
    }
    root = ward_documents()["C0049"]
    set_all(root, "//h:value[@value='20260509100000']/@value", "20260430100000")
    (problem,) = problems(root)
    assert problem.rule == "period"
    assert "/value/@value" in problem.place


def test_a_death_is_dated_and_has_its_causes() -> None:
    found = full("C0050")
    (patient,) = found["Patient"]
    assert patient["deceasedDateTime"] == "2026-05-03T02:30:00+08:00"
    labels = by_label(found)
    assert labels["直接死亡原因名称"]["code"]["text"] == "心源性休克"
    assert labels["死亡诊断名称"]["code"]["coding"][0]["code"] == "I21.000"
    (visit,) = found["Encounter"]
    assert visit["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] == "exp"
    assert "end" not in visit["period"]
    uses = [one["use"].get("text") for one in visit["diagnosis"]]
    assert uses == [None, "死亡原因", "死亡诊断"]
    assert observed(found)["入院情况"]["note"] == [{"text": "由120送入"}]


def test_a_document_that_tells_no_death_leaves_the_patient_alive() -> None:
    sections = [one for one in ward.DIED if "DE02.01.036.00" not in one]
    found = after(document("C0050", sections=sections, numbers=ward.WARD))
    assert "deceasedDateTime" not in found["Patient"][0]
    assert "hospitalization" not in found["Encounter"][0]


def test_the_readable_text_names_the_sections_as_they_are_meant() -> None:
    def titles(kind: str) -> list[str]:
        content = full(kind)["DocumentReference"][0]["content"][1]["attachment"]["data"]
        lines = base64.b64decode(content).decode().splitlines()
        return [line.strip("【】") for line in lines if line.startswith("【")]

    assert titles("C0049")[1::3] == ["入院诊断", "出院诊断"]
    assert titles("C0050")[0] == "入院诊断"
    assert titles("C0050")[3] == "死亡诊断"
    assert titles("C0015") == ["既往史", "阴道分娩", "产后处置", "新生儿", "评估"]


def test_documents_of_one_stay_give_the_same_in_any_order() -> None:
    kinds = ("C0034", "C0045", "C0049", "C0050")
    documents = [contributions(ward_documents()[kind]) for kind in kinds]
    states = [
        merged([one for given in several for one in given]) for several in permutations(documents)
    ]
    assert all(state == states[0] for state in states)
