from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minkang.fhir import Problem, Refused
from minkang.fhir.definitions import definitions
from minkang.fhir.search import (
    Chain,
    Clause,
    CompositeValue,
    Has,
    Include,
    NumberValue,
    OfTypeValue,
    Parameter,
    QuantityValue,
    ReferenceValue,
    Search,
    StringValue,
    TokenValue,
    UriValue,
    Value,
)
from minkang.fhir.search_dates import span
from minkang.fhir.search_parameters import parameter
from minkang.fhir.search_syntax import parse_search, print_search
from tests.fhir.search_queries import queries

ALL = tuple(definitions().parameters)
BASE = "https://example.org/fhir"


def search(resource_type: str, *pairs: tuple[str, str]) -> Search:
    return parse_search((resource_type,), pairs, base=BASE)


def clause(resource_type: str, name: str, value: str) -> Clause:
    (found,) = search(resource_type, (name, value)).conditions
    assert isinstance(found, Clause)
    return found


def values(resource_type: str, name: str, value: str) -> tuple[Value, ...]:
    return clause(resource_type, name, value).values


def problems(types: str | tuple[str, ...], *pairs: tuple[str, str]) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as refused:
        parse_search((types,) if isinstance(types, str) else types, pairs, base=BASE)
    assert all(problem.stage == "search" and problem.text for problem in refused.value.problems)
    return refused.value.problems


def rule(types: str | tuple[str, ...], name: str, value: str) -> str:
    (problem,) = problems(types, (name, value))
    assert problem.place == name
    return problem.rule


# -- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4548-4", [TokenValue(None, "4548-4")]),
        ("http://loinc.org|4548-4", [TokenValue("http://loinc.org", "4548-4")]),
        ("|4548-4", [TokenValue("", "4548-4")]),
        ("http://loinc.org|", [TokenValue("http://loinc.org", None)]),
        ("a,b", [TokenValue(None, "a"), TokenValue(None, "b")]),
        (r"a\,b\|c\$d\\e", [TokenValue(None, r"a,b|c$d\e")]),
        (r"a\b", [TokenValue(None, r"a\b")]),
    ],
)
def test_tokens(text: str, expected: list[Value]) -> None:
    assert values("Observation", "code", text) == tuple(expected)


def test_the_implied_system_of_a_bare_code_is_left_out() -> None:
    gender = "http://hl7.org/fhir/administrative-gender"
    assert values("Patient", "gender", f"{gender}|male") == (TokenValue("", "male"),)
    assert values("Patient", "gender", "http://x|male") == (TokenValue("http://x", "male"),)
    special = "http://terminology.hl7.org/CodeSystem/special-values"
    assert values("Patient", "active", f"{special}|true") == (TokenValue("", "true"),)


def test_a_boolean_is_true_or_false() -> None:
    assert rule("Patient", "active", "yes") == "token"


@pytest.mark.parametrize("text", ["|", "a|b|c", "||"])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert rule("Observation", "code", text) == "token"


def test_the_type_of_an_identifier() -> None:
    assert values("Patient", "identifier:of-type", r"http://t|MR|12\|3") == (
        OfTypeValue("http://t", "MR", "12|3"),
    )
    assert rule("Patient", "identifier:of-type", "MR|123") == "token"
    assert rule("Patient", "gender:of-type", "a|b|c") == "modifier"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("100", "99.5", "100.5"),
        ("100.00", "99.995", "100.005"),
        ("1e2", "95", "105"),
        ("5.40", "5.395", "5.405"),
        ("-5", "-5.5", "-4.5"),
        ("0", "-0.5", "0.5"),
        ("ap50", "45", "55"),
        ("ap-50", "-55", "-45"),
    ],
)
def test_the_digits_of_a_number_imply_a_range(text: str, low: str, high: str) -> None:
    (value,) = values("RiskAssessment", "probability", text)
    assert isinstance(value, NumberValue)
    assert (value.low, value.high) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    "text", ["x", "gt", "1,5x", "1e999", "1" * 61, "NaN", "Infinity", "0x10", "٣", "--1", "1e"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert rule("RiskAssessment", "probability", text) in ("number", "prefix")


@pytest.mark.parametrize(
    ("text", "system", "code"),
    [
        ("5.4", None, None),
        ("5.4||mg", None, "mg"),
        ("5.4|http://unitsofmeasure.org|mg", "http://unitsofmeasure.org", "mg"),
        ("5.4|http://unitsofmeasure.org|", "http://unitsofmeasure.org", None),
    ],
)
def test_quantities(text: str, system: str | None, code: str | None) -> None:
    (value,) = values("Observation", "value-quantity", f"lt{text}")
    assert isinstance(value, QuantityValue)
    assert (value.number.prefix, value.number.value) == ("lt", Decimal("5.4"))
    assert (value.system, value.code) == (system, code)


def test_a_quantity_with_one_bar_is_refused() -> None:
    assert rule("Observation", "value-quantity", "5|mg") == "quantity"


def test_dates_cover_their_span() -> None:
    (value,) = values("Patient", "birthdate", "ge1970-03")
    assert (value.prefix, value.low, value.high) == ("ge", *span("1970-03"))  # type: ignore[union-attr]


def test_a_plus_sign_that_became_a_space_is_understood() -> None:
    assert values("Observation", "date", "2024-05-01T08:30:00 08:00") == values(
        "Observation", "date", "2024-05-01T00:30:00Z"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2024-02-30", "date"), ("24", "date"), ("xx2024", "prefix"), ("before", "prefix")],
)
def test_what_is_no_date_is_refused(text: str, expected: str) -> None:
    assert rule("Patient", "birthdate", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("23", ReferenceValue(None, "23")),
        ("Patient/23", ReferenceValue("Patient", "23")),
        ("Patient/23/_history/4", ReferenceValue("Patient", "23")),
        (f"{BASE}/Patient/23", ReferenceValue("Patient", "23")),
        ("http://other/fhir/Patient/23", ReferenceValue(url="http://other/fhir/Patient/23")),
        ("urn:uuid:a-b", ReferenceValue(url="urn:uuid:a-b")),
    ],
)
def test_references(text: str, expected: ReferenceValue) -> None:
    assert values("Observation", "subject", text) == (expected,)


