"""The traps of the schemas: what is written validly, what is refused, what the check finds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.exchange.cda import Element
from minkang.exchange.documents import KINDS, check_document, write_document
from minkang.exchange.documents.ages import age_at, units_of
from minkang.exchange.documents.form import form_of
from minkang.exchange.documents.formats import Unwritable, digits, judged, written
from minkang.exchange.mappings.cda.fields import Reader
from minkang.fhir import Problem, Refused
from tests.exchange import cda_samples as samples
from tests.exchange.cda_mapped import CONTEXT
from tests.exchange.cda_samples import Node, set_all, whole
from tests.exchange.documents_round import facts_of


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def refusals(kind: str, root: Node) -> list[tuple[str, str]]:
    """Place and rule of why a document can't be written again."""
    with pytest.raises(Refused) as refusal:
        write_document(facts_of(kind, root))
    return [(one.place, one.rule) for one in refusal.value.problems]


def found(root: Node) -> list[Problem]:
    """What the check finds, where the schema may find nothing."""
    return check_document(samples.written(root))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# -- dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["C0004", "C0005", "C0015", "C0016"])
def test_february_is_refused_where_the_schema_has_none(kind: str) -> None:
    root = whole()[kind]
    set_all(root, "h:author/h:time/@value", "20260215")
    place = "/ClinicalDocument/author/time/@value"
    assert refusals(kind, root) == [(place, "february")]
    assert "february" in {one.rule for one in found(root)}


def test_the_29th_of_february_is_written_where_the_schema_has_it() -> None:
    root = samples.laboratory()
    set_all(root, "h:effectiveTime/@value", "20240229080000")
    assert b'effectiveTime value="20240229080000"' in write_document(facts_of("C0007", root))


def test_a_day_is_no_moment_and_a_moment_has_a_day() -> None:
    with pytest.raises(Unwritable, match="time-precision"):
        written("2026-05-03", "time")
    assert written("2026-05-03T23:30:00Z", "date") == "20260504"
    assert written("2026-05", "when") == "202605"
    with pytest.raises(Unwritable, match="calendar"):
        judged("20260229", "date")


@settings(max_examples=100, deadline=None)
@given(st.integers(-(2**31), 2**32))
def test_a_time_is_written_as_it_was_read(seconds: int) -> None:
    # Also in the years in which Shanghai had summer time: a document knows none.
    sent = (EPOCH + timedelta(seconds=seconds)).strftime("%Y%m%d%H%M%S")
    read = Reader(CONTEXT).time(Element("time", {"value": sent}, 1, None))
    assert read is not None
    assert digits(read) == sent
    judged(sent, "time")


# -- numbers -----------------------------------------------------------------------------------


def changed(kind: str, name: str, value: Any) -> list[str]:
    """Values written of a kind where an Observation has another number."""
    facts = facts_of(kind, whole()[kind])
    for one in facts.resources.values():
        if one["resourceType"] == "Observation" and one["code"]["text"] == name:
            one["valueQuantity"] = {**one["valueQuantity"], **value}
    raw = write_document(facts).decode()
    return [part.partition('"')[0] for part in raw.split('value="')]


@pytest.mark.parametrize(
    ("kind", "name", "value", "told"),
    [
        ("C0007", "GLU", {"value": Decimal("7.9")}, "7.9000"),
        ("C0007", "GLU", {"value": Decimal("-0.5")}, "-0.5000"),
        ("C0053", "实际住院天数", {"value": Decimal("7.0")}, "7"),
        ("C0004", "处方有效天数", {"value": Decimal("2.5")}, "2.5"),
    ],
)
def test_a_number_has_the_form_that_its_kind_wants(
    kind: str, name: str, value: dict[str, Any], told: str
) -> None:
    assert told in changed(kind, name, value)


@pytest.mark.parametrize(
    ("kind", "name", "value", "rule"),
    [
        ("C0007", "GLU", {"value": Decimal("7.90005")}, "decimals"),
        ("C0007", "GLU", {"value": Decimal(123456)}, "range"),
        ("C0053", "实际住院天数", {"value": Decimal("7.5")}, "integer"),
        ("C0004", "处方有效天数", {"unit": "周"}, "unit"),
    ],
)
def test_a_number_that_has_no_valid_form_is_refused_not_rounded(
    kind: str, name: str, value: dict[str, Any], rule: str
) -> None:
    with pytest.raises(Refused) as refusal:
        changed(kind, name, value)
    assert [one.rule for one in refusal.value.problems] == [rule]
    assert refusal.value.problems[0].place.endswith("/value")


