"""The shipped mappings of forms and base resources, on the invented rows under examples/forms.

The first row of each example has every column filled, the last only what is required.
"""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from minkang.cli import main
from minkang.config import Settings
from minkang.crypto import load_keys
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.tables import (
    MappingError,
    encode_row,
    load_mapping,
    shipped_mapping,
    shipped_mappings,
)
from minkang.exchange.merge import Contribution
from minkang.fhir import Refused, Resource
from minkang.store.grade import Grade, grade_of
from minkang.terminology import built_in, citizen_number
from tests.app.loading import Place, run
from tests.cli.test_load import load
from tests.exchange.conftest import YUNXI

_ROOT = Path(__file__).parents[2]
_EXAMPLES = _ROOT / "examples" / "forms"
_PAGE = _ROOT / "docs" / "integrators" / "forms.md"
NAMES = [name for name in shipped_mappings() if name != "clinic_visits"]
BASE = ["beds", "departments", "equipment", "institutions", "population_register", "staff"]
VISITS = ["visit_records"]
Row = dict[str, str | None]


def rows_of(name: str) -> list[Row]:
    with (_EXAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def contributions(name: str, row: Row) -> list[Contribution]:
    source = msgspec.structs.replace(YUNXI, table_mapping=name)
    context = Context(source, b"k" * 32, datetime(2026, 11, 22, tzinfo=UTC), b"h" * 32)
    return map_message(context, "table", encode_row(row))


def made(name: str, row: Row) -> list[Resource]:
    return [one.resource for one in contributions(name, row)]


def of_type(name: str, kind: str, **more: str | None) -> list[Resource]:
    row = {**rows_of(name)[0], **more}
    return [one for one in made(name, row) if one["resourceType"] == kind]


def only(name: str, kind: str, **more: str | None) -> Resource:
    (found,) = of_type(name, kind, **more)
    return found


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict | list):
        for one in node.values() if isinstance(node, dict) else node:
            yield from texts(one)
    elif node is not None:
        yield str(node)


