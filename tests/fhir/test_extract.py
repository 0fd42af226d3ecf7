from decimal import Decimal
from typing import Any

import pytest

from minkang.fhir import decode
from minkang.fhir.definitions import definitions
from minkang.fhir.extract import Extracted, extract
from minkang.fhir.search_dates import EARLIEST, LATEST, span
from minkang.fhir.search_parameters import parameter

INFINITE = Decimal("Infinity")


def patient(**elements: Any) -> Extracted:
    return extract({"resourceType": "Patient", **elements})


def observation(**elements: Any) -> Extracted:
    return extract({"resourceType": "Observation", **elements})


def of(code: str, rows: list[Any]) -> list[Any]:
    """What was extracted of one parameter, the code left out."""
    found = [row[1:] for row in rows if row[0] == code]
    return [row[0] if len(row) == 1 else row for row in found]


def is_present(values: Extracted, resource_type: str, code: str) -> bool:
    found = parameter(resource_type, code)
    assert found is not None
    return bool(values.present >> found.number & 1)


@pytest.mark.parametrize("resource_type", sorted(definitions().parameters))
def test_every_resource_type_can_be_extracted(resource_type: str) -> None:
    found = extract({"resourceType": resource_type})
    assert found.tokens == ([("deceased", "", "false")] if resource_type == "Patient" else [])
    assert found.references == []


def test_an_unknown_resource_type_is_an_error() -> None:
    with pytest.raises(KeyError):
        extract({"resourceType": "Nonsense"})


def test_concepts_give_all_codings_and_their_words() -> None:
    concept = {
        "coding": [
            {"system": "http://loinc.org", "code": "4548-4", "display": "HbA1c"},
            {"code": "local"},
            {"system": "http://only.system"},
            {"display": "nothing"},
        ],
        "text": "糖化血红蛋白",
    }
    found = observation(code=concept)
    assert of("code", found.tokens) == [
        ("http://loinc.org", "4548-4"),
        ("", "local"),
        ("http://only.system", ""),
    ]
    assert of("code", found.texts) == ["HbA1c", "nothing", "糖化血红蛋白"]


def test_bare_codes_and_booleans_have_no_system() -> None:
    found = patient(gender="male", active=False)
    assert of("gender", found.tokens) == [("", "male")]
    assert of("active", found.tokens) == [("", "false")]


def test_identifiers_are_kept_apart_with_their_types() -> None:
    kind = {"coding": [{"system": "http://t", "code": "MR"}], "text": "病案号"}
    found = patient(identifier=[{"system": "http://s", "value": "7", "type": kind}])
    assert found.identifiers == [("identifier", "http://s", "7")]
    assert found.identifier_types == [("identifier", "http://t", "MR", "7")]
    assert found.texts == [("identifier", "病案号")]


def test_telephones_are_told_by_their_system() -> None:
    telecom = [{"system": "phone", "value": "139"}, {"system": "email", "value": "a@b"}, {}]
    found = patient(telecom=telecom)
    assert of("telecom", found.tokens) == [("", "139"), ("", "a@b")]
    assert of("phone", found.tokens) == [("", "139")]
    assert of("email", found.tokens) == [("", "a@b")]


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, "false"),
        ({"deceasedBoolean": False}, "false"),
        ({"deceasedBoolean": True}, "true"),
        ({"deceasedDateTime": "2024"}, "true"),
    ],
)
def test_everybody_is_deceased_or_not(elements: dict[str, Any], expected: str) -> None:
    assert of("deceased", patient(**elements).tokens) == [("", expected)]


@pytest.mark.parametrize(
    ("text", "references", "urls"),
    [
        ("Patient/1", [("Patient", "1")], []),
        ("Patient/1/_history/2", [("Patient", "1")], []),
        ("#contained", [], []),
        ("urn:uuid:1", [], ["urn:uuid:1"]),
        ("http://o/Patient/1", [], ["http://o/Patient/1"]),
        (
            "http://o/Patient/1/_history/2",
            [],
            ["http://o/Patient/1/_history/2", "http://o/Patient/1"],
        ),
    ],
)
def test_references(text: str, references: list[Any], urls: list[Any]) -> None:
    found = observation(subject={"reference": text})
    assert of("subject", found.references) == references
    assert of("subject", found.urls) == urls
    assert is_present(found, "Observation", "subject")


def test_references_by_identifier() -> None:
    found = observation(subject={"identifier": {"system": "http://s", "value": "7"}})
    assert found.logical == [("subject", "http://s", "7")]