def test_an_id_has_the_only_type_that_a_reference_may_point_to() -> None:
    assert values("Observation", "patient", "23") == (ReferenceValue("Patient", "23"),)
    assert values("Observation", "subject:Device", "23") == (ReferenceValue("Device", "23"),)


def test_references_that_contradict_themselves_are_refused() -> None:
    assert rule("Observation", "subject:Device", "Patient/1") == "reference"
    assert rule("Observation", "subject:Encounter", "1") == "chain"
    assert rule("Observation", "subject", "Nonsense/1") == "reference"


def test_a_reference_by_identifier_is_a_token() -> None:
    assert clause("Observation", "subject:identifier", "http://s|7") == Clause(
        _parameter("Observation", "subject"), "identifier", (TokenValue("http://s", "7"),)
    )


def test_composites_have_a_value_for_each_part() -> None:
    (value,) = values("Observation", "code-value-quantity", "http://loinc.org|8480-6$ge140||mmHg")
    assert isinstance(value, CompositeValue)
    token, quantity = value.parts
    assert token == TokenValue("http://loinc.org", "8480-6")
    assert isinstance(quantity, QuantityValue)
    assert quantity.number.prefix == "ge"
    assert rule("Observation", "code-value-quantity", "8480-6") == "composite"
    assert rule("Observation", "code-value-quantity", "8480-6$") == "composite"
    assert rule("Observation", "code-value-quantity", "a$b$c") == "composite"


# -- modifiers ---------------------------------------------------------------------------------


def test_strings_and_their_modifiers() -> None:
    assert values("Patient", "name", r"王\,小") == (StringValue("王,小"),)
    assert clause("Patient", "name:exact", "Eve").modifier == "exact"
    assert clause("Patient", "name:contains", "v").modifier == "contains"
    assert clause("Patient", "phonetic", "zxm").modifier == "phonetic"
    assert values("Observation", "code:text", "a|b") == (StringValue("a|b"),)


def test_uris_and_value_sets() -> None:
    assert values("ValueSet", "url:below", "http://a/b") == (UriValue("http://a/b"),)
    assert rule("ValueSet", "url:below", "urn:oid:1.2") == "uri"
    assert values("Observation", "code:in", "http://vs|2") == (UriValue("http://vs|2"),)
    assert rule("Observation", "code:below", "123") == "token"


def test_missing() -> None:
    assert clause("Patient", "gender:missing", "true") == Clause(
        _parameter("Patient", "gender"), "missing", (), missing=True
    )
    assert rule("Patient", "gender:missing", "maybe") == "modifier"


@pytest.mark.parametrize(
    "name",
    [
        *("name:near", "name:not", "birthdate:exact", "gender:exact", "gender:contains", "name:"),
        *("organization:above", "organization:below", "phonetic:exact", "_id:exact"),
    ],
)
def test_a_modifier_that_is_not_supported_is_refused_even_leniently(name: str) -> None:
    assert rule("Patient", name, "x") == "modifier"
    with pytest.raises(Refused):
        parse_search(("Patient",), [(name, "x")], lenient=True)


# -- chains ------------------------------------------------------------------------------------