def test_every_form_has_its_mapping_and_its_example() -> None:
    assert len(NAMES) == 29
    assert {one.stem for one in _EXAMPLES.glob("*.csv")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_becomes_valid_resources_of_all_its_columns(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    example = str(_EXAMPLES / f"{name}.csv")
    assert main(["map", "check", name, example, "--json", "--rows", "0"]) == 0
    tried = json.loads(capsys.readouterr().out)
    assert (tried["refused"], tried["unused"], tried["lacking"]) == (0, [], [])


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_a_filled_row_is_lost(name: str) -> None:
    row = rows_of(name)[0]
    assert all(row.values()) or name == "departments"
    whole = made(name, row)
    told = "\n".join(one for resource in whole for one in texts(resource))
    for column, value in row.items():
        if value is None:
            continue
        try:
            assert made(name, {**row, column: None}) != whole, column
        except Refused:
            continue  # it is required
        # A number of something else becomes a reference; amounts and lists are taken apart.
        if not column.endswith("编号") and re.fullmatch(r"[^\W\d_]{2}[^、,]*", value):
            assert value in told, column


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_column_gives_no_element(name: str) -> None:
    least = rows_of(name)[2]
    for resource in made(name, least):
        said = {one for one in texts(resource) if one != ""}
        assert None not in resource.values()
        assert resource.get("resourceType") not in ("Observation", "MedicationStatement")
        assert "None" not in said
    assert sum(value is not None for value in least.values()) <= 8


@pytest.mark.parametrize("name", [one for one in NAMES if one not in BASE + VISITS])
def test_the_form_itself_names_everything_that_it_made(name: str) -> None:
    resources = made(name, rows_of(name)[0])
    (form,) = (one for one in resources if one["resourceType"] == "Composition")
    named = {entry["reference"] for section in form["section"] for entry in section["entry"]}
    visit = form.get("encounter", {}).get("reference")
    for one in resources:
        reference = f"{one['resourceType']}/{one['id']}"
        if one["resourceType"] not in ("Patient", "Composition") and reference != visit:
            assert reference in named, reference
    assert form["title"] == shipped_mapping(name).table


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_in_the_page(name: str) -> None:
    head, *rest = _PAGE.read_text(encoding="utf-8").split("\n`table_mapping: ")
    section = next(one for one in rest if one.startswith(f"{name}`"))
    for column in shipped_mapping(name).columns:
        assert f"`{column}`" in head + section, column


@pytest.mark.parametrize("name", [one for one in NAMES if one not in BASE + VISITS])
def test_the_numbers_of_a_form_are_read_as_the_page_says(name: str) -> None:
    """`1齐 2不齐` under the form's codes: the word comes out where the number went in."""
    _, *rest = _PAGE.read_text(encoding="utf-8").split("\n`table_mapping: ")
    section = next(one for one in rest if one.startswith(f"{name}`"))
    row = rows_of(name)[0]
    for line in section.splitlines():
        columns, filled, values, *_ = [*line.strip("|").split("|"), "", "", ""]
        if "the form's code" not in filled:
            continue
        for number, word in re.findall(r"(?<!\S)(\d+)([^\d\s（][^\s]*)", values):
            for column in re.findall(r"`([^`]+)`", columns):
                if (column, number) in _BY_AGE:
                    continue
                found = "\n".join(texts(made(name, {**row, column: number})))
                assert word in found.splitlines(), (column, number, word)


# What the number means depends on the age that the form is for.
_BY_AGE = {("中医药健康管理服务", number) for number in "123"}


def test_the_invented_people_have_right_identity_numbers() -> None:
    for name in NAMES:
        for row in rows_of(name):
            for column, value in row.items():
                if value and column.endswith("身份证号"):
                    assert citizen_number(value), f"{name}: {column}: {value}"


def test_a_follow_up_of_hypertension_is_found_like_a_visit_of_a_hospital() -> None:
    name = "hypertension_followup"
    (pressure,) = (one for one in of_type(name, "Observation") if one["code"]["text"] == "血压")
    assert [one["valueQuantity"]["value"] for one in pressure["component"]] == [152, 94]
    visit = only(name, "Encounter")
    assert pressure["encounter"] == {"reference": f"Encounter/{visit['id']}"}
    assert (visit["class"]["code"], visit["type"][1]["coding"][0]["display"]) == ("AMB", "门诊")
    assert only(name, "Encounter", 随访方式="2")["class"]["code"] == "HH"
    assert only(name, "Encounter", 随访方式="电话")["class"]["code"] == "VR"
    referral, following = of_type(name, "ServiceRequest")
    assert referral["reasonCode"] == [{"text": "血压连续两次控制不满意"}]
    assert (following["intent"], following["occurrenceDateTime"]) == ("plan", "2026-11-24")
    drug = of_type(name, "MedicationStatement")[0]
    assert drug["medicationCodeableConcept"] == {"text": "苯磺酸氨氯地平片"}
    assert drug["dosage"][0]["timing"]["repeat"] == {"frequency": 1, "period": 1, "periodUnit": "d"}


def test_all_follow_ups_of_a_resident_are_of_one_disease() -> None:
    name = "hypertension_followup"
    first, second = (
        only(name, "Condition", 记录编号=number)["id"] for number in ("HTN0001", "HTN0009")
    )
    assert first == second
    (coding,) = only(name, "Condition")["code"]["coding"]
    table = built_in(coding["system"])
    assert table is not None
    assert table.display(table.codes.index(coding["code"])) == coding["display"]


def test_a_follow_up_erases_nothing_of_the_resident() -> None:
    row = {**rows_of("hypertension_followup")[0], "身份证号": None}
    (patient,) = (
        one for one in contributions("hypertension_followup", row) if one.key[0] == "Patient"
    )
    assert patient.resource.keys() == {"resourceType", "id", "name", "managingOrganization"}
    assert patient.erased == frozenset()


def test_a_diastolic_pressure_alone_is_kept() -> None:
    found = of_type("postnatal_visit", "Observation", 收缩压=None)
    (pressure,) = (one for one in found if one["code"]["text"] == "血压")
    (diastolic,) = pressure["component"]
    assert diastolic["code"]["coding"][0]["code"] == "8462-4"
    assert diastolic["valueQuantity"]["value"] == 74


@pytest.mark.parametrize("name", ["basic_information", "infectious_disease_report"])
def test_a_contact_without_anybody_is_erased_with_its_relationship(name: str) -> None:
    nobody = dict.fromkeys(["联系人姓名", "联系人电话", "患儿家长姓名", "工作单位"])
    row = {key: None if key in nobody else value for key, value in rows_of(name)[0].items()}
    patient = contributions(name, row)[0]
    assert "contact" not in patient.resource
    assert "contact" in patient.erased
    (employer,) = made(name, {**row, "工作单位": "云溪小学"})[0]["contact"]
    assert employer["organization"] == {"display": "云溪小学"}


def test_an_extension_without_a_value_is_left_out() -> None:
    row = {**rows_of("population_register")[0], "民族": None, "户号": None}
    patient = made("population_register", row)[0]
    urls = {one["url"].rpartition(":")[2] for one in patient["extension"]}
    assert len(patient["extension"]) == 9
    assert not urls & {"ethnic-group", "household-number"}
    assert all(len(one) == 2 for one in patient["extension"])


def test_a_form_of_a_systems_table_names_the_system_alone() -> None:
    source = msgspec.structs.replace(YUNXI, name="基层云平台·人口登记", table_mapping="departments")
    context = Context(source, b"k" * 32, datetime(2026, 11, 22, tzinfo=UTC), b"h" * 32)
    assert context.institution()["display"] == "基层云平台"


def test_a_number_of_the_form_that_no_table_has_stays_as_it_is() -> None:
    found = of_type("mental_disorder_followup", "Observation", 危险性评估="3")
    (danger,) = (one for one in found if one["code"]["text"] == "危险性评估")
    system = "urn:minkang:source:yunxi:code:mental_disorder_followup:危险性评估"
    assert danger["valueCodeableConcept"]["coding"] == [{"system": system, "code": "3"}]


@pytest.mark.parametrize(
    ("kind", "status"), [("1", "provisional"), ("临床诊断病例", "confirmed"), ("9", None)]
)
def test_a_report_card_says_how_sure_the_case_is(kind: str, status: str | None) -> None:
    case = only("infectious_disease_report", "Condition", 病例分类1=kind)
    assert case.get("verificationStatus", {}).get("coding", [{}])[0].get("code") == status
    assert case["code"]["coding"][0]["display"] == "手足口病"


def test_nothing_is_said_of_a_disease_that_nobody_has() -> None:
    name = "basic_information"
    row = {**rows_of(name)[0], "既往疾病1": "无", "父亲病史": "1"}
    resources = made(name, row)
    assert "无" not in [
        one["code"].get("text") for one in resources if one["resourceType"] == "Condition"
    ]
    members = [one for one in resources if one["resourceType"] == "FamilyMemberHistory"]
    assert [one["relationship"]["text"] for one in members] == ["母亲", "兄弟姐妹", "子女"]


@pytest.mark.parametrize("name", ["mental_disorder_registration", "mental_disorder_followup"])
def test_what_is_said_of_a_mental_disorder_is_sensitive(name: str) -> None:
    for one in made(name, rows_of(name)[0]):
        assert (grade_of(one) is Grade.SENSITIVE) == (one["resourceType"] != "Patient")


def test_a_mental_disorder_of_the_past_is_sensitive_and_others_are_not() -> None:
    past = of_type("basic_information", "Condition", 既往疾病1="8", 既往疾病2="高血压")[:2]
    assert [grade_of(one) for one in past] == [Grade.SENSITIVE, Grade.PERSONAL]


def test_a_department_without_another_above_it_is_of_the_institution() -> None:
    first, second, _ = rows_of("departments")
    above = made("departments", first)
    assert above[1]["partOf"]["reference"] == "Organization/MKYUNXI"
    below = made("departments", second)
    assert below[1]["partOf"]["reference"] == f"Organization/{above[0]['id']}"
    doctor = made("staff", {**rows_of("staff")[0], "科室编号": first["科室编号"]})
    assert doctor[2]["organization"]["reference"] == f"Organization/{above[0]['id']}"


_CONSTANTS = """\
table: t
row: no
resources:
  - type: Basic
    number: "{no}"
    set:
      made: {system: x, value: {column: a}, use: {text: k}}
      deep: {url: x, value: {list: [{code: {column: a}, kind: k}]}}
      mixed: {url: x, parts: [k, {column: a}], more: {column: b}}
      parts: [{url: x, value: {column: a}}, {url: y}, $institution]
      concept: {coding: [{code: x}], text: {column: a}}
      holder: {relationship: [{coding: [{code: x}], text: {column: a}}], name: {column: b}}
      target: {url: x, whose: {reference: Patient, number: "{a}"}}
      alone: {url: x, list: [{code: y}]}
"""


def with_constants(a: str | None, b: str | None) -> Resource:
    source = msgspec.structs.replace(YUNXI, table_mapping="own", mapping_text=_CONSTANTS)
    context = Context(source, b"k" * 32, datetime(2026, 11, 22, tzinfo=UTC), b"h" * 32)
    (one,) = map_message(context, "table", encode_row({"no": "1", "a": a, "b": b}))
    return one.resource


def test_constants_go_with_the_leaves_that_they_describe() -> None:
    full = with_constants("1", "2")
    assert full["deep"] == {"url": "x", "value": {"list": [{"code": "1", "kind": "k"}]}}
    assert full["holder"]["name"] == "2"
    found = with_constants(None, None)
    assert found.keys() - {"resourceType", "id"} == {"parts", "concept", "alone"}
    assert found["parts"][0] == {"url": "y"}
    assert found["parts"][1]["display"] == YUNXI.name
    assert found["concept"] == {"coding": [{"code": "x"}]}
    assert found["alone"] == full["alone"]


def test_constants_stay_with_any_leaf_beside_them() -> None:
    found = with_constants(None, "2")
    assert found["mixed"] == {"url": "x", "parts": ["k"], "more": "2"}
    assert found["holder"] == {"relationship": [{"coding": [{"code": "x"}]}], "name": "2"}
    found = with_constants("1", None)
    assert found["mixed"] == {"url": "x", "parts": ["k", "1"]}
    assert found["made"] == {"system": "x", "value": "1", "use": {"text": "k"}}
    assert found["holder"]["relationship"][0]["text"] == "1"


_LISTED = """\
table: t
row: no
resources:
  - type: Basic
    repeat:
      - {what: 甲, code: "1"}
      - {what: 乙, code: "2"}
    when: "{what}"
    number: "{no}/{what}"
    set: {code: {coding: [{code: "{code}"}], text: {column: "{what}"}}}
  - type: List
    number: "{no}"
    set: {status: current, mode: working, entry: {all: Basic}}
"""


def listed(**row: str | None) -> list[Resource]:
    source = msgspec.structs.replace(YUNXI, table_mapping="own", mapping_text=_LISTED)
    context = Context(source, b"k" * 32, datetime(2026, 11, 22, tzinfo=UTC), b"h" * 32)
    return [one.resource for one in map_message(context, "table", encode_row({"no": "1", **row}))]


def test_a_list_of_fields_repeats_a_resource_and_all_refers_to_what_was_made() -> None:
    first, second, whole = listed(甲="a", 乙="b")
    assert [one["code"]["coding"][0]["code"] for one in (first, second)] == ["1", "2"]
    assert [one["reference"] for one in whole["entry"]] == [
        f"Basic/{first['id']}",
        f"Basic/{second['id']}",
    ]
    assert [one["resourceType"] for one in listed(甲=None, 乙="b")] == ["Basic", "List"]
    (alone,) = listed(甲=None, 乙=None)
    assert "entry" not in alone


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (('{what: 乙, code: "2"}', "{what: 乙}"), "m.yaml:7: repeat: all items must have the same"),
        (('code: "2"}', "code: [x]}"), "m.yaml:7: code: must be a text"),
        (("{all: Basic}", "{all: Basis}"), "m.yaml:13: all: 'Basis' is not a FHIR"),
    ],
)
def test_a_wrong_list_is_refused_with_line_and_field(change: tuple[str, str], error: str) -> None:
    with pytest.raises(MappingError) as refusal:
        load_mapping(Path("m.yaml"), _LISTED.replace(*change))
    assert error in str(refusal.value)