def test_canonicals_are_found_with_and_without_their_version() -> None:
    found = extract({"resourceType": "MeasureReport", "measure": "http://m|2"})
    assert of("measure", found.urls) == ["http://m|2", "http://m"]
    found = observation(meta={"profile": ["http://p|1", "http://q"]})
    assert of("_profile", found.uris) == ["http://p|1", "http://p", "http://q"]


def test_a_relative_canonical_is_a_reference() -> None:
    found = extract({"resourceType": "MeasureReport", "measure": "Measure/1"})
    assert of("measure", found.references) == [("Measure", "1")]


def test_meta_is_extracted_of_every_type() -> None:
    tag = {"system": "http://t", "code": "x"}
    found = observation(meta={"tag": [tag], "security": [tag], "source": "urn:s"})
    assert of("_tag", found.tokens) == of("_security", found.tokens) == [("http://t", "x")]
    assert of("_source", found.uris) == ["urn:s"]


def test_dates_and_periods_are_spans() -> None:
    assert of("birthdate", patient(birthDate="1970-03").dates) == [span("1970-03")]
    low, high = span("2024-01-01")[0], span("2024-02-01")[1]
    for period, expected in [
        ({"start": "2024-01-01", "end": "2024-02-01"}, [(low, high)]),
        ({"start": "2024-01-01"}, [(low, LATEST)]),
        ({"end": "2024-02-01"}, [(EARLIEST, high)]),
        ({}, []),
    ]:
        assert of("date", observation(effectivePeriod=period).dates) == expected


def test_a_timing_is_its_outer_limits() -> None:
    timing = {
        "event": ["2024-03-01", "2024-01-01"],
        "repeat": {"boundsPeriod": {"start": "2023-12-01", "end": "2024-02-01"}},
    }
    expected = (span("2023-12-01")[0], span("2024-03-01")[1])
    assert of("date", observation(effectiveTiming=timing).dates) == [expected]
    assert of("date", observation(effectiveTiming={"repeat": {"count": 2}}).dates) == []


def test_a_date_that_never_ends_is_no_error() -> None:
    assert of("birthdate", patient(birthDate="9999-12-31").dates) == [span("9999")]
    assert of("birthdate", patient(birthDate="2024-02-30").dates) == []


UNIT = {"system": "http://unitsofmeasure.org", "code": "mg", "unit": "毫克"}
NAMES = ("http://unitsofmeasure.org", "mg", "毫克")
FIVE = Decimal("5.0")


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": FIVE}, [(FIVE, FIVE, "", "", "")]),
        ({"value": FIVE, **UNIT}, [(FIVE, FIVE, *NAMES)]),
        ({"value": 5, "comparator": "<"}, [(-INFINITE, FIVE, "", "", "")]),
        ({"value": 5, "comparator": ">="}, [(FIVE, INFINITE, "", "", "")]),
        ({"unit": "mg"}, []),
    ],
)
def test_quantities_are_spans_with_a_unit(quantity: dict[str, Any], expected: list[Any]) -> None:
    assert of("value-quantity", observation(valueQuantity=quantity).quantities) == expected


def test_ranges_and_money_are_quantities() -> None:
    found = extract(
        {"resourceType": "Condition", "onsetRange": {"low": {"value": 5, **UNIT}, "high": {}}}
    )
    assert of("onset-age", found.quantities) == [(FIVE, INFINITE, *NAMES)]
    money = {"value": FIVE, "currency": "CNY"}
    found = extract({"resourceType": "ChargeItem", "priceOverride": money})
    assert of("price-override", found.quantities) == [
        (FIVE, FIVE, "urn:iso:std:iso:4217", "CNY", "")
    ]


def test_numbers_keep_to_what_can_be_compared() -> None:
    text = '{"resourceType": "ChargeItem", "factorOverride": %s}'
    for written, expected in [("0.80", "0.80"), ("1e9999", "Infinity"), ("1e-9999", "0")]:
        found = extract(decode(text % written))
        assert of("factor-override", found.numbers) == [Decimal(expected)]
    (long,) = of("factor-override", extract(decode(text % ("0." + "1" * 5000))).numbers)
    assert len(str(long)) == 42


def test_names_give_each_of_their_parts() -> None:
    name = {"text": "张小明", "family": "张", "given": ["小明"], "use": "official"}
    found = patient(name=[name])
    assert of("name", found.strings) == ["张小明", "张", "小明"]
    assert of("family", found.strings) == ["张"]
    assert of("given", found.strings) == ["小明"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ({"text": "张小明", "family": "张", "given": ["小明"]}, ["张小明"]),
        ({"family": "张", "given": ["小", "明"]}, ["张小明"]),
        ({"family": "Smith", "given": ["Eve", "Ann"]}, ["Eve Ann Smith"]),
        ({"text": "Dr. Eve Smith", "family": "Smith"}, ["Dr. Eve Smith", "Smith"]),
        ({"use": "official"}, []),
    ],
)
def test_names_are_heard_as_they_are_said(name: dict[str, Any], expected: list[str]) -> None:
    assert of("phonetic", patient(name=[name]).strings) == expected


