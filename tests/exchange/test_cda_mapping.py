"""The 53 kinds of shared document: indexed, readable, and their header facts."""

import base64
from decimal import Decimal
from itertools import permutations

import pytest

from minkang.exchange.cda import kind_name
from minkang.exchange.mappings.cda import WHOLE, note_on
from tests.exchange import cda_samples as samples
from tests.exchange.cda_mapped import after, contributions, observed, only, problems, rules
from tests.exchange.cda_samples import KINDS, document, laboratory, set_all, whole, written
from tests.exchange.hl7v2_mapped import merged

PATIENT = "h:recordTarget/h:patientRole/h:patient"


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_indexed_with_its_original_and_readable(kind: str) -> None:
    root = whole().get(kind)
    if root is None:
        root = document(kind)
    assert samples.faults(root, kind) == []
    raw = written(root)
    found = after(raw)
    (reference,) = found["DocumentReference"]
    assert reference["type"]["coding"][0]["code"] == kind
    assert reference["type"]["text"] == kind_name(kind)
    original, text = (one["attachment"] for one in reference["content"])
    assert base64.b64decode(original["data"]) == raw
    assert "欧阳小明" in base64.b64decode(text["data"]).decode()
    (patient,) = found["Patient"]
    assert patient["name"] == [{"use": "official", "text": "欧阳小明"}]
    assert reference["subject"]["reference"] == f"Patient/{patient['id']}"
    assert reference["author"][0]["display"] == "王海燕"
    assert reference["custodian"]["display"] == "海滨市人民医院"
    assert reference["date"].startswith("2026-05-03T08:00:00")


@pytest.mark.parametrize("kind", ["C0001", "C0008", "C0038"])
def test_a_kind_whose_body_is_not_mapped_is_noted_so(kind: str) -> None:
    note = note_on(written(document(kind)), "utf-8")
    assert note is not None
    assert (note.rule, note.place.split(" ")[0]) == ("no-mapping", "/ClinicalDocument/code/@code")
    assert f"{kind_name(kind)}（{kind}）" in note.text


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_a_kind_that_is_mapped_whole_is_not_noted(kind: str) -> None:
    root = document(kind)
    assert note_on(written(root), "utf-8") is None
    set_all(root, "h:templateId/@root", "1.2.3")
    assert note_on(b" " * 20_000 + written(root)[38:], "utf-8") is None


def test_documents_of_one_visit_meet_in_one_patient_and_one_encounter() -> None:
    found = after(document("C0002"), laboratory(), document("C0004"), document("C0008"))
    assert len(found["Patient"]) == 1
    (visit,) = found["Encounter"]
    assert visit["class"]["code"] == "AMB"
    assert visit["identifier"][0]["value"] == "MZ001"


def test_the_same_document_twice_or_in_any_order_gives_the_same() -> None:
    documents = [contributions(written(one)) for one in list(whole().values())[:4]]
    states = [
        merged([c for given in several for c in given])
        for several in permutations([*documents, documents[0]])
    ]
    assert all(state == states[0] for state in states)


# -- who ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stand_in", ["NA", "na", "", "-", "无", "000000000000000000", "///"])
def test_what_stands_for_no_number_never_becomes_an_identifier(stand_in: str) -> None:
    numbers = (("11", "MZ001"), ("12", stand_in), ("19", stand_in), ("13", stand_in))
    patient = only("Patient", document("C0007", numbers=numbers, id_card=stand_in))
    assert "identifier" not in patient
    other = only("Patient", document("C0007", id_card=stand_in, name="李伟"))
    assert other["id"] != patient["id"]


def test_a_number_that_fails_its_check_is_the_sources_own() -> None:
    wrong = samples.ID_CARD[:-1] + ("0" if samples.ID_CARD[-1] != "0" else "1")
    for number in (wrong, "E12345678"):
        patient = only("Patient", document("C0007", id_card=number))
        (identifier,) = patient["identifier"]
        assert identifier == {
            "system": "urn:minkang:source:haibin:identity",
            "value": number,
        }
    right = only("Patient", document("C0007"))
    assert right["identifier"][0]["system"] == "urn:oid:2.16.156.10011.1.3"


def test_a_newborn_under_the_mothers_number_is_not_the_mother() -> None:
    mother = only("Patient", document("C0007"))

    def newborn(root: samples.Node) -> None:
        set_all(root, f"{PATIENT}/h:age/@value", "3")
        set_all(root, f"{PATIENT}/h:age/@unit", "天")

    baby = only("Patient", document("C0007", name="欧阳之子", change=newborn))
    assert baby["id"] != mother["id"]
    assert baby["identifier"][0]["system"] == "urn:minkang:source:haibin:identity"


