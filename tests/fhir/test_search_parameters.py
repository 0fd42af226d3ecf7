import pytest

from minkang.fhir import TYPE_CODES
from minkang.fhir.definitions import definitions
from minkang.fhir.search import Stored
from minkang.fhir.search_elements import leaves
from minkang.fhir.search_parameters import (
    COLUMNS,
    implied_systems,
    is_self,
    parameter,
    parameters_of,
    parts_of,
    value_types,
)
from minkang.fhir.search_paths import Branch, Member, PathNotSimple, PointsTo, branches


def stored(resource_type: str, code: str) -> tuple[Stored, ...]:
    found = parameter(resource_type, code)
    assert found is not None
    return found.stored


def test_every_parameter_of_r4_is_read_and_leads_somewhere() -> None:
    """Nothing of R4's search parameters needs more than the steps that are known."""
    for resource_type in definitions().parameters:
        for found in parameters_of(resource_type).values():
            ways = [
                leaf
                for branch in branches(found.expression)
                for leaf in leaves(resource_type, branch)
            ]
            assert ways, (resource_type, found.code)


def test_every_resource_type_has_the_common_parameters() -> None:
    for resource_type in TYPE_CODES.keys() & definitions().parameters.keys():
        known = parameters_of(resource_type)
        assert {"_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"} <= known.keys()


def test_numbers_are_unique_in_a_type_and_fit_a_mask_of_63_bits() -> None:
    for resource_type in definitions().parameters:
        known = parameters_of(resource_type).values()
        numbers = [found.number for found in known if found.number >= 0]
        assert sorted(numbers) == list(range(len(numbers)))
        assert len(numbers) <= 63
        for found in known:
            own = is_self(found.code, found.stored) and found.code not in COLUMNS
            assert (found.number >= 0) == (own and found.kind != "special")


def test_values_are_kept_under_parameters_that_keep_their_own() -> None:
    for resource_type in definitions().parameters:
        known = parameters_of(resource_type)
        for found in known.values():
            for place in found.stored:
                assert is_self(place.code, known[place.code].stored), (resource_type, found.code)
                assert known[place.code].kind == found.kind


def test_a_reference_narrowed_to_one_type_is_kept_with_the_wide_one() -> None:
    assert stored("Observation", "patient") == (Stored("subject", frozenset({"Patient"})),)
    assert stored("Appointment", "location") == (Stored("actor", frozenset({"Location"})),)


def test_a_narrowed_union_is_kept_with_all_its_parts() -> None:
    patient = frozenset({"Patient"})
    assert stored("AuditEvent", "patient") == (Stored("agent", patient), Stored("entity", patient))


def test_a_narrowed_reference_without_a_wide_one_keeps_its_own_values() -> None:
    assert stored("EpisodeOfCare", "care-manager") == (Stored("care-manager"),)


def test_a_union_is_kept_in_its_parts() -> None:
    assert stored("Observation", "combo-code") == (Stored("code"), Stored("component-code"))
    assert stored("Observation", "combo-code-value-quantity") == (
        Stored("code-value-quantity"),
        Stored("component-code-value-quantity"),
    )


def test_one_expression_with_two_sets_of_targets_is_kept_once() -> None:
    assert stored("Bundle", "message") == (Stored("message"),)
    assert stored("Bundle", "composition") == (Stored("message", frozenset({"Composition"})),)


def test_names_by_sound_are_kept_apart_from_names() -> None:
    assert stored("Patient", "phonetic") == (Stored("phonetic"),)


def test_what_a_reference_may_point_to_is_what_its_expression_says() -> None:
    # R4 lists Group for it too.
    found = parameter("Observation", "patient")
    assert found is not None
    assert found.targets == {"Patient"}


def test_parts_of_a_composite_are_parameters_of_the_type() -> None:
    found = parameter("Observation", "code-value-quantity")
    assert found is not None
    assert [part.code for part in found.components] == ["code", "value-quantity"]


def test_the_parts_of_a_document_relationship_are_put_right() -> None:
    """R4 gives the reference the expression of the code, and the code that of the reference."""
    parts = parts_of("DocumentReference", "relationship")
    assert [(part.kind, part.branches[0].steps[0]) for part in parts] == [
        ("reference", Member("target")),
        ("token", Member("code")),
    ]


def test_bare_codes_stand_for_the_system_of_their_binding() -> None:
    assert implied_systems("Patient", "gender") == {"http://hl7.org/fhir/administrative-gender"}
    assert implied_systems("Observation", "code") == frozenset()
    assert value_types("Patient", "deceased") == {"boolean"}


def test_an_unknown_parameter_is_none() -> None:
    assert parameter("Patient", "nonsense") is None


def test_expressions_are_read_into_steps() -> None:
    assert branches("A.b.where(resolve() is Patient) | (A.c as Quantity)") == (
        Branch((Member("b"), PointsTo("Patient"))),
        *branches("A.c.ofType(Quantity)"),
    )
    assert branches("%resource.x.y") == (Branch((Member("x"), Member("y")), from_resource=True),)


@pytest.mark.parametrize(
    "expression", ["A.b.first()", "A.b + 1", "A.where(x > 1)", "A.b | ", "", "A.where(x=y)", "(A.b"]
)
def test_what_r4s_parameters_do_not_use_is_refused(expression: str) -> None:
    with pytest.raises(PathNotSimple):
        branches(expression)
