"""Looking at an expression before it is evaluated: names and order (FHIRPath 2.0, section 11).

Types are followed as far as they are certain; where they are not, nothing is refused.
"""

import msgspec

from minkang.fhir.path.error import PathError
from minkang.fhir.path.forms import type_argument
from minkang.fhir.path.model import CHOICE, RESOURCE, UNKNOWN, is_subtype, is_type, plan
from minkang.fhir.path.syntax import (
    Binary,
    Call,
    Expression,
    Index,
    Invoke,
    Member,
    Special,
    TypeTest,
    children,
)


class _Shape(msgspec.Struct, frozen=True):
    """What is known of a collection: its possible FHIR types (None: any), and if it has order."""

    types: frozenset[str] | None = None
    ordered: bool = True


_ANY = _Shape()
_SAME = frozenset(
    "where first last tail skip take single distinct trace exclude intersect sort".split()
)
_IN_ORDER = frozenset(["first", "last", "tail", "skip", "take"])
_LAMBDAS = frozenset(["where", "exists", "all", "select", "trace", "sort", "iif"])


def check(tree: Expression, type_name: str) -> None:
    """Looks at an expression that will be evaluated on elements of a type.

    Raises:
        PathError: a name that none of the possible types has, or the first (or another place) of
            items without order.
    """
    start = _Shape(frozenset([type_name]))
    _shape(tree, start)


def _shape(node: Expression, this: _Shape) -> _Shape:
    match node:
        case Member(name=name):
            return _root(node, name, this)
        case Special(name="this"):
            return this
        case Invoke(source=source, target=Member(name=name) as target):
            return _step(_shape(source, this), name, target.at.offset)
        case Invoke(source=source, target=Call() as call):
            return _call(call, _shape(source, this), this)
        case Call():
            return _call(node, this, this)
        case Index(source=source, index=index):
            _shape(index, this)
            found = _shape(source, this)
            _need_order(found, "an index", node.at.offset)
            return found
        case TypeTest(operator="as", operand=operand, type=parts):
            return _narrowed(_shape(operand, this), parts[-1])
        case Binary(operator="|", left=left, right=right):
            return _either(_shape(left, this), _shape(right, this))
        case _:
            for child in children(node):
                _shape(child, this)
            return _ANY


def _root(node: Member, name: str, this: _Shape) -> _Shape:
    if this.types is not None and name[:1].isupper() and is_type(name):
        if any(is_subtype(kind, name) for kind in this.types):
            return this
        raise PathError("semantic", f"the path does not begin at a {name}", node.at.offset)
    return _step(this, name, node.at.offset)


def _step(source: _Shape, name: str, place: int) -> _Shape:
    if source.types is None:
        return _Shape(None, source.ordered)
    found: set[str] = set()
    known = False
    for kind in source.types:
        how = plan(kind, name)
        if how is None:
            if kind in ("Resource", "DomainResource", "Element", "BackboneElement"):
                return _Shape(None, source.ordered)
            continue
        known = True
        if how.form == CHOICE:
            found |= {kind for kind, _ in how.choices.values()}
        elif how.form in (RESOURCE, UNKNOWN) or how.type is None:
            return _Shape(None, source.ordered)
        else:
            found.add(how.type)
    if not known:
        kinds = ", ".join(sorted(source.types))
        raise PathError("semantic", f"{kinds} has no element {name!r}", place)
    return _Shape(frozenset(found), source.ordered)


def _call(call: Call, source: _Shape, this: _Shape) -> _Shape:
    name, place = call.name, call.at.offset
    if name in ("ofType", "as"):
        return _narrowed(source, type_argument(call.arguments[0])[-1])
    if name == "is":
        return _ANY
    if name in _IN_ORDER:
        _need_order(source, f"{name}()", place)
    inner = source if name in _LAMBDAS else this
    if name in ("repeat", "repeatAll", "aggregate", "defineVariable"):
        # What comes of the first round is what the second works on.
        inner = _ANY
    shapes = [_shape(argument, inner) for argument in call.arguments]
    if name in _SAME or name == "defineVariable":
        return source
    if name == "select":
        return _Shape(shapes[0].types, source.ordered and shapes[0].ordered)
    if name in ("union", "combine"):
        return _either(source, shapes[0])
    if name == "extension":
        return _Shape(frozenset(["Extension"]), source.ordered)
    return _Shape(None, ordered=name not in ("children", "descendants"))


def _narrowed(source: _Shape, name: str) -> _Shape:
    return _Shape(frozenset([name]) if is_type(name) else None, source.ordered)


def _either(left: _Shape, right: _Shape) -> _Shape:
    both = None if left.types is None or right.types is None else left.types | right.types
    return _Shape(both, left.ordered and right.ordered)


def _need_order(source: _Shape, what: str, place: int) -> None:
    if not source.ordered:
        raise PathError("semantic", f"{what} of items that have no order", place)