def test_numbers_that_begin_anew_each_year_do_not_merge_people() -> None:
    def patient(year: str) -> str:
        root = document(
            "C0007",
            id_card="NA",
            change=lambda r: set_all(r, "h:effectiveTime/@value", f"{year}0503080000"),
        )
        (found,) = {
            one.resource["id"]
            for one in contributions(root, number_period="year")
            if one.key[0] == "Patient"
        }
        return str(found)

    assert patient("2025") != patient("2026")


def test_what_a_document_does_not_say_stays_absent() -> None:
    patient = only("Patient", document("C0014"))
    assert "gender" not in patient
    assert "birthDate" not in patient


def test_a_person_without_name_and_number_is_refused() -> None:
    root = document("C0007", numbers=(("11", "NA"),), id_card="NA", name="NA")
    (problem,) = problems(root)
    assert (problem.rule, problem.place.split(" ")[0]) == (
        "required",
        "/ClinicalDocument/recordTarget/patientRole",
    )


def test_a_code_with_the_name_of_another_is_refused() -> None:
    def change(root: samples.Node) -> None:
        set_all(root, f"{PATIENT}/h:administrativeGenderCode/@code", "1")
        set_all(root, f"{PATIENT}/h:administrativeGenderCode/@displayName", "女性")
        set_all(root, f"{PATIENT}/h:administrativeGenderCode/@codeSystem", "2.16.156.10011.2.3.3.4")

    root = document("C0002", change=change)
    assert samples.faults(root, "C0002") == []
    (problem,) = problems(root)
    assert problem.rule == "code-name"
    assert "/administrativeGenderCode/@displayName" in problem.place


def test_ages_keep_the_unit_of_their_document() -> None:
    def age(root: samples.Node) -> None:
        set_all(root, f"{PATIENT}/h:age/@unit", "日")
        set_all(root, f"{PATIENT}/h:age/@value", "9")

    found = observed(after(document("C0005", change=age)))
    assert found["年龄"]["valueQuantity"] == {"value": Decimal(9), "unit": "日"}
    years = observed(after(document("C0007")))["年龄（岁）"]["valueQuantity"]
    assert years == {"value": Decimal(41), "unit": "岁"}


# -- when --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("202605030800", "2026-05-03T08:00:00+08:00"),
        ("2026050380000", "2026-05-03T08:00:00+08:00"),
        ("20240229235959", "2024-02-29T23:59:59+08:00"),
        ("20260503080000.25+0900", "2026-05-03T08:00:00.25+09:00"),
        ("2026-05-03 8:00:00", "2026-05-03T08:00:00+08:00"),
        ("20260503", None),
        ("202605", None),
    ],
)
def test_times_are_of_shanghai_with_the_precision_sent(sent: str, stored: str | None) -> None:
    root = document("C0007", change=lambda r: set_all(r, "h:effectiveTime/@value", sent))
    assert only("DocumentReference", root).get("date") == stored


@pytest.mark.parametrize(
    "sent", ["20260229080000", "20261301", "20260503250000", "昨天", "2026050"]
)
def test_times_that_are_none_are_refused_with_their_place(sent: str) -> None:
    root = document("C0007", change=lambda r: set_all(r, "h:effectiveTime/@value", sent))
    (problem,) = problems(root)
    assert problem.rule == "calendar-date"
    assert problem.place.startswith("/ClinicalDocument/effectiveTime/@value 第 ")


def test_signatures_keep_their_time_as_attribute_or_text() -> None:
    def signed(root: samples.Node) -> list[object]:
        (found,) = after(root)["Provenance"]
        return [one.get("extension", [{}])[0].get("valueDateTime") for one in found["agent"]]

    root = document("C0007")
    set_all(root, "h:legalAuthenticator/h:time", "20260503100000")
    assert "2026-05-03T10:00:00+08:00" in signed(root)
    attribute = document("C0053")
    set_all(attribute, "h:legalAuthenticator/h:time/@value", "20260503110000")
    assert samples.faults(attribute, "C0053") == []
    assert "2026-05-03T11:00:00+08:00" in signed(attribute)


def test_february_which_some_schemas_reject_comes_in() -> None:
    root = document("C0004", change=lambda r: set_all(r, "h:author/h:time/@value", "20260215"))
    assert samples.faults(root, "C0004") != []
    assert after(root)["DocumentReference"]


def test_the_measuring_time_of_c0020_is_its_authors_time() -> None:
    root = document("C0020")
    for low in root.xpath("h:componentOf//h:effectiveTime/h:low", namespaces={"h": samples.V3}):
        low.getparent().remove(low)
    set_all(root, "h:author/h:time", "20260503143000")
    period = only("DocumentReference", root)["context"]["period"]
    assert period["start"] == "2026-05-03T14:30:00+08:00"


def test_a_stay_that_ends_before_it_begins_is_refused() -> None:
    root = whole()["C0053"]
    set_all(root, "h:componentOf//h:effectiveTime/h:high/@value", "20200101080000")
    assert rules(root) == {"period"}


