"""Printing an expression and reading it again gives the same expression."""

from hypothesis import given
from hypothesis import strategies as st

from minkang.fhir.definitions import definitions
from minkang.fhir.path import PathError, compile_path
from minkang.fhir.path.parser import parse
from minkang.fhir.path.printer import to_text
from minkang.fhir.path.syntax import (
    CALENDAR_UNITS,
    PRECEDENCE,
    At,
    Binary,
    BooleanLiteral,
    Call,
    Empty,
    Expression,
    Index,
    Invoke,
    Member,
    NumberLiteral,
    Polarity,
    QuantityLiteral,
    SortKey,
    Special,
    StringLiteral,
    TemporalLiteral,
    TypeTest,
    Variable,
)

AT = At(0)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_names = st.one_of(
    st.sampled_from(["name", "given", "contains", "as", "is", "and", "div", "true", "sort", "day"]),
    _texts,
)
_numbers = st.one_of(
    st.integers(0, 10**12).map(str),
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(lambda p: f"{p[0]}.{p[1]:06}"),
)
_specials = st.sampled_from(["this", "index", "total"]).map(
    lambda name: Special(name, AT)  # type: ignore[arg-type]
)
_leaves: st.SearchStrategy[Expression] = st.one_of(
    st.just(Empty(AT)),
    st.booleans().map(lambda value: BooleanLiteral(value, AT)),
    _texts.map(lambda text: StringLiteral(text, AT)),
    _numbers.map(lambda text: NumberLiteral(text, AT)),
    st.sampled_from(["@2015", "@2015-02", "@2015T", "@2015-02-04T14:34:28.5+08:00", "@T14:30"]).map(
        lambda text: TemporalLiteral(text, AT)
    ),
    st.builds(
        lambda number, unit: QuantityLiteral(number, unit, False, AT),
        _numbers,
        st.sampled_from(sorted(CALENDAR_UNITS)),
    ),
    st.builds(lambda number, unit: QuantityLiteral(number, unit, True, AT), _numbers, _texts),
    _names.map(lambda name: Member(name, AT)),
    _names.map(lambda name: Variable(name, AT)),
    _specials,
)


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    calls = st.builds(
        lambda name, arguments: Call(name, tuple(arguments), AT),
        _names,
        st.lists(inner, max_size=3),
    )
    sorts = st.builds(
        lambda operand, descending: Call("sort", (SortKey(operand, descending, AT),), AT),
        inner,
        st.booleans(),
    )
    targets = st.one_of(_names.map(lambda name: Member(name, AT)), _specials, calls, sorts)
    operators = st.sampled_from(sorted(PRECEDENCE.keys() - {"is", "as"}))
    return st.one_of(
        calls,
        sorts,
        st.builds(lambda source, target: Invoke(source, target, AT), inner, targets),
        st.builds(lambda source, index: Index(source, index, AT), inner, inner),
        st.builds(
            lambda sign, operand: Polarity(sign, operand, AT),
            st.sampled_from(["+", "-"]),
            inner,
        ),
        st.builds(
            lambda operator, left, right: Binary(operator, left, right, AT),
            operators,
            inner,
            inner,
        ),
        st.builds(
            lambda operator, operand, name: TypeTest(operator, operand, (name,), AT),
            st.sampled_from(["is", "as"]),
            inner,
            _names,
        ),
    )


@given(st.recursive(_leaves, _larger, max_leaves=20))
def test_what_is_printed_is_read_again(tree: Expression) -> None:
    assert parse(to_text(tree)) == tree


@given(st.text(st.sampled_from("ab'`.()[]{}%$@12=<>~!|&*/+- \\\n,"), max_size=40))
def test_any_text_is_an_expression_or_refused_with_a_place(text: str) -> None:
    place: int | None = 0
    try:
        tree = parse(text)
    except PathError as error:
        place = error.position
    else:
        assert parse(to_text(tree)) == tree
    assert place is not None
    assert 0 <= place <= len(text)


def test_all_expressions_of_r4_are_read_and_printed() -> None:
    facts = definitions()
    expressions = {c.expression for t in facts.types.values() for c in t.constraints}
    expressions |= {p.expression for ps in facts.parameters.values() for p in ps}
    assert len(expressions) > 1_000
    for expression in expressions:
        tree = parse(expression)
        assert parse(to_text(tree)) == tree


def test_search_parameters_of_r4_name_only_what_there_is() -> None:
    for type_name, parameters in definitions().parameters.items():
        for parameter in parameters:
            compile_path(parameter.expression, type_name=type_name, strict=True)
