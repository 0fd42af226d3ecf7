"""Writes, for each resource type, the Python function that extracts its index values.

The members that the type's search parameters walk through are laid into one tree, so that each
is looked up once however many parameters need it; the tree is then written out as source. A
parameter is named in it by a constant, no expression is interpreted when a resource is indexed.
"""

from collections.abc import Callable
from itertools import count

import msgspec

from minkang.fhir.search import Parameter
from minkang.fhir.search_elements import AnyNotFalse, Get, JsonStep, Leaf, leaves
from minkang.fhir.search_parameters import SPELLINGS, Part, is_self, parameters_of, parts_of
from minkang.fhir.search_paths import Equals, PointsTo, branches

LISTS = (
    *("tokens", "identifiers", "identifier_types", "texts", "references", "urls", "logical"),
    *("dates", "numbers", "quantities", "strings", "uris", "composites"),
)
"""The lists of an extraction, in the order in which the functions return them."""

MOST_COMBINATIONS = 4096
"""Combinations of parts of a composite that are kept of one node, lest they explode."""

# What a value in one of the lists is called as part of a composite; texts are no values.
_PART_KINDS = {
    "tokens": "token",
    "identifiers": "identifier",
    "references": "reference",
    "urls": "url",
    "dates": "date",
    "numbers": "number",
    "quantities": "quantity",
    "strings": "string",
    "uris": "uri",
}


class _End(msgspec.Struct, frozen=True):
    """Values that a node of the tree gives.

    Attributes:
        kind: FHIR's search parameter type; `phonetic` for names by sound.
        type: FHIR type of the node.
        code: the parameter they are kept under; "" for a part of a composite.
        bit: the parameter's bit of the presence mask.
        part: name of the list that collects the part; "" for a parameter's own values.
    """

    kind: str
    type: str
    code: str = ""
    bit: int = 0
    part: str = ""


class _Group(msgspec.Struct, frozen=True):
    """A composite parameter at its node, and the names of the lists of its parts."""

    code: str
    bit: int
    parts: tuple[str, ...]


class _Node(msgspec.Struct):
    """A member in the tree."""

    children: dict[JsonStep, "_Node"] = {}
    ends: list[_End] = []
    groups: list[_Group] = []
    part_names: dict[Part, str] = {}
    # Parts of composites that start at the resource, not at this node.
    from_resource: list[tuple[Leaf, _End]] = []

    def at(self, steps: tuple[JsonStep, ...]) -> "_Node":
        node = self
        for step in steps:
            node = node.children.setdefault(step, _Node())
        return node


def source_of(resource_type: str) -> str:
    """Source of `extract(v0)`, which returns the lists of `LISTS` and the presence mask.

    It uses the functions of `extract_values`, `islice` and `product`.
    """
    root = _Node()
    fresh = count(1)
    for parameter in parameters_of(resource_type).values():
        if parameter.number < 0 or not is_self(parameter.code, parameter.stored):
            continue
        if parameter.kind == "composite":
            _plant_composite(root, parameter, fresh)
        else:
            kind = "phonetic" if parameter.code in SPELLINGS else parameter.kind
            for leaf in _leaves(parameter):
                end = _End(kind, leaf.type, parameter.code, 1 << parameter.number)
                _add(root, leaf, end)
    writer = _Writer(fresh)
    writer.line("def extract(v0):")
    with writer:
        for name in LISTS:
            writer.line(f"{name} = []")
        writer.line("present = 0")
        writer.node(root, "v0")
        writer.line(f"return {', '.join(LISTS)}, present")
    return writer.text()


def _leaves(parameter: Parameter) -> list[Leaf]:
    return [
        leaf for branch in branches(parameter.expression) for leaf in leaves(parameter.type, branch)
    ]


def _add(start: _Node, leaf: Leaf, end: _End) -> None:
    if end.part and (end.kind, end.type) not in _VALUES:
        return  # nothing would be written there
    ends = start.at(leaf.steps).ends
    if end not in ends:
        ends.append(end)


def _plant_composite(root: _Node, parameter: Parameter, fresh: "count[int]") -> None:
    parts = parts_of(parameter.type, parameter.code)
    for group in _leaves(parameter):
        node = root.at(group.steps)
        names = []
        for part in parts:
            name = node.part_names.get(part)
            if name is None:
                name = node.part_names[part] = f"part{next(fresh)}"
                _plant_part(node, parameter.type, group.type, part, name)
            names.append(name)
        node.groups.append(_Group(parameter.code, 1 << parameter.number, tuple(names)))


def _plant_part(node: _Node, resource_type: str, group_type: str, part: Part, name: str) -> None:
    for branch in part.branches:
        for leaf in leaves(resource_type if branch.from_resource else group_type, branch):
            end = _End(part.kind, leaf.type, part=name)
            if branch.from_resource:
                node.from_resource.append((leaf, end))
            else:
                _add(node, leaf, end)