# -- where -------------------------------------------------------------------------------------


def test_bed_room_ward_and_department_are_told_by_their_oid_not_their_order() -> None:
    oids = {"22": "05床", "21": "301", "26": "心内科", "27": "三病区"}

    def visit(order: list[str]) -> dict[str, object]:
        def change(root: samples.Node) -> None:
            path = "h:componentOf//h:wholeOrganization"
            nodes = root.xpath(path, namespaces={"h": samples.V3})
            for node, oid in zip(nodes, order, strict=False):
                node[0].set("root", f"2.16.156.10011.1.{oid}")
                node[0].set("extension", oids[oid])
                for name in node.findall(f"{{{samples.V3}}}name"):
                    name.text = oids[oid]

        return only("Encounter", document("C0032", numbers=samples.STAY, change=change))

    first, second = visit(["22", "21", "26", "27"]), visit(["21", "22", "27", "26"])
    assert first["location"] == second["location"]
    assert first["location"] == [{"location": {"display": "三病区 301 05床"}}]
    assert first["serviceType"] == second["serviceType"] == {"text": "心内科"}


# -- the document ------------------------------------------------------------------------------


def test_c0045_with_its_short_number_is_a_document_like_the_others() -> None:
    root = document("C0045")
    assert samples.faults(root, "C0045") == []
    number = only("DocumentReference", root)["masterIdentifier"]["value"]
    assert len(number) <= 20


def test_an_empty_replacement_replaces_nothing() -> None:
    assert "relatesTo" not in only("DocumentReference", laboratory())


def test_a_replacement_supersedes_what_it_names() -> None:
    old, new = laboratory(), laboratory()
    set_all(old, "h:id/@extension", "a" * 32)
    set_all(new, "h:id/@extension", "b" * 32)
    set_all(new, "h:effectiveTime/@value", "20260504080000")
    set_all(new, "h:relatedDocument/h:parentDocument/h:id", "a" * 32)
    for several in permutations([old, new]):
        found = {
            one["masterIdentifier"]["value"][0]: one for one in after(*several)["DocumentReference"]
        }
        assert found["a"]["status"] == "superseded"
        assert found["b"]["relatesTo"][0]["code"] == "replaces"
        # Both are of one report: its facts are there once.
        assert len(after(*several)["DiagnosticReport"]) == 1


def test_a_valid_document_that_says_nothing_is_refused() -> None:
    empty = samples.named("检验报告")
    root = document("C0007", sections=(empty,))
    assert samples.faults(root, "C0007") == []
    (problem,) = problems(root)
    assert problem.rule == "empty-document"
    assert problem.place.startswith("/ClinicalDocument/component/structuredBody")
    blanks = samples.section(
        "30954-2", samples.element("DE04.30.018.00", "检验类别", samples.text("NA"))
    )
    assert rules(document("C0007", sections=(blanks,))) == {"empty-document"}


def test_a_document_without_number_is_refused() -> None:
    root = document("C0007", change=lambda r: set_all(r, "h:id/@extension", "NA"))
    assert rules(root) == {"required"}


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8", "UTF-16"])
def test_a_document_means_the_same_in_every_encoding(encoding: str) -> None:
    root = laboratory()
    found = after(written(root, encoding))
    assert found["Patient"] == after(root)["Patient"]
    attachment = found["DocumentReference"][0]["content"][0]["attachment"]
    assert attachment["contentType"] == f"application/xml; charset={encoding.lower()}"


def test_root_name_namespace_and_line_ends_do_not_matter() -> None:
    text = written(laboratory()).decode()
    odd = text.replace("ClinicalDocument", "Dokument").replace("><", ">\r\n<")
    odd = "\ufeff" + odd.replace('xmlns="urn:hl7-org:v3"', "")
    found = after(odd.encode())
    assert found["DiagnosticReport"] == after(text.encode())["DiagnosticReport"]


def test_a_text_of_ten_megabytes_comes_in_and_stays_in_the_original() -> None:
    long = samples.text("很" * 4_000_000)
    parts = (samples.named("检验报告", samples.element("DE04.50.131.00", "所见", long)),)
    found = after(document("C0007", sections=(*samples.LABORATORY[:2], *parts)))
    data = found["DocumentReference"][0]["content"][0]["attachment"]["data"]
    assert len(data) > 12_000_000
    assert "所见" not in observed(found)


def test_the_line_of_a_problem_is_that_of_the_file() -> None:
    lines = written(laboratory()).decode().replace("><", ">\n<")
    wrong = lines.replace('value="20260503073000"', 'value="20260230073000"', 1)
    (problem,) = problems(wrong.encode())
    place, _, line = problem.place.partition(" 第 ")
    number = int(line.removesuffix(" 行"))
    assert "20260230" in wrong.split("\n")[number - 1]
    assert place.endswith("/entryRelationship[1]/observation/effectiveTime/low/@value")