def test_a_chain_with_a_type() -> None:
    assert search("Observation", ("subject:Patient.name", "王")).conditions == (
        Chain(
            _parameter("Observation", "subject"),
            (("Patient", Clause(_parameter("Patient", "name"), None, (StringValue("王"),))),),
        ),
    )


def test_a_chain_without_a_type_goes_to_all_types_that_have_the_parameter() -> None:
    (chain,) = search("Observation", ("subject.birthdate", "1970")).conditions
    assert isinstance(chain, Chain)
    assert [target for target, _ in chain.inner] == ["Patient"]
    (chain,) = search("Observation", ("subject.identifier", "1")).conditions
    assert isinstance(chain, Chain)
    assert [target for target, _ in chain.inner] == ["Device", "Group", "Location", "Patient"]


def test_chains_and_reverse_chains_nest() -> None:
    (has,) = search(
        "Patient", ("_has:Observation:patient:_has:Provenance:target:agent.name", "x")
    ).conditions
    assert isinstance(has, Has)
    assert (has.type, has.parameter.code) == ("Observation", "patient")
    assert isinstance(has.inner, Has)
    assert isinstance(has.inner.inner, Chain)
    (chain,) = search("Observation", ("subject._has:Group:member:_id", "3")).conditions
    assert isinstance(chain, Chain)
    assert "Patient" in dict(chain.inner)
    assert "Location" not in dict(chain.inner), "a Group has no Locations"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("name.family", "chain"),
        ("general-practitioner.nonsense", "chain"),
        ("organization.nonsense", "unknown-parameter"),
        ("general-practitioner:Group.name", "chain"),
        ("_has:Observation:patient", "chain"),
        ("_has:Nonsense:patient:code", "chain"),
        ("_has:Observation:nonsense:code", "unknown-parameter"),
        ("_has:Observation:code:code", "chain"),
        ("_has:Encounter:location:code", "chain"),
        ("organization." + "partof." * 9 + "name", "chain"),
        ("link..name", "chain"),
    ],
)
def test_chains_that_lead_nowhere_are_refused(name: str, expected: str) -> None:
    assert rule("Patient", name, "x") == expected


def test_chains_without_types_do_not_multiply_without_bounds() -> None:
    search("Observation", ("focus.identifier", "1"))
    assert rule("Observation", "focus.focus.focus.focus.focus.focus.identifier", "1") == "chain"


def test_a_wrong_value_at_the_end_of_a_chain_is_named() -> None:
    assert rule("Observation", "subject.birthdate", "2024-02-30") == "date"


# -- what else a query may say -----------------------------------------------------------------


def test_controls() -> None:
    found = search(
        "Patient",
        *[("_sort", "-birthdate,_id"), ("_count", "0"), ("_total", "accurate")],
        *[("_summary", "data"), ("_elements", "name,gender"), ("_after", "opaque|,$")],
        *[("_format", "json"), ("_pretty", ""), ("_contained", "false")],
    )
    assert [(key.parameter.code, key.descending) for key in found.sort] == [
        ("birthdate", True),
        ("_id", False),
    ]
    assert (found.count, found.total, found.summary) == (0, "accurate", "data")
    assert (found.elements, found.after) == (("name", "gender"), "opaque|,$")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        *(("_count", "1001", "count"), ("_count", "-1", "count"), ("_count", "ten", "count")),
        *(("_count", "٣", "count"), ("_count", "00000012345", "count")),
        *(("_sort", "nonsense", "sort"), ("_sort", "name,-name", "sort"), ("_sort", "-", "sort")),
        *(("_total", "many", "total"), ("_summary", "short", "summary")),
        *(("_elements", "nonsense", "elements"), ("_elements", "name,", "elements")),
        *(("_contained", "true", "unsupported"), ("_containedType", "contained", "unsupported")),
        *(("_include", "Patient", "include"), ("_include", "Patient:name", "include")),
        *(("_include", "Nonsense:name", "include"), ("_include", "a:b:c:d", "include")),
        *(("_include", "Patient:organization:Group", "include"),),
        *(("_include:recurse", "Patient:organization", "modifier"),),
        *(("_type", "Patient", "unknown-parameter"), ("nonsense", "1", "unknown-parameter")),
        *(("", "1", "unknown-parameter"), ("_text", "1", "unknown-parameter")),
        *(("name", "", "empty"), ("name", "a,,b", "empty")),
        *(("name", "a\0b", "text"), ("name", "a\ud800", "text"), ("name", "x" * 8193, "too-long")),
        *(("name", ",".join("x" * 1001), "too-many-values"),),
    ],
)
def test_what_is_wrong_is_refused_by_its_rule(name: str, value: str, expected: str) -> None:
    assert rule("Patient", name, value) == expected