@pytest.fixture(scope="module")
def place(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation with a source that sends follow-ups."""
    home = tmp_path_factory.mktemp("home")
    load_keys(home / "keys", create=True)
    environment = pytest.MonkeyPatch()
    environment.setenv("MINKANG_HOME", str(home))
    environment.setenv("MINKANG_DATABASE_URL", database_url)
    (home / "sources.yaml").write_text(
        "- {id: forms, name: 云溪镇卫生院, organisation: MKFORMS, channels: [table],"
        " table_mapping: hypertension_followup}\n",
        encoding="utf-8",
    )
    assert main(["sources", str(home / "sources.yaml")]) == 0
    yield Place(Settings(home=home, database_url=database_url), database_url, home)
    environment.undo()


def test_follow_ups_are_loaded_from_a_file(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    example = str(_EXAMPLES / "hypertension_followup.csv")
    code, report = load(capsys, example, "--source", "forms", "--format", "table")
    assert (code, report["accepted"], report["refused"]) == (0, 3, 0)
    states = run(place.fetch("select distinct state from exchange.message where source = 'forms'"))
    assert [one["state"] for one in states] == ["stored"]
    code, report = load(capsys, example, "--source", "forms", "--format", "table")
    assert (report["accepted"], report["unchanged"]) == (0, 3)
