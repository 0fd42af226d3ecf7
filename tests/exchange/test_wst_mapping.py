"""What interaction messages become, from samples with everything that their schemas know."""

import base64
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from lxml import etree

from minkang.exchange.mappings import Context, map_message
from minkang.exchange.merge import Contribution
from minkang.exchange.wst import SERVICES, kept
from minkang.fhir import Problem, Refused, Resource
from tests.exchange import cda_samples
from tests.exchange import wst_samples as samples
from tests.exchange.hl7v2_mapped import HAIBIN, merged
from tests.exchange.wst_samples import BRINGING, ID_CARD, V3, Node, message, set_all, written

CONTEXT = Context(HAIBIN, b"k" * 32, datetime(2026, 5, 4, tzinfo=UTC), b"h" * 32)
PATIENT = "//h:patient/h:id/h:item[@root='2.16.156.10011.2.5.1.4']/@extension"


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def sample(name: str, at: str = "", **values: str) -> Node:
    """A message of a service about patient P1, in visit V1 where it names one."""
    root = message(name)
    if name == "DocumentRegister":
        return registration(cda_samples.written(cda_samples.document("C0010")), "C0010")
    if at:
        set_all(root, "h:creationTime/@value", at)
    for path, value in (
        (PATIENT, "P1"),
        ("//h:id/h:item[@root='2.16.156.10011.2.5.1.9']/@extension", "V1"),
    ):
        if root.xpath(path, namespaces={"h": V3}):
            set_all(root, path, value)
    for path, value in values.items():
        set_all(root, path, value)
    return root


def registration(document: bytes, kind: str) -> Node:
    """The registration of a document."""
    root = message("DocumentRegister")
    set_all(root, "//h:originalText/@value", base64.encodebytes(document).decode())
    set_all(root, "//h:clinicalDocument/h:code/@code", kind)
    set_all(root, "//h:clinicalDocument/h:id/h:item/@extension", cda_samples.DOCUMENT_ID)
    return root


def contributions(name: str, root: Node, tie: bytes = b"h" * 32) -> list[Contribution]:
    context = msgspec.structs.replace(CONTEXT, content_hash=tie)
    return map_message(context, "wst", written(name, root))


def after(*messages: tuple[str, Node]) -> dict[str, list[Resource]]:
    """The valid resources by type after some messages in this order."""
    found: dict[str, list[Resource]] = {}
    several = [c for name, root in messages for c in contributions(name, root)]
    for (kind, _), resource in merged(several).items():
        found.setdefault(kind, []).append(resource)
    return found


def only(kind: str, *messages: tuple[str, Node]) -> Resource:
    (found,) = after(*messages)[kind]
    return found


def problems(name: str, root: Node) -> list[Problem]:
    with pytest.raises(Refused) as refusal:
        contributions(name, root)
    return list(refusal.value.problems)


def extensions(resource: Resource) -> dict[str, Any]:
    """The values of the source's own extensions, by name."""
    return {
        one["url"].rpartition(":")[2]: next(v for k, v in one.items() if k.startswith("value"))
        for one in resource.get("extension", [])
        if any(k.startswith("value") for k in one)
    }


# -- every service -----------------------------------------------------------------------------

# What says nothing of its own: the protocol (class, mood, whether a header may be left out), and
# elements that the schemas mark as not used (必须项未使用).
_PROTOCOL = frozenset(
    "typeCode classCode moodCode determinerCode root codeSystem codeSystemName ITSVersion type "
    "contextConductionInd contextControlCode scope use capabilities".split()
)
_SAYS_NOTHING = re.compile(
    r"/registration(Request|Event)/statusCode|/priorRegistration/statusCode|seperatableInd"
    r"|/(annotation|encounter|observationDx|supplyRequest|placerGroup)/statusCode|signatureCode"
    r"|/observation/code$"
)
# What is said in FHIR's own words: sex, class of a visit, the card of identity, active or not.
_TRANSLATED = re.compile(
    r"/(administrativeGenderCode|idCategory|encounter/code|encounterEvent/code|assignedDevice/code"
    r"|clinicalDocument/code)(/displayName)?$|substanceAdministrationRequest/statusCode"
)