def test_addresses_give_each_of_their_parts() -> None:
    address = {"text": "全文", "line": ["一号", None], "city": "民康市", "use": "home"}
    found = patient(address=[address])
    assert of("address", found.strings) == ["全文", "民康市", "一号"]
    assert of("address-city", found.strings) == ["民康市"]
    assert of("address-use", found.tokens) == [("", "home")]


def test_primitives_that_are_only_extended_have_no_value() -> None:
    found = patient(name=[{"given": [None, "明"], "_given": [{"extension": []}, None]}])
    assert of("given", found.strings) == ["明"]
    assert not is_present(patient(_birthDate={"extension": []}), "Patient", "birthdate")


def test_composites_keep_together_what_stands_together() -> None:
    code = {"coding": [{"code": "8480-6"}, {"system": "http://s", "code": "sbp"}]}
    parts = [
        {"code": {"coding": [{"code": "a"}]}, "valueQuantity": {"value": 1}},
        {"code": {"coding": [{"code": "b"}]}, "valueQuantity": {"value": 2}},
    ]
    found = observation(code=code, valueQuantity={"value": FIVE}, component=parts)
    five = ("quantity", (FIVE, FIVE, "", "", ""))
    assert of("code-value-quantity", found.composites) == [
        (("token", ("", "8480-6")), five),
        (("token", ("http://s", "sbp")), five),
    ]
    assert of("component-code-value-quantity", found.composites) == [
        (("token", ("", "a")), ("quantity", (Decimal(1), Decimal(1), "", "", ""))),
        (("token", ("", "b")), ("quantity", (Decimal(2), Decimal(2), "", "", ""))),
    ]
    assert is_present(found, "Observation", "code-value-quantity")
    assert not is_present(found, "Observation", "code-value-string")


def test_parts_of_a_composite_may_come_from_the_resource() -> None:
    found = extract(
        {
            "resourceType": "MolecularSequence",
            "referenceSeq": {"chromosome": {"coding": [{"code": "1"}]}},
            "variant": [{"start": 3, "end": 4}],
        }
    )
    assert of("chromosome-variant-coordinate", found.composites) == [
        (("token", ("", "1")), ("number", (Decimal(3),)), ("number", (Decimal(4),)))
    ]


def test_a_part_that_its_kind_cannot_compare_is_no_part() -> None:
    for key, value, expected in [
        ("valueBoolean", True, [(("token", ("", "x")), ("token", ("", "true")))]),
        ("valueQuantity", {"value": 5}, []),
    ]:
        trait = {"code": {"coding": [{"code": "x"}]}, key: value}
        found = extract({"resourceType": "Group", "characteristic": [trait]})
        assert of("characteristic-value", found.composites) == expected


def test_a_document_relationship_is_a_reference_and_a_code() -> None:
    relation = {"code": "replaces", "target": {"reference": "DocumentReference/1"}}
    found = extract({"resourceType": "DocumentReference", "relatesTo": [relation]})
    assert of("relationship", found.composites) == [
        (("reference", ("DocumentReference", "1")), ("token", ("", "replaces")))
    ]


def test_combinations_do_not_multiply_without_bounds() -> None:
    many = {"coding": [{"code": str(n)} for n in range(200)]}
    found = observation(code=many, valueCodeableConcept=many)
    assert len(of("code-value-concept", found.composites)) == 4096


def test_the_first_entry_of_a_document_is_its_composition() -> None:
    entries = [
        {"resource": {"resourceType": "Composition", "id": "c"}},
        {"resource": {"resourceType": "Patient", "id": "p"}},
    ]
    found = extract({"resourceType": "Bundle", "entry": entries})
    assert of("message", found.references) == [("Composition", "c")]


def test_references_of_one_type_are_told_by_what_the_reference_says() -> None:
    for manager, expected in [
        ({"reference": "Practitioner/1"}, [("Practitioner", "1")]),
        ({"reference": "PractitionerRole/1"}, []),
        ({"reference": "urn:uuid:1", "type": "Practitioner"}, []),
    ]:
        found = extract({"resourceType": "EpisodeOfCare", "careManager": manager})
        assert of("care-manager", found.references) == expected
    found = extract(
        {
            "resourceType": "EpisodeOfCare",
            "careManager": {"reference": "http://o/Practitioner/1/_history/2"},
        }
    )
    assert of("care-manager", found.urls) == [
        "http://o/Practitioner/1/_history/2",
        "http://o/Practitioner/1",
    ]