def test_money_of_the_front_page_has_two_decimals() -> None:
    facts = facts_of("C0032", whole()["C0032"])
    (invoice,) = (one for one in facts.resources.values() if one["resourceType"] == "Invoice")
    invoice["totalGross"]["value"] = Decimal("12345.6")
    assert b'value="12345.60"' in write_document(facts)
    invoice["totalGross"]["value"] = Decimal("0.005")
    with pytest.raises(Refused) as refusal:
        write_document(facts)
    assert [one.rule for one in refusal.value.problems] == ["decimals"]


# -- numbers of documents, ages ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "number", "valid"),
    [
        ("C0007", "a" * 36, True),
        ("C0007", "DOC-00000001", False),
        ("C0045", "DOC-00000001", True),
        ("C0045", "a" * 32, False),
    ],
)
def test_a_documents_number_has_the_length_of_its_kind(
    kind: str, number: str, *, valid: bool
) -> None:
    root = whole()[kind]
    set_all(root, "h:id/@extension", number)
    if valid:
        assert number.encode() in write_document(facts_of(kind, root))
    else:
        assert refusals(kind, root) == [("/ClinicalDocument/id/@extension", "length")]


@pytest.mark.parametrize(
    ("kind", "born", "age"),
    [
        ("C0007", date(1985, 5, 4), (40, "岁")),
        ("C0007", date(2026, 4, 20), (1, "周")),
        ("C0007", date(2026, 5, 3), (0, "天")),
        ("C0005", date(2026, 5, 1), (2, "日")),
        ("C0032", date(2025, 12, 4), (4, "月")),
        ("C0007", date(2026, 5, 4), None),
    ],
)
def test_an_age_is_in_a_unit_of_its_kind(
    kind: str, born: date, age: tuple[int, str] | None
) -> None:
    assert age_at(born, date(2026, 5, 3), units_of(form_of(kind))) == age


# -- the check ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_check_finds_nothing_in_a_right_document(kind: str) -> None:
    assert found(whole()[kind]) == []


AMOUNT = "//h:observation[h:code/@code='DE04.30.015.00']/h:value/@value"
SEX = "h:recordTarget/h:patientRole/h:patient/h:administrativeGenderCode"


@pytest.mark.parametrize(
    ("path", "value", "place", "rule"),
    [
        (AMOUNT, "7.9", "/value/@value", "decimals"),
        (AMOUNT, "高", "/value/@value", "number"),
        ("h:effectiveTime/@value", "20260230080000", "/effectiveTime/@value", "calendar"),
        ("h:id/@extension", "1", "/ClinicalDocument/id/@extension", "length"),
        ("//h:age/@unit", "月", "/patient/age/@unit", "choice"),
        ("//h:age/@value", "151", "/patient/age/@value", "range"),
        (f"{SEX}/@displayName", "女", "/administrativeGenderCode/@displayName", "choice"),
    ],
)
def test_the_check_names_place_and_rule(path: str, value: str, place: str, rule: str) -> None:
    root = samples.laboratory()
    set_all(root, path, value)
    problems = found(root)
    assert (place, rule) in {
        (one.place[one.place.find(place) :].partition(" ")[0], one.rule) for one in problems
    }


def test_the_check_finds_what_is_missing_and_what_does_not_belong() -> None:
    root = samples.laboratory()
    custodian = root.find(f"{{{samples.V3}}}custodian")
    root.remove(custodian)
    root.append(custodian)
    assert {(one.place.partition(" ")[0], one.rule) for one in found(root)} == {
        ("/ClinicalDocument", "missing"),
        ("/ClinicalDocument/custodian", "unexpected"),
    }


def test_the_check_finds_a_drug_without_an_allergy() -> None:
    sections = samples.front_page_sections(allergic=False)
    root = samples.document("C0032", sections=sections, numbers=samples.STAY)
    assert "allergy" in {one.rule for one in found(root)}


def test_what_is_no_document_is_said_to_be_none() -> None:
    assert [one.rule for one in check_document(b"<a/>")] == ["unknown-document"]
    assert [one.rule for one in check_document(b"\0")] == ["xml"]
    other = samples.written(samples.document("C0008"))
    assert [one.rule for one in check_document(other)] == ["kind"]