@pytest.mark.parametrize("name", BRINGING)
def test_a_message_with_everything_is_valid_and_loses_no_value(name: str) -> None:
    root = sample(name) if name == "DocumentRegister" else message(name)
    assert samples.faults(root, name) == []
    told = repr(after((name, root)))
    process = root.find(f"{{{V3}}}controlActProcess")
    assert process is not None
    lost = []
    for node in process.iter():
        line = [etree.QName(one).localname for one in node.iterancestors()][::-1]
        place = "/".join(["", *line, etree.QName(node).localname])
        if _SAYS_NOTHING.search(place) or _TRANSLATED.search(place):
            continue
        for attribute, value in [*node.attrib.items(), ("text", node.text or "")]:
            said = "".join(value.split())
            if etree.QName(attribute).localname in _PROTOCOL or not said:
                continue
            day = re.fullmatch(r"(2026|1985)(\d\d)(\d\d)(\d{6})?", said)
            if (f"{day[1]}-{day[2]}-{day[3]}" if day else said) not in told:
                lost.append((place, attribute, said))
    assert lost == []


def test_there_is_a_mapping_or_an_answer_for_each_of_the_69() -> None:
    assert len(SERVICES) == 69
    files = {one.stem for one in samples.FOLDER.glob("*.xsd")}
    assert files == set(SERVICES)
    for name, service in SERVICES.items():
        assert samples.root_of(name) == service.root


# -- dispatch ----------------------------------------------------------------------------------


