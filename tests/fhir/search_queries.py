"""Random queries that are right, for properties of whatever reads or answers them."""

from hypothesis import strategies as st

from minkang.fhir.definitions import definitions
from minkang.fhir.search import Parameter
from minkang.fhir.search_parameters import UNSUPPORTED, parameters_of, value_types
from minkang.fhir.search_text import escape

Pair = tuple[str, str]

PREFIXES = st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"])
PLAIN = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
IDS = st.text("abcXYZ019-.", min_size=1, max_size=20)
DATES = st.sampled_from(
    ["2024", "2024-02", "2024-02-29", "2024-02-29T08:30:00+08:00", "1987-04-12T00:15Z", "9999"]
)
NUMBERS = st.from_regex(r"\A-?[0-9]{1,6}(\.[0-9]{1,4})?(e-?[0-9]{1,2})?\Z")
SEARCHED = (
    "Patient",
    "Observation",
    "Encounter",
    "DocumentReference",
    "MolecularSequence",
    "Group",
)


@st.composite
def _token(draw: st.DrawFn, p: Parameter) -> str:
    if value_types(p.type, p.code) == {"boolean"}:
        return draw(st.sampled_from(["true", "false"]))
    system, code = escape(draw(PLAIN)), escape(draw(PLAIN))
    return draw(st.sampled_from([code, f"{system}|{code}", f"|{code}", f"{system}|"]))


@st.composite
def _value(draw: st.DrawFn, p: Parameter) -> str:
    match p.kind:
        case "token":
            return draw(_token(p))
        case "string" | "uri":
            return escape(draw(PLAIN))
        case "reference":
            target = draw(st.sampled_from(sorted(p.targets)))
            identity = draw(IDS)
            return draw(st.sampled_from([identity, f"{target}/{identity}", "http://a/b|2"]))
        case "date":
            return draw(PREFIXES) + draw(DATES)
        case "number":
            return draw(PREFIXES) + draw(NUMBERS)
        case "quantity":
            unit = draw(st.sampled_from(["", "||mg", "|http://unitsofmeasure.org|mm[Hg]"]))
            return draw(PREFIXES) + draw(NUMBERS) + unit
        case "composite":
            return "$".join(draw(_value(part)) for part in p.components)
    raise AssertionError(p.kind)


@st.composite
def clauses(draw: st.DrawFn, resource_type: str) -> Pair:
    """`name:modifier=value,value` of a resource type."""
    known = [p for p in parameters_of(resource_type).values() if p.kind not in UNSUPPORTED]
    p = draw(st.sampled_from(known))
    if draw(st.integers(0, 9)) == 0:
        return f"{p.code}:missing", draw(st.sampled_from(["true", "false"]))
    texts = {
        "string": ["", ":exact", ":contains"] if p.code != "phonetic" else [""],
        "token": ["", ":not", ":text"],
        "uri": ["", ":below"],
    }
    modifier = draw(st.sampled_from(texts.get(p.kind, [""])))
    one = escape_text() if modifier == ":text" else _value(p)
    values = draw(st.lists(one, min_size=1, max_size=3))
    return p.code + modifier, ",".join(values)


def escape_text() -> st.SearchStrategy[str]:
    """A text as a value."""
    return PLAIN.map(escape)


@st.composite
def conditions(draw: st.DrawFn, resource_type: str, deeper: int = 2) -> Pair:
    """A clause, a chain or `_has`."""
    known = parameters_of(resource_type).values()
    links = [p for p in known if p.kind == "reference" and p.targets]
    form = draw(st.integers(0, 5)) if deeper and links else 0
    if form == 4:
        link = draw(st.sampled_from(links))
        target = draw(st.sampled_from(sorted(link.targets & definitions().parameters.keys())))
        name, value = draw(conditions(target, deeper - 1))
        return f"{link.code}:{target}.{name}", value
    if form == 5:
        pointing = [
            (other, p.code)
            for other in SEARCHED
            for p in parameters_of(other).values()
            if p.kind == "reference" and resource_type in p.targets
        ]
        if pointing:
            other, code = draw(st.sampled_from(pointing))
            name, value = draw(conditions(other, deeper - 1))
            return f"_has:{other}:{code}:{name}", value
    return draw(clauses(resource_type))


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, list[Pair]]:
    """A resource type, and pairs of names and values that search it."""
    resource_type = draw(st.sampled_from(SEARCHED))
    pairs = draw(st.lists(conditions(resource_type), max_size=4))
    optional = [
        ("_sort", "-_lastUpdated,_id"),
        ("_count", str(draw(st.integers(0, 1000)))),
        ("_total", draw(st.sampled_from(["none", "estimate", "accurate"]))),
        ("_summary", draw(st.sampled_from(["true", "text", "data", "count", "false"]))),
        ("_elements", "id,meta"),
        ("_after", draw(PLAIN)),
        ("_include", draw(st.sampled_from(["*", "Encounter:*", "Encounter:subject:Patient"]))),
        ("_revinclude:iterate", "Provenance:target"),
    ]
    return resource_type, pairs + draw(st.lists(st.sampled_from(optional), unique=True))
