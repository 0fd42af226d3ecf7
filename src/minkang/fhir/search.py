"""A search as data: what FHIR's search syntax means, before anybody knows where to look.

FHIR R4 3.1.1. `fhir.search_syntax` makes these records from a query string, the store compiles
them into SQL. Everything that is wrong with a query is found while they are made.
"""

from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

ParameterKind = Literal[
    "string", "token", "reference", "date", "number", "quantity", "uri", "composite", "special"
]
Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]


class Stored(msgspec.Struct, frozen=True):
    """Where the values of a parameter are kept.

    A parameter that R4 defines as another one's values, or as the union of others', has no values
    of its own: `patient` is `subject` when it points to a Patient, `combo-code` is `code` and
    `component-code`.

    Attributes:
        code: code of the parameter, of the same type, under which values are extracted.
        targets: only references to these types; None means any.
    """

    code: str
    targets: frozenset[str] | None = None


class Parameter(msgspec.Struct, frozen=True):
    """A search parameter of one resource type.

    Attributes:
        type: the resource type.
        code: its name in a query, e.g. `birthdate`, `_lastUpdated`.
        kind: FHIR's search parameter type.
        number: position among the type's parameters, for presence masks; -1 where none is kept.
        expression: FHIRPath, as R4 gives it for this type.
        targets: of a reference: types that it may point to.
        stored: where its values are kept; for most one entry that names the parameter itself.
        components: of a composite: the parameters of its parts, in order.
    """

    type: str
    code: str
    kind: ParameterKind
    number: int
    expression: str
    targets: frozenset[str] = frozenset()
    stored: tuple[Stored, ...] = ()
    components: tuple["Parameter", ...] = ()


class TokenValue(msgspec.Struct, frozen=True):
    """`code`, `system|code`, `|code`, `system|`.

    `system` None: any system; "": explicitly without one. `code` None: any code of the system.
    """

    system: str | None
    code: str | None


class OfTypeValue(msgspec.Struct, frozen=True):
    """`identifier:of-type=system|code|value`: the identifier's type and its value."""

    system: str
    code: str
    value: str


class StringValue(msgspec.Struct, frozen=True):
    """A text to be found: as given; the index folds case, width and accents."""

    text: str


class ReferenceValue(msgspec.Struct, frozen=True):
    """A reference: local (`type` may be None if only an id was given), or a URL."""

    type: str | None = None
    id: str | None = None
    url: str | None = None


class UriValue(msgspec.Struct, frozen=True):
    """A URI, matched whole unless a modifier says otherwise."""

    uri: str


class DateValue(msgspec.Struct, frozen=True):
    """A date of any precision as the span that it covers, [low, high) in microseconds UTC."""

    prefix: Prefix
    low: int
    high: int


class NumberValue(msgspec.Struct, frozen=True):
    """A number and the range that its digits imply, [low, high): 5.40 is 5.395 to 5.405."""

    prefix: Prefix
    value: Decimal
    low: Decimal
    high: Decimal


class QuantityValue(msgspec.Struct, frozen=True):
    """A number with a unit; `system` None: any, and `code` is a unit's code or its printed text.

    `code` None: any unit.
    """

    number: NumberValue
    system: str | None
    code: str | None


class CompositeValue(msgspec.Struct, frozen=True):
    """One value for each part of a composite parameter, in order."""

    parts: tuple["Value", ...]


Value: TypeAlias = (
    TokenValue
    | OfTypeValue
    | StringValue
    | ReferenceValue
    | UriValue
    | DateValue
    | NumberValue
    | QuantityValue
    | CompositeValue
)


class Clause(msgspec.Struct, frozen=True):
    """`name:modifier=value,value`: one of the values matches.

    Attributes:
        modifier: None, or one of `exact contains missing not text in not-in below above of-type
            identifier phonetic`; a type modifier (`subject:Patient=`) is resolved into the values.
        values: alternatives; for `missing` empty.
        missing: of `:missing`: whether the element shall be missing.
    """

    parameter: Parameter
    modifier: str | None
    values: tuple[Value, ...]
    missing: bool | None = None


class Chain(msgspec.Struct, frozen=True):
    """`subject:Patient.name=...`: the reference points to a resource that fulfils a condition.

    Attributes:
        parameter: the reference parameter of the resource searched for.
        inner: the condition for each type that the reference may point to (the parameter was
            found for all of them).
    """

    parameter: Parameter
    inner: tuple[tuple[str, "Condition"], ...]


class Has(msgspec.Struct, frozen=True):
    """`_has:Observation:patient:code=...`: a resource that points here fulfils a condition.

    Attributes:
        type: type of the resources that point here.
        parameter: their reference parameter.
        inner: what they fulfil.
    """

    type: str
    parameter: Parameter
    inner: "Condition"


Condition: TypeAlias = Clause | Chain | Has


class Include(msgspec.Struct, frozen=True):
    """`_include` and `_revinclude`.

    Attributes:
        reverse: `_revinclude`.
        type: type of the resource that holds the reference; None for `*`.
        parameter: the reference parameter; None for all of the type.
        target: only targets of this type.
        iterate: also from what was itself included.
    """

    reverse: bool
    type: str | None
    parameter: Parameter | None
    target: str | None = None
    iterate: bool = False


class Sort(msgspec.Struct, frozen=True):
    """One key of `_sort`."""

    parameter: Parameter
    descending: bool


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A whole search.

    Attributes:
        types: resource types searched (more than one only for a search across types).
        conditions: all of them hold; for a search across types they are of parameters that all
            the types share (`_id`, `_lastUpdated`, `_tag`, `_profile`, `_security`, `_source`),
            and those given are of the first type.
        count: matches a page, 0 to 1,000 (0 asks for the total alone).
        total: `_total`: `none` unless asked.
        summary: `_summary`; `count` asks for the total alone.
        elements: `_elements`, top-level names; empty for all.
        after: the key at which the page before ended, as the store gave it out.
        ignored: parameters left out because handling was lenient, as they were given.
    """

    types: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    includes: tuple[Include, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 20
    total: Literal["none", "estimate", "accurate"] = "none"
    summary: Literal["true", "text", "data", "count", "false"] = "false"
    elements: tuple[str, ...] = ()
    after: str | None = None
    ignored: tuple[str, ...] = ()