class _Writer:
    """Lines of Python, indented by `with`."""

    def __init__(self, fresh: "count[int]") -> None:
        self._lines: list[str] = []
        self._indent = 0
        self._fresh = fresh

    def __enter__(self) -> None:
        self._indent += 1

    def __exit__(self, *_: object) -> None:
        self._indent -= 1

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    def node(self, node: _Node, variable: str) -> None:
        """What happens at a node whose JSON value is in `variable`."""
        for name in node.part_names.values():
            self.line(f"{name} = []")
        self._ends(node.ends, variable)
        for step, child in node.children.items():
            self._step(step, child, variable)
        for leaf, end in node.from_resource:
            inner = _Node()
            _add(inner, leaf, end)
            self.node(inner, "v0")
        for group in node.groups:
            self.line(f"if {' and '.join(group.parts)}:")
            with self:
                self.line(f"present |= {group.bit}")
                combinations = f"islice(product({', '.join(group.parts)}), {MOST_COMBINATIONS})"
                self.line(f"for y in {combinations}:")
                with self:
                    self.line(f"composites.append(({group.code!r}, y))")

    def _step(self, step: JsonStep, child: _Node, variable: str) -> None:
        if isinstance(step, Equals):
            self.line(f"if {variable}.get({step.name!r}) == {step.text!r}:")
            with self:
                self.node(child, variable)
        elif isinstance(step, PointsTo):
            self.line(f"if points_to({variable}, {step.type!r}):")
            with self:
                self.node(child, variable)
        elif isinstance(step, AnyNotFalse):
            inner = f"v{next(self._fresh)}"
            known = " or ".join(f"{variable}.get({key!r})" for key in step.keys)
            self.line(f"{inner} = bool({known})")
            self.node(child, inner)
        else:
            self._member(step, child, variable)

    def _member(self, step: Get, child: _Node, variable: str) -> None:
        inner = f"v{next(self._fresh)}"
        self.line(f"{inner} = {variable}.get({step.key!r})")
        self.line(f"if {inner} is not None:")
        with self:
            if not step.many:
                self.node(child, inner)
                return
            element = f"v{next(self._fresh)}"
            only = "" if step.only is None else f"[{step.only}:{step.only + 1}]"
            self.line(f"for {element} in {inner}{only}:")
            with self:
                # An array of primitives holds null where only an extension is.
                self.line(f"if {element} is not None:")
                with self:
                    self.node(child, element)

    def _ends(self, ends: list[_End], variable: str) -> None:
        bits = 0
        for end in ends:
            bits |= end.bit
        if bits:
            self.line(f"present |= {bits}")
        for key in dict.fromkeys((end.kind, end.type) for end in ends):
            write = _VALUES.get(key)
            if write is not None:
                alike = [end for end in ends if (end.kind, end.type) == key]
                write(self, variable, _Out(self, alike))


class _Out:
    """Writes values into the lists of all ends that share a node."""

    def __init__(self, writer: _Writer, ends: list[_End]) -> None:
        self._writer = writer
        self._ends = ends

    def __call__(self, target: str, *values: str) -> None:
        joined = ", ".join(values)
        for end in self._ends:
            if end.code:
                self._writer.line(f"{target}.append(({end.code!r}, {joined}))")
            elif target in _PART_KINDS:
                self._writer.line(f"{end.part}.append(({_PART_KINDS[target]!r}, ({joined},)))")

    def wants(self, target: str) -> bool:
        """Whether any end takes values of that list."""
        return target in _PART_KINDS or any(end.code for end in self._ends)


def _coding(w: _Writer, v: str, out: _Out) -> None:
    w.line(f"a = {v}.get('code', '')")
    w.line(f"s = {v}.get('system', '')")
    w.line("if a or s:")
    with w:
        out("tokens", "s", "a")
    _text(w, f"{v}.get('display')", out)


def _text(w: _Writer, value: str, out: _Out) -> None:
    if out.wants("texts"):
        w.line(f"t = {value}")
        w.line("if t is not None:")
        with w:
            out("texts", "t")


def _concept(w: _Writer, v: str, out: _Out) -> None:
    w.line(f"for c in {v}.get('coding', ()):")
    with w:
        _coding(w, "c", out)
    _text(w, f"{v}.get('text')", out)


def _identifier(w: _Writer, v: str, out: _Out) -> None:
    w.line(f"a = {v}.get('value', '')")
    w.line(f"s = {v}.get('system', '')")
    w.line("if a or s:")
    with w:
        out("identifiers", "s", "a")
    if out.wants("identifier_types"):
        w.line(f"k = {v}.get('type')")
        w.line("if k is not None:")
        with w:
            w.line("for c in k.get('coding', ()) if a else ():")
            with w:
                out("identifier_types", "c.get('system', '')", "c.get('code', '')", "a")
            _text(w, "k.get('text')", out)


