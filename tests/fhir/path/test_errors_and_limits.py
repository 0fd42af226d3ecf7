"""What is refused, where the fault is said to be, and what can't be made to run for long."""

import pytest

from minkang.fhir.path import PathError, compile_path
from minkang.fhir.path.environment import MAX_TEXT

PATIENT = {
    "resourceType": "Patient",
    "name": [{"family": "a", "given": ["b", "c"]}, {"family": "d"}],
    "identifier": [{"value": "1"}],
}


def refused(expression: str, *, type_name: str | None = None, strict: bool = False) -> PathError:
    with pytest.raises(PathError) as caught:
        compile_path(expression, type_name=type_name, strict=strict).evaluate(PATIENT)
    return caught.value


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("", 0, "a name or value is expected, not the end"),
        ("name.", 5, "a name or value is expected"),
        ("name given", 5, "'given' is not expected here"),
        ("name.where(use = 'x'", 20, "')' is expected, not the end"),
        ("name[0", 6, "']' is expected"),
        ("1 + ", 4, "a name or value is expected"),
        ("and true", 0, "a name or value is expected, not 'and'"),
        ("name = 'x", 7, "not finished"),
        ("name /* x", 5, "the comment is not finished"),
        ("name # x", 5, "begins nothing"),
        ("{1}", 1, "'}' is expected"),
        ("name.$total2", 5, "begins nothing"),
        ("x is ", 5, "a name or value is expected"),
        ("(x asc)", 3, "')' is expected"),
    ],
)
def test_a_text_that_is_no_expression(expression: str, position: int, reason: str) -> None:
    error = refused(expression)
    assert (error.kind, error.position) == ("syntax", position)
    assert reason in error.reason
    assert str(error) == f"at character {position}: {error.reason}"


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("name.foo()", 5, "no function foo()"),
        ("name.first(1)", 5, "first() is given 1 arguments"),
        ("name.where()", 5, "where() is given 0 arguments"),
        ("@2024-02-30", 0, "not in the calendar"),
        ("@T25:00", 0, "not in the calendar or on the clock"),
        ("name.ofType(1)", 12, "a type is expected"),
        ("name.given.$this", 11, "can't follow a point"),
    ],
)
def test_a_text_that_means_nothing(expression: str, position: int, reason: str) -> None:
    error = refused(expression)
    assert error.position == position
    assert reason in error.reason


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("name.given.single()", 11, "one item is expected, not 2"),
        ("name.select(given.single())", 18, "one item is expected, not 2"),
        ("1 + name.family.first()", 2, "System.Integer + System.String"),
        ("name.family > 1", 12, "only one item"),
        ("active | (name and true)", 15, "one Boolean is expected, not 2 items"),
        ("name.first().startsWith('a')", 13, "a String is expected, not FHIR.HumanName"),
        ("iif('x', 1)", 0, "not a Boolean"),
        ("name.ofType(Nothing)", 5, "no type 'Nothing'"),
        ("'x'.decode('hex')", 4, "not hex"),
        ("name.skip({})", 5, "an Integer is expected"),
        ("%unknown", 0, "%unknown is not defined"),
        ("'a'.replaceMatches('a', '$3')", 4, "a group that the pattern doesn't have"),
    ],
)
def test_an_evaluation_that_fails(expression: str, position: int, reason: str) -> None:
    error = refused(expression)
    assert (error.kind, error.position) == ("execution", position)
    assert reason in error.reason


@pytest.mark.parametrize(
    ("expression", "position"),
    [
        ("name.surname", 5),
        ("Observation.value", 0),
        ("name.where(kind = 'x')", 11),
        ("contact.name.select(given | nickname)", 28),
        ("deceased.as(boolean).start", 21),
        ("descendants().first()", 14),
        ("children()[0]", 10),
    ],
)
def test_strict_reading_finds_wrong_names_before_evaluation(expression: str, position: int) -> None:
    error = refused(expression, type_name="Patient", strict=True)
    assert (error.kind, error.position) == ("semantic", position)
    compile_path(expression, type_name="Patient")


def test_strict_reading_refuses_nothing_that_may_be_right() -> None:
    for expression in (
        "Patient.name.given.first() | contained.anything",
        "deceased.as(dateTime).extension('x').value.code",
        "name.repeat(period).start | Resource.id | $this.birthDate.extension",
        "contact.name.where(%resource.any.thing = family).given",
        "generalPractitioner.resolve().name.first() | name[0].family",
        "defineVariable('x', name).select(%x.given)",
    ):
        compile_path(expression, type_name="Patient", strict=True)