def test_distance_is_not_supported() -> None:
    assert rule("Location", "near", "42|-83|11|km") == "unsupported"


def test_every_problem_of_a_query_is_told() -> None:
    found = problems("Patient", ("nonsense", "1"), ("birthdate", "x"), ("_count", "x"))
    assert [problem.rule for problem in found] == ["unknown-parameter", "date", "count"]


def test_a_place_can_be_shown_whatever_was_sent() -> None:
    (problem,) = problems("Patient", ("a\0\ud800" + "x" * 9000, "1"))
    problem.place.encode()
    assert len(problem.place) <= 200


def test_controls_that_stand_once_are_refused_twice() -> None:
    (problem,) = problems("Patient", ("_count", "1"), ("_count", "2"))
    assert problem.rule == "count"


def test_a_hundred_parameters_are_the_most() -> None:
    (problem,) = problems("Patient", *[("name", "x")] * 101)
    assert problem.rule == "too-many-parameters"


def test_lenient_leaves_out_what_is_unknown_but_not_what_is_wrong() -> None:
    found = parse_search(
        ("Patient",), [("nonsense", "1"), ("name", "x"), ("link.x", "1")], lenient=True
    )
    assert found.ignored == ("nonsense", "link.x")
    assert len(found.conditions) == 1
    with pytest.raises(Refused):
        parse_search(("Patient",), [("birthdate", "x")], lenient=True)


def test_includes() -> None:
    found = search(
        "Observation",
        *[("_include", "*"), ("_include", "Observation:subject:Patient")],
        *[("_include:iterate", "Patient:*"), ("_revinclude", "Provenance:target")],
    )
    assert found.includes == (
        Include(False, None, None),
        Include(False, "Observation", _parameter("Observation", "subject"), "Patient"),
        Include(False, "Patient", None, iterate=True),
        Include(True, "Provenance", _parameter("Provenance", "target")),
    )


def test_across_types_only_common_parameters_are_known() -> None:
    pairs = [("_tag", "a"), ("_type", "Patient,Group"), ("_sort", "-_lastUpdated")]
    found = parse_search(ALL, pairs)
    assert found.types == ("Patient", "Group")
    assert rule(ALL, "name", "x") == "unknown-parameter"
    assert rule(ALL, "_sort", "name") == "sort"
    assert rule(ALL, "_type", "Patient,Nonsense") == "type"


def test_a_search_across_types_narrowed_to_one_knows_its_parameters() -> None:
    assert parse_search(ALL, [("name", "x"), ("_type", "Patient")]).types == ("Patient",)


# -- printing ----------------------------------------------------------------------------------


def test_printing_leaves_out_what_is_default() -> None:
    assert print_search(search("Patient", ("_count", "20"), ("_total", "none"))) == []


def test_a_search_across_types_is_printed_with_its_types() -> None:
    found = parse_search(ALL, [("_type", "Patient,Group"), ("_id", "1")])
    assert print_search(found) == [("_type", "Patient,Group"), ("_id", "1")]
    assert parse_search(ALL, print_search(found)) == found
    everything = parse_search(ALL, [("_id", "1")])
    assert print_search(everything) == [("_id", "1")]


def test_an_implied_system_of_one_target_is_kept_for_the_others() -> None:
    pairs = [("subject.status", "http://hl7.org/fhir/location-status|active")]
    found = parse_search(("Observation",), pairs)
    assert parse_search(("Observation",), print_search(found)) == found


@settings(deadline=None)
@given(queries())
@example(("Patient", [("name", "\\")]))
@example(("Observation", [("code", "a\\|")]))
def test_a_printed_search_means_the_same(query: tuple[str, list[tuple[str, str]]]) -> None:
    resource_type, pairs = query
    found = search(resource_type, *pairs)
    printed = print_search(found)
    assert search(resource_type, *printed) == found
    assert print_search(search(resource_type, *printed)) == printed


def is_read_or_refused(*pairs: tuple[str, str]) -> None:
    with suppress(Refused):
        search("Observation", *pairs)


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=4))
def test_any_query_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    is_read_or_refused(*pairs)


NAMES = st.text(alphabet="subject:Patinme._has,-|$\\", max_size=40)


@settings(deadline=None)
@given(NAMES, st.text(alphabet="gelt0123456789.-|$,\\e T:Z", max_size=30))
def test_any_query_that_looks_like_one_is_read_or_refused(name: str, value: str) -> None:
    for known in (name, "date", "value-quantity", "code-value-quantity", "_lastUpdated"):
        is_read_or_refused((known, value))


def _parameter(resource_type: str, code: str) -> Parameter:
    found = parameter(resource_type, code)
    assert found is not None
    return found