def _bare_token(w: _Writer, v: str, out: _Out) -> None:
    out("tokens", "''", v)


def _boolean(w: _Writer, v: str, out: _Out) -> None:
    out("tokens", "''", f"'true' if {v} else 'false'")


def _contact_point(w: _Writer, v: str, out: _Out) -> None:
    w.line(f"a = {v}.get('value')")
    w.line("if a is not None:")
    with w:
        out("tokens", "''", "a")


def _reference_text(w: _Writer, out: _Out) -> None:
    w.line("l = local(a)")
    w.line("if l is not None:")
    with w:
        out("references", "l[0]", "l[1]")
    w.line("elif a[0] != '#':")
    with w:
        w.line("for u in unversioned(a):")
        with w:
            out("urls", "u")


def _reference(w: _Writer, v: str, out: _Out) -> None:
    w.line(f"a = {v}.get('reference')")
    w.line("if a:")
    with w:
        _reference_text(w, out)
    if out.wants("logical"):
        w.line(f"i = {v}.get('identifier')")
        w.line("if i is not None:")
        with w:
            w.line("a = i.get('value', '')")
            w.line("s = i.get('system', '')")
            w.line("if a or s:")
            with w:
                out("logical", "s", "a")


def _canonical_reference(w: _Writer, v: str, out: _Out) -> None:
    w.line(f"a = {v}")
    w.line("if a:")
    with w:
        _reference_text(w, out)


def _embedded(w: _Writer, v: str, out: _Out) -> None:
    # The first resource of a Bundle stands in it, it is not pointed to.
    w.line(f"a = {v}.get('id')")
    w.line("if a is not None:")
    with w:
        out("references", f"{v}['resourceType']", "a")


def _each(function: str, target: str, size: int = 1) -> Callable[[_Writer, str, _Out], None]:
    """A writer for types whose values a function of `extract_values` yields."""
    names = [f"y{n}" for n in range(size)]

    def write(w: _Writer, v: str, out: _Out) -> None:
        w.line(f"for {', '.join(names)} in {function}({v}):")
        with w:
            out(target, *names)

    return write


def _string(w: _Writer, v: str, out: _Out) -> None:
    out("strings", v)


def _uri(w: _Writer, v: str, out: _Out) -> None:
    out("uris", v)


def _number(w: _Writer, v: str, out: _Out) -> None:
    out("numbers", f"number({v})")


# By kind of parameter and FHIR type. Types that a kind can't compare (FHIR R4 3.1.1.4.8 to
# 3.1.1.4.15) are not named: a string of CarePlan's activity-date, SampledData, a Range as number,
# a Quantity of Group's characteristic-value.
_VALUES: dict[tuple[str, str], Callable[[_Writer, str, _Out], None]] = {
    ("token", "CodeableConcept"): _concept,
    ("token", "Coding"): _coding,
    ("token", "Identifier"): _identifier,
    ("token", "ContactPoint"): _contact_point,
    ("token", "boolean"): _boolean,
    ("token", "code"): _bare_token,
    ("token", "id"): _bare_token,
    ("token", "string"): _bare_token,
    ("token", "uri"): _bare_token,
    ("reference", "Reference"): _reference,
    ("reference", "canonical"): _canonical_reference,
    ("reference", "uri"): _canonical_reference,
    ("reference", "Resource"): _embedded,
    ("date", "date"): _each("date", "dates", 2),
    ("date", "dateTime"): _each("date", "dates", 2),
    ("date", "instant"): _each("date", "dates", 2),
    ("date", "Period"): _each("period", "dates", 2),
    ("date", "Timing"): _each("timing", "dates", 2),
    ("number", "integer"): _number,
    ("number", "decimal"): _number,
    ("quantity", "Quantity"): _each("quantity", "quantities", 5),
    ("quantity", "Age"): _each("quantity", "quantities", 5),
    ("quantity", "Duration"): _each("quantity", "quantities", 5),
    ("quantity", "Range"): _each("quantity_range", "quantities", 5),
    ("quantity", "Money"): _each("money", "quantities", 5),
    ("string", "string"): _string,
    ("string", "markdown"): _string,
    ("string", "HumanName"): _each("name_parts", "strings"),
    ("string", "Address"): _each("address_parts", "strings"),
    ("phonetic", "HumanName"): _each("spoken_names", "strings"),
    ("phonetic", "string"): _string,
    ("uri", "uri"): _uri,
    ("uri", "url"): _uri,
    ("uri", "canonical"): _each("unversioned", "uris"),
}