def test_as_of_several_items_is_an_error_only_where_reading_is_strict() -> None:
    assert compile_path("name.as(HumanName).family").evaluate(PATIENT) == ["a", "d"]
    assert "one item" in refused("name.as(HumanName)", strict=True).reason
    assert "one item" in refused("(name as HumanName)", strict=True).reason


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 101 + "1" + ")" * 101,
        "-" * 101 + "1",
        "iif(true, " * 101 + "1" + ")" * 101,
        "a" + "[0" * 101 + "]" * 101,
        "a" + ".b" * 201,
        " and ".join(["true"] * 202),
        "(" * 40 + "a" + ".b" * 10 + (")" + ".b" * 10) * 40,
        "'" + "x" * 70_000 + "'",
        "1" * 100,
    ],
)
def test_expressions_have_a_depth_and_a_length(expression: str) -> None:
    assert refused(expression).kind == "syntax"


def test_expressions_up_to_the_limits_work() -> None:
    assert compile_path("(" * 95 + "1" + ")" * 95).evaluate(PATIENT) == [1]
    assert compile_path(" and ".join(["true"] * 200)).evaluate(PATIENT) == [True]
    assert compile_path("a" + ".b" * 199).evaluate(PATIENT) == []


@pytest.mark.parametrize(
    "expression",
    [
        "1.repeat($this + 1)",
        "1.repeatAll($this)",
        "'a'.repeat($this & $this)",
        "(1 | 2).repeatAll(combine(1))",
    ],
)
def test_repetition_ends(expression: str) -> None:
    refused(expression)


def test_loops_in_loops_end() -> None:
    many = {"resourceType": "Patient", "name": [{"given": ["a"] * 600}]}
    inner = "%resource.name.given.where(%resource.name.given.where(false).exists())"
    path = compile_path(f"name.given.where({inner}.exists())")
    with pytest.raises(PathError, match="looked at"):
        path.evaluate(many)


def test_collections_do_not_grow_without_bounds() -> None:
    doubling = "name.combine(name)" + ".select($this.combine($this))" * 20
    assert "items" in refused(doubling).reason


@pytest.mark.parametrize(
    "expression",
    [
        "'0123456789'" + ".replace('', '0123456789')" * 7,
        "'x'" + ".encode('hex')" * 25,
        "'x'" + ".select($this & $this & $this & $this)" * 12,
        "'x'" + ".replaceMatches('x', 'xxxxxxxxxx')" * 8,
        f"name.given.select('{'x' * 30_000}' & $this).join()" + ".select($this & $this)" * 5,
    ],
)
def test_texts_do_not_grow_without_bounds(expression: str) -> None:
    assert str(MAX_TEXT) in refused(expression).reason


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*b",
        "(a|a)*b",
        "(a|ab|b)*c",
        "(.*)*x",
        "([a-z]+)*1",
        "(\\\\d+\\\\d*)+x",
        "((a{1,30}){1,30}){1,30}b",
        "(a|b|ab)*c",
        "(?:x+y?)+z",
        "(a)\\\\1",
        "(?=a+)b",
        "(?i:(a+)+)",
        "a?" * 26 + "a" * 28,
        "(a?){30}a{30}",
        "(a|a)" * 26 + "b",
    ],
)
def test_a_pattern_that_could_run_for_hours_is_refused(pattern: str) -> None:
    error = refused(f"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('{pattern}')")
    assert error.kind == "execution"


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]([A-Za-z0-9_]){0,254}$",
        "^[^\\\\s]+(\\\\s[^\\\\s]+)*$",
        "^(\\\\d{4}-\\\\d{2}-\\\\d{2})?$",
        ".*Library.*",
        "[A-Za-z0-9\\\\-\\\\.]{1,64}",
        "^(https?|urn):[^ ]*$",
        "(a|b)*abb",
        "^(Patient|Practitioner|PractitionerRole|Person|Procedure|PlanDefinition)/[^/]+$",
        "^a?b?c?d?e?f?g?h?i?j?k?l?m?n?o?p?q?r?s?t?$",
        "\\\\b(?<y>\\\\d+)/(?<m>\\\\d+)\\\\b",
    ],
)
def test_a_pattern_of_bounded_cost_is_taken(pattern: str) -> None:
    assert compile_path(f"'Abb'.matches('{pattern}')").evaluate(PATIENT) in ([True], [False])


def test_a_costly_pattern_gets_no_long_text() -> None:
    long = {"resourceType": "Patient", "name": [{"text": "ab" * 2_000}]}
    path = compile_path("name.text.matches('.*a.*a.*c')")
    with pytest.raises(PathError, match="too long for this pattern"):
        path.evaluate(long)
    assert compile_path("name.text.matches('^[ab]*$')").evaluate(long) == [True]


def test_a_resource_of_great_depth_is_walked_or_refused() -> None:
    item: dict[str, object] = {"linkId": "0"}
    for n in range(1, 5_000):
        item = {"linkId": str(n), "item": [item]}
    deep = {"resourceType": "Questionnaire", "item": [item]}
    assert compile_path("descendants().linkId.count()").evaluate(deep) == [5_000]
    with pytest.raises(PathError, match="too deep"):
        compile_path("item = item.trace('x').select($this.item | $this)").evaluate(deep)