def test_the_service_and_not_the_root_says_what_a_message_is() -> None:
    root = sample("PatientInfoRegister")
    assert "Basic" not in after(("PatientInfoRegister", root))
    assert "Basic" in after(("EncounterCardInfoAdd", sample("EncounterCardInfoAdd")))
    assert root.tag == sample("EncounterCardInfoAdd").tag
    (problem,) = problems("OrderInfoAdd", sample("OutPatientInfoAdd"))
    assert (problem.stage, problem.rule) == ("parse", "service-root")


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"<PRPA_IN201311UV02/>", "unknown-service"),
        (b"<?minkang-service SelfDestruct?>\n<a/>", "unknown-service"),
        (b"<?minkang-service PatientInfoRegister?>\n<PRPA_IN201311UV02>", "xml"),
        (b"<?minkang-service PatientInfoRegister?>\n<PRPA_IN201311UV02/>", "required"),
        (b"<?minkang-service PatientInfoQuery?>\n<PRPA_IN201305UV02/>", "required"),
        (b'<?minkang-service OrderInfoAdd?>\n<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "doctype"),
    ],
)
def test_what_is_no_message_of_a_service_is_refused(raw: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refusal:
        map_message(CONTEXT, "wst", raw)
    assert [one.rule for one in refusal.value.problems] == [rule]


# -- people ------------------------------------------------------------------------------------


def test_a_registration_is_a_patient_under_the_number_of_the_source() -> None:
    patient = only("Patient", ("PatientInfoRegister", sample("PatientInfoRegister")))
    systems = {one["system"]: one["value"] for one in patient["identifier"]}
    assert systems["urn:minkang:source:haibin:patient"] == "P1"
    assert systems["urn:oid:2.16.156.10011.1.3"] == ID_CARD
    assert {"urn:oid:2.16.156.10011.1.19", "urn:oid:2.16.156.10011.1.2"} <= systems.keys()
    assert patient["id"] == CONTEXT.id("Patient", "P1")
    assert patient["birthDate"] == "1985-03-15"


def test_what_only_fills_the_field_never_becomes_a_number() -> None:
    root = sample("PatientInfoRegister")
    set_all(root, "//h:patientPerson/h:id/h:item/@extension", "NA")
    set_all(root, "//h:asOtherIDs/h:id/h:item/@extension", "-")
    patient = only("Patient", ("PatientInfoRegister", root))
    assert [one["value"] for one in patient["identifier"]] == ["P1"]
    set_all(root, PATIENT, "NA")
    (problem,) = problems("PatientInfoRegister", root)
    assert problem.rule == "required"
    assert problem.place.startswith("/PRPA_IN201311UV02/controlActProcess/subject/")


def test_a_number_of_another_category_is_no_identity_card() -> None:
    root = sample("PatientInfoRegister")
    set_all(root, "//h:idCategory/@code", "99")
    set_all(root, "//h:idCategory/h:displayName/@value", "其他法定有效证件")
    patient = only("Patient", ("PatientInfoRegister", root))
    (other,) = [one for one in patient["identifier"] if one["value"] == ID_CARD]
    assert other["system"] == "urn:minkang:source:haibin:identity"
    assert other["type"]["text"] == "其他法定有效证件"


@pytest.mark.parametrize("first", ["order", "registration"])
def test_a_registration_stands_whatever_an_order_says_and_whichever_comes_first(
    first: str,
) -> None:
    order = sample("OrderInfoAdd", at="20260503090000")
    set_all(order, "//h:patientPerson/h:name/h:item/h:part/@value", "错名")
    registered = sample("PatientInfoRegister", at="20260501090000")
    set_all(registered, "//h:patientPerson/h:name/h:item/h:part/@value", "欧阳小明")
    both = [("OrderInfoAdd", order), ("PatientInfoRegister", registered)]
    patient = only("Patient", *(both if first == "order" else both[::-1]))
    assert patient["name"] == [{"use": "official", "text": "欧阳小明"}]


@pytest.mark.parametrize("late", [False, True])
def test_an_update_has_the_same_number_and_the_later_one_stands(late: bool) -> None:
    added = sample("PatientInfoRegister", at="20260501090000")
    updated = sample("PatientInfoUpdate", at="20260502090000")
    set_all(updated, "//h:patientPerson/h:name/h:item/h:part/@value", "新名")
    both = [("PatientInfoRegister", added), ("PatientInfoUpdate", updated)]
    patient = only("Patient", *(both[::-1] if late else both))
    assert patient["name"][0]["text"] == "新名"


def test_a_merge_retires_the_prior_number_as_hl7_does() -> None:
    root = message("PatientInfoMerge")
    set_all(root, "//h:patient/h:id/h:item/@extension", "P1")
    set_all(root, "//h:priorRegisteredRole/h:id/h:item/@extension", "P0")
    patients = {
        one["identifier"][0]["value"]: one for one in after(("PatientInfoMerge", root))["Patient"]
    }
    (link,) = patients["P0"]["link"]
    assert patients["P0"]["active"] is False
    assert link["type"] == "replaced-by"
    assert link["other"]["reference"] == f"Patient/{patients['P1']['id']}"
    assert "active" not in patients["P1"]
    set_all(root, "//h:priorRegisteredRole/h:id/h:item/@extension", "P1")
    assert [one.rule for one in problems("PatientInfoMerge", root)] == ["same-patient"]


def test_a_card_belongs_to_the_patient_of_the_identity_card_where_no_number_is_given() -> None:
    root = sample("EncounterCardInfoAdd")
    for item in root.xpath("//h:patient/h:id/h:item", namespaces={"h": V3}):
        item.set("root", "2.16.156.10011.2.5.1.7")
    set_all(root, "//h:patient/h:statusCode/@code", "retired")
    found = after(("EncounterCardInfoAdd", root))
    (patient,) = found["Patient"]
    assert patient["id"] == CONTEXT.id("Patient", f"3/{ID_CARD}")
    (card,) = found["Basic"]
    assert card["subject"]["reference"] == f"Patient/{patient['id']}"
    assert card["identifier"][0]["use"] == "old"


# -- visits ------------------------------------------------------------------------------------


def test_admission_transfer_and_discharge_are_one_visit() -> None:
    admitted = sample("InPatientInfoAdd", at="20260503090000")
    moved = sample("TransferInfoAdd", at="20260504090000")
    left = sample("DischargeInfoUpdate", at="20260505090000")
    set_all(left, "//h:encounterEvent/h:effectiveTime/h:high/@value", "20260505100000")
    for root, name in ((moved, "location1"), (moved, "location2")):
        set_all(root, f"//h:{name}/h:time/@value", "20260504080000")
    visit = only("Encounter", ("InPatientInfoAdd", admitted), ("TransferInfoAdd", moved))
    assert visit["identifier"][0]["value"] == "V1"
    assert visit["status"] == "in-progress"
    assert [one["status"] for one in visit["location"]] == ["completed", "active"]
    assert visit["location"][0]["period"] == {"end": "2026-05-04T08:00:00+08:00"}
    for several in (
        (("InPatientInfoAdd", admitted), ("DischargeInfoUpdate", left)),
        (("DischargeInfoUpdate", left), ("InPatientInfoAdd", admitted)),
    ):
        visit = only("Encounter", *several)
        assert visit["status"] == "finished"
        assert visit["period"] == {
            "start": "2026-05-03",
            "end": "2026-05-05T10:00:00+08:00",
        }
        assert len(visit["diagnosis"]) == 2


def test_the_places_of_a_visit_are_nested_and_read_by_their_oid() -> None:
    root = sample("InPatientInfoAdd")
    found = after(("InPatientInfoAdd", root))
    kinds = {one["physicalType"]["coding"][0]["code"]: one for one in found["Location"]}
    assert kinds["bd"]["partOf"]["reference"] == f"Location/{kinds['ro']['id']}"
    assert kinds["ro"]["partOf"]["reference"] == f"Location/{kinds['wa']['id']}"
    (visit,) = found["Encounter"]
    assert visit["location"][0]["location"]["reference"] == f"Location/{kinds['bd']['id']}"


def test_an_end_before_the_begin_is_refused_with_its_place() -> None:
    root = sample("OrderInfoAdd")
    set_all(
        root, "//h:substanceAdministrationRequest/h:effectiveTime/@validTimeHigh", "20260101000000"
    )
    found = problems("OrderInfoAdd", root)
    assert {one.rule for one in found} == {"period"}


# -- orders, applications, status --------------------------------------------------------------


def test_a_drug_order_is_a_medication_request_and_any_other_a_service_request() -> None:
    root = sample("OrderInfoAdd")
    requests = after(("OrderInfoAdd", root))["MedicationRequest"]
    assert len(requests) == 2
    (dosage,) = requests[0]["dosageInstruction"]
    assert dosage["route"]["text"] == "口服"
    assert dosage["timing"]["repeat"]["boundsPeriod"]["start"] == "2026-05-03T08:15:00+08:00"
    set_all(root, "//h:substanceAdministrationRequest/h:code/@code", "03")
    found = after(("OrderInfoAdd", root))
    assert "MedicationRequest" not in found
    assert {one["intent"] for one in found["ServiceRequest"]} == {"order"}


@pytest.mark.parametrize(("state", "status"), [("active", "active"), ("inactive", "revoked")])
def test_an_application_and_its_items_hang_together(state: str, status: str) -> None:
    root = sample("CheckAppInfoUpdate")
    set_all(root, "//h:subject/h:observationRequest/h:id/h:item/@extension", "SQ1")
    set_all(root, "//h:subject/h:observationRequest/h:statusCode/@code", state)
    requests = after(("CheckAppInfoUpdate", root))["ServiceRequest"]
    whole = next(one for one in requests if one["id"] == CONTEXT.id("ServiceRequest", "SQ1"))
    items = [one for one in requests if one is not whole]
    assert len(items) == 2
    assert {one["status"] for one in requests} == {status}
    for item in items:
        assert item["basedOn"] == [{"reference": f"ServiceRequest/{whole['id']}"}]
        assert item["requisition"]["value"] == "SQ1"


def test_a_status_is_a_step_of_its_application_and_leaves_it_as_it_is() -> None:
    applied = sample("ExamAppInfoAdd", at="20260501090000")
    set_all(applied, "//h:subject/h:observationRequest/h:id/h:item/@extension", "SQ1")
    step = sample("ExamStatusInfoUpdate", at="20260502090000")
    set_all(step, "//h:observationReport/h:id/h:item/@extension", "SQ1")
    set_all(step, "//h:modeCode/@code", "SE05")
    set_all(step, "//h:modeCode/h:displayName/@value", "标本拒收")
    found = after(("ExamStatusInfoUpdate", step), ("ExamAppInfoAdd", applied))
    (task,) = found["Task"]
    assert task["status"] == "rejected"
    assert task["businessStatus"]["coding"][0]["code"] == "SE05"
    whole = CONTEXT.id("ServiceRequest", "SQ1")
    assert task["focus"]["reference"] == f"ServiceRequest/{whole}"
    (request,) = [one for one in found["ServiceRequest"] if one["id"] == whole]
    assert request["status"] == "active"


def test_the_29th_of_february_is_a_day_whatever_the_schema_says() -> None:
    root = sample("OperationAppInfoAdd")
    set_all(root, "//h:verifier/h:time/@value", "20280229101500")
    assert samples.faults(root, "OperationAppInfoAdd")
    assert "2028-02-29T10:15:00+08:00" in repr(after(("OperationAppInfoAdd", root)))
    set_all(root, "//h:verifier/h:time/@value", "20270229101500")
    (problem,) = problems("OperationAppInfoAdd", root)
    assert problem.rule == "calendar-date"


def test_a_row_of_zeros_is_no_time() -> None:
    root = sample("CheckAppInfoAdd")
    set_all(root, "//h:component2//h:location/h:time/h:any/@value", "00000000000000")
    assert samples.faults(root, "CheckAppInfoAdd") == []
    items = after(("CheckAppInfoAdd", root))["ServiceRequest"]
    assert not any("occurrenceDateTime" in one for one in items if "basedOn" in one)


# -- appointments and schedules ----------------------------------------------------------------


def test_an_appointment_is_cancelled_by_its_code() -> None:
    root = sample("OutPatientAppointStatusInfoUpdate")
    for code, status in (("0", "booked"), ("1", "cancelled")):
        set_all(root, "//h:assignedDevice/h:code/@code", code)
        booking = only("Appointment", ("OutPatientAppointStatusInfoUpdate", root))
        assert booking["status"] == status
        assert booking["start"] == "2026-05-03T08:15:00+08:00"


def test_a_part_of_a_schedule_without_numbers_left_is_busy() -> None:
    root = sample("SourceAndScheduleInfoAdd")
    set_all(root, "//h:remainNumber/@value", "0")
    found = after(("SourceAndScheduleInfoAdd", root))
    assert len(found["Slot"]) == 4
    assert {one["status"] for one in found["Slot"]} == {"busy"}
    assert len(found["Schedule"]) == 2


def test_a_value_set_is_a_code_system_of_the_source() -> None:
    root = message("TerminologyRegister")
    systems = after(("TerminologyRegister", root))["CodeSystem"]
    assert all(one["url"].startswith("urn:minkang:source:haibin:code:") for one in systems)
    assert [len(one["concept"]) for one in systems] == [2, 2]
    set_all(root, "//h:valueSetItems/h:code/@code", "1")
    assert {one.rule for one in problems("TerminologyRegister", root)} == {"duplicate"}


# -- documents ---------------------------------------------------------------------------------


def test_a_registered_document_is_mapped_as_if_it_had_come_by_itself() -> None:
    cda_samples.there()
    document = cda_samples.written(cda_samples.document("C0010"))
    alone = map_message(CONTEXT, "document", document)
    root = registration(document, "C0010")
    # Line breaks in an attribute have become blanks by the time anybody reads them.
    assert "\n" in root.xpath("string(//h:originalText/@value)", namespaces={"h": V3})
    found = merged(contributions("DocumentRegister", root))
    assert merged(alone).keys() <= found.keys()
    (reference,) = [one for (kind, _), one in found.items() if kind == "DocumentReference"]
    assert base64.b64decode(reference["content"][0]["attachment"]["data"]) == document
    (said,) = [one for one in reference["extension"] if one["url"].endswith("registration")]
    assert {"patient", "author", "custodian", "version"} <= set(extensions(said))


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("//h:originalText/@value", "无", "base64"),
        ("//h:originalText/@value", "", "required"),
        ("//h:originalText/@value", base64.b64encode(b"<a/>").decode(), "unknown-document"),
        ("//h:clinicalDocument/h:code/@code", "C0002", "document-kind"),
        ("//h:clinicalDocument/h:id/h:item/@extension", "0" * 31 + "1", "document-number"),
    ],
)
def test_a_registration_that_does_not_fit_its_document_is_refused(
    path: str, value: str, rule: str
) -> None:
    cda_samples.there()
    root = registration(cda_samples.written(cda_samples.document("C0010")), "C0010")
    set_all(root, path, value)
    found = problems("DocumentRegister", root)
    assert [one.rule for one in found] == [rule]
    assert found[0].place.startswith("/RCMR_IN000002UV02/")


def test_a_document_longer_than_the_parsers_own_limit_is_read() -> None:
    cda_samples.there()
    document = cda_samples.written(cda_samples.document("C0010"))
    long = document + b"\n<!--" + b"x" * 8_000_000 + b"-->"
    found = merged(contributions("DocumentRegister", registration(long, "C0010")))
    assert any(kind == "DocumentReference" for kind, _ in found)


def test_a_message_in_gb18030_is_read() -> None:
    root = sample("PatientInfoRegister")
    set_all(root, "//h:patientPerson/h:name/h:item/h:part/@value", "欧阳小明")
    raw = etree.tostring(root, encoding="gb18030", xml_declaration=True)
    found = map_message(CONTEXT, "wst", kept(SERVICES["PatientInfoRegister"], raw))
    assert "欧阳小明" in repr(found)
