"""HL7's own code systems, value sets and maps: read, expanded, translated."""

from collections import Counter
from collections.abc import Mapping
from functools import cache

import pytest

from minkang.fhir import Refused, Resource, decode
from minkang.terminology import CodeSystem, Coding, ValueSet, Wanted
from minkang.terminology.concept_map import translate
from minkang.terminology.from_fhir import code_system_of, concept_map_of, value_set_of
from minkang.terminology.value_set import Known, contains, expand
from tests.fhir.validated_examples import official_examples

TODAY = "2026-11-22"


@cache
def examples(kind: str) -> Mapping[str, Resource]:
    """The examples of a type by their URLs."""
    marked = f'"resourceType":"{kind}"'.encode()
    found = {}
    for body in official_examples().values():
        if marked in body.replace(b" ", b"")[:200_000]:
            resource = decode(body)
            if resource.get("resourceType") == kind and "url" in resource:
                found[resource["url"]] = resource
    return found


@cache
def systems() -> Mapping[str, CodeSystem]:
    made = {}
    for url, resource in examples("CodeSystem").items():
        if resource["content"] not in ("not-present", "supplement"):
            made[url] = code_system_of(resource)
    return made


def test_code_systems_hold_all_their_codes() -> None:
    assert len(systems()) > 300
    for url, resource in examples("CodeSystem").items():
        if url in systems() and "count" in resource:
            assert len(systems()[url].codes) == resource["count"], url


def test_every_concept_lies_below_the_one_it_stands_in() -> None:
    for url, of in systems().items():
        for top in examples("CodeSystem")[url].get("concept", ()):
            for child in top.get("concept", ()):
                at = of.position(child["code"])
                assert at is not None
                assert of.is_a(at, top["code"]), (url, child["code"])


def test_value_sets_expand_to_what_they_contain() -> None:
    sets: dict[str, ValueSet] = {}
    outcomes: Counter[str] = Counter()
    for url, resource in examples("ValueSet").items():
        try:
            sets[url] = value_set_of(resource)
        except Refused as refused:
            outcomes[refused.problems[0].rule] += 1
    known = Known(systems(), sets, TODAY)
    for one in sets.values():
        try:
            expansion = expand(one, known, Wanted(on=TODAY, most=100_000))
        except Refused as refused:
            outcomes[refused.problems[0].rule] += 1
            continue
        except KeyError:
            outcomes["imports another that is no example"] += 1
            continue
        outcomes["expanded"] += 1
        for member in expansion.members[:50]:
            assert contains(one, known, member.coding), (one.url, member)
    assert outcomes["expanded"] > 400, outcomes
    # All others need code systems that HL7 does not publish (SNOMED CT, LOINC and so on), or say
    # in no way which codes they have.
    assert set(outcomes) <= {
        "expanded",
        "unknown-system",
        "not-expandable",
        "filter",
        "imports another that is no example",
    }


def test_a_map_of_hl7_translates() -> None:
    example = examples("ConceptMap")["http://hl7.org/fhir/ConceptMap/101"]
    found = translate(
        [concept_map_of(example)], Coding("http://hl7.org/fhir/address-use", "home")
    ).matches
    assert [(one.coding.code, one.equivalence) for one in found] == [("H", "equivalent")]


@pytest.mark.parametrize("reverse", [False, True])
def test_every_mapping_of_hl7_is_found(reverse: bool) -> None:
    seen = 0
    for resource in examples("ConceptMap").values():
        mapped = concept_map_of(resource)
        given = mapped.turned if reverse else mapped
        for group in given.groups:
            for code, targets in group.elements.items():
                found = translate([mapped], Coding(group.source, code), reverse=reverse).matches
                assert {one.code for one in targets} <= {one.coding.code for one in found}
                seen += 1
    assert seen > 50
