"""A clause of a search as a set that an index gives, and what an index can't tell.

The other half of `index_rows`: both make the same hashes of the same values. A comparison means
what R4 3.1.1.5.6 says of ranges: `eq` the search range contains the value's, `gt` the value's
reaches above it, and so on.
"""

import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import cache
from itertools import product

import msgspec

from minkang.fhir import TYPE_CODES, Problem, Refused
from minkang.fhir.extract import Extracted
from minkang.fhir.search import (
    Clause,
    CompositeValue,
    DateValue,
    NumberValue,
    OfTypeValue,
    Parameter,
    QuantityValue,
    ReferenceValue,
    StringValue,
    TokenValue,
    UriValue,
    Value,
)
from minkang.fhir.search_elements import Get, leaves
from minkang.fhir.search_parameters import parameters_of, value_types
from minkang.fhir.search_paths import branches
from minkang.fhir.search_values import fold
from minkang.store.comparisons import date_bounds, date_spans, number_in, number_spans
from minkang.store.connection import Connection
from minkang.store.drives import (
    Coarse,
    Drive,
    Either,
    Ids,
    Marks,
    Span,
    Spans,
    Strings,
    Terms,
    Texts,
)
from minkang.store.index_rows import text_of
from minkang.store.late import Late, late_of
from minkang.store.marked import coarse_of, unique_of
from minkang.store.names import pinyin_keys
from minkang.store.seen import systems_of, units_of
from minkang.store.sql import Sql
from minkang.store.stored import Stored
from minkang.store.terms import (
    CONTAINED,
    PERSONAL,
    PREFIXES,
    SHARED,
    code_hash,
    parameter_hash,
    resource_hash,
    system_hash,
    text_prefix,
    turned,
    unit_hash,
    uri_hash,
)
from minkang.store.terms import Terms as Hashes

Batch = Callable[[Sequence[Stored]], Awaitable[list[bool]]]
"""What other resources must be asked for, for some candidates at once."""

Condition = Callable[[Sql, str], str]
"""Writes a condition on the row of store.resource with the alias given."""

_INFINITE = math.inf
_LAST = "\U0010ffff"


class Updated(msgspec.Struct, frozen=True):
    """A range of times of the last change, both inclusive, in microseconds since 1970."""

    low: float
    high: float


class Test(msgspec.Struct, frozen=True):
    """What a clause asks of a resource.

    Attributes:
        drive: the set that it belongs to; with `negated`, that it does not belong to.
        present: search parameters of which it has one: (mask, wanted) on the column `present`.
        updated: alternatives for the time of its last change.
        condition: what the other end of a reference decides, within the query itself.
        late: what else the resource must tell itself.
        batch: what other resources tell about some candidates.
        nothing: no resource can fulfil it.
    """

    drive: Drive | None = None
    negated: bool = False
    present: tuple[int, bool] | None = None
    updated: tuple[Updated, ...] | None = None
    condition: Condition | None = None
    late: Late | None = None
    batch: Batch | None = None
    nothing: bool = False


async def compile_clause(
    hashes: Hashes, connection: Connection, types: Sequence[str], clause: Clause
) -> Test:
    """The test that a clause is, for resources of some types.

    Raises:
        Refused: the combination of parameter and modifier is none that the store can answer.
    """
    parameter, modifier = clause.parameter, clause.modifier
    if clause.missing is not None:
        return _missing(types, parameter, missing=clause.missing)
    if parameter.code == "_id":
        return _id(types, clause)
    if parameter.code == "_lastUpdated":
        return Test(updated=tuple(one for value in clause.values for one in _updated(value)))
    if modifier in ("in", "not-in", "above", "below") and parameter.kind != "uri":
        raise _refused(parameter, modifier)
    if modifier == "text" or (parameter.kind == "uri" and modifier in ("above", "below")):
        return Test(present=(_mask(types, parameter), True), late=late_of(clause))
    if parameter.kind == "string" or parameter.code == "phonetic":
        return _strings(hashes, types, clause)
    compiled = _Compiling(hashes, connection, types, parameter, modifier)
    return await compiled.test(clause)


def both(parameter: Parameter, one: Test, other: Test) -> Test | None:
    """Two clauses on a parameter as one test, so that a period is one range of an index.

    None unless both are ranges, and of an element that a resource has once at most: of several
    values one may fulfil the first clause and another the second.
    """
    ranges = [test.drive for test in (one, other) if not (test.negated or test.late)]
    match ranges:
        case [Spans(first), Spans(second)] if _stands_once(parameter.type, parameter.code):
            common = {
                (number, max(a, e), min(b, f), max(c, g), min(d, h))
                for number, a, b, c, d in first
                for also, e, f, g, h in second
                if number == also and max(a, e) <= min(b, f) and max(c, g) <= min(d, h)
            }
            return Test(drive=Spans(tuple(sorted(common)))) if common else Test(nothing=True)
    return None


@cache
def _stands_once(resource_type: str, code: str) -> bool:
    expression = parameters_of(resource_type)[code].expression
    ways = [leaf for branch in branches(expression) for leaf in leaves(resource_type, branch)]
    places = {(way.steps[:-1], way.element.name) for way in ways if way.element is not None}
    gets = [step for way in ways for step in way.steps]
    return len(places) == 1 and all(isinstance(step, Get) and not step.many for step in gets)


def _refused(parameter: Parameter, modifier: str | None) -> Refused:
    text = f"检索参数 {parameter.code} 不支持修饰符 {modifier}"
    return Refused([Problem("search", f"{parameter.code}:{modifier}", "modifier", text)])


def _mask(types: Sequence[str], parameter: Parameter) -> int:
    """The bits of all parameters that hold the values of one (the same for all `types`)."""
    mask = 0
    known = parameters_of(types[0])
    for stored in parameter.stored:
        number = known[stored.code].number
        if number >= 0:
            mask |= 1 << number
    return mask


def _missing(types: Sequence[str], parameter: Parameter, *, missing: bool) -> Test:
    if parameter.code in ("_id", "_lastUpdated"):
        return Test(nothing=missing)
    if any(stored.targets is not None for stored in parameter.stored):
        return Test(late=lambda values: _has_any(parameter, values) is not missing)
    return Test(present=(_mask(types, parameter), not missing))


def _has_any(parameter: Parameter, values: Extracted) -> bool:
    found = {(code, target) for code, target, _ in values.references}
    found |= {(code, _type_in(url)) for code, url in values.urls}
    return any(
        code == stored.code and (stored.targets is None or target in stored.targets)
        for stored in parameter.stored
        for code, target in found
    )


def _type_in(url: str) -> str:
    """The type that a URL of a resource elsewhere names, or ""."""
    return "".join(url.partition("/_history/")[0].split("/")[-2:-1])


def _id(types: Sequence[str], clause: Clause) -> Test:
    ids = tuple(
        value.code for value in clause.values if isinstance(value, TokenValue) and value.code
    )
    codes = tuple(TYPE_CODES[name] for name in types)
    return Test(drive=Ids(codes, ids), negated=clause.modifier == "not")


def _updated(value: Value) -> Iterator[Updated]:
    """The times (whole milliseconds, as `lastUpdated` shows them) that fulfil a comparison."""
    assert isinstance(value, DateValue)  # noqa: S101 - the parameter is a date
    instant = 1_000.0  # an instant of milliseconds covers a thousandth of a second
    low, high = date_bounds(value)
    match value.prefix:
        case "eq":
            yield Updated(low, high - instant)
        case "ap":
            yield Updated(low - instant + 1, high - 1)
        case "gt":
            yield Updated(high - instant + 1, _INFINITE)
        case "lt":
            yield Updated(-_INFINITE, low - 1)
        case "ge":
            yield Updated(low, _INFINITE)
        case "le":
            yield Updated(-_INFINITE, high - instant)
        case "sa":
            yield Updated(high, _INFINITE)
        case "eb":
            yield Updated(-_INFINITE, low - instant)
        case "ne":
            yield Updated(-_INFINITE, low - 1)
            yield Updated(high - instant + 1, _INFINITE)


# -- strings ---------------------------------------------------------------------------------


def _strings(hashes: Hashes, types: Sequence[str], clause: Clause) -> Test:
    texts = [value.text for value in clause.values if isinstance(value, StringValue)]
    codes = [stored.code for stored in clause.parameter.stored]
    if clause.parameter.code == "phonetic":
        return Test(drive=Terms(tuple(_pinyin(hashes, types, texts))))
    if clause.modifier == "contains":
        groups = {
            tuple(hashes.containing(kind, CONTAINED[code], fold(text))) if code in CONTAINED else ()
            for kind in types
            for code in codes
            for text in texts
        }
        late = late_of(clause)
        if () in groups:
            return Test(present=(_mask(types, clause.parameter), True), late=late)
        return Test(drive=Marks(tuple(sorted(groups))), late=late)
    personal = types[0] in PERSONAL
    folded = [text_of(text) for text in texts]
    exact = clause.modifier == "exact"
    cut = any(len(fold(text)) > len(kept) for text, kept in zip(texts, folded, strict=True))
    if not all(folded):
        return Test(present=(_mask(types, clause.parameter), True), late=late_of(clause))
    if personal:
        short = [text_prefix(text) for text in folded]
        numbers = {
            hashes.prefix(kind, CONTAINED.get(code, code), text)
            for kind in types
            for code in codes
            for text in short
        }
        elsewhere = any(CONTAINED.get(code, code) != code for code in codes)
        late_needed = exact or elsewhere or any(len(text) not in PREFIXES for text in folded)
        return Test(
            drive=Terms(tuple(sorted(numbers))), late=late_of(clause) if late_needed else None
        )
    ranges: list[Texts] = [
        (parameter_hash(kind, code), text, text if exact else text + _LAST)
        for kind in types
        for code in codes
        for text in folded
    ]
    return Test(drive=Strings(tuple(ranges)), late=late_of(clause) if exact or cut else None)


def _pinyin(hashes: Hashes, types: Sequence[str], texts: Sequence[str]) -> Iterator[int]:
    for kind in types:
        for text in texts:
            keys = pinyin_keys(text)
            longest = max(map(len, keys), default=0)
            # A text of Chinese characters is asked for by all of its readings in full.
            full = [text] if text.isascii() else [key for key in keys if len(key) >= longest - 2]
            yield from (hashes.phonetic(kind, key) for key in full)


# -- everything that is hashed or compared ------------------------------------------------------


class _Compiling:
    """One clause under way: what its values become."""

    def __init__(
        self,
        hashes: Hashes,
        connection: Connection,
        types: Sequence[str],
        parameter: Parameter,
        modifier: str | None,
    ) -> None:
        self._hashes = hashes
        self._connection = connection
        self._types = types
        self._parameter = parameter
        self._modifier = modifier
        self._numbers: set[int] = set()
        self._spans: set[Span] = set()
        self._texts: set[Texts] = set()
        self._marks: set[tuple[int, ...]] = set()
        self._coarse: set[int] = set()
        self._inexact = False
        self._unsure = False
        self._unit_by_text = False

    async def test(self, clause: Clause) -> Test:
        for value in clause.values:
            await self._value(value)
        negated = clause.modifier == "not"
        if self._inexact:
            late = late_of(clause)
            if negated:
                return Test(late=lambda values: not late(values))
            return Test(present=(_mask(self._types, self._parameter), True), late=late)
        drives: list[Drive] = []
        if self._spans:
            drives.append(Spans(tuple(sorted(self._spans))))
        if self._texts:
            drives.append(Strings(tuple(sorted(self._texts))))
        if self._marks:
            drives.append(Marks(tuple(sorted(self._marks))))
        if self._numbers:
            drives.append(Terms(tuple(sorted(self._numbers))))
        if self._coarse:
            drives.append(Coarse(tuple(sorted(self._coarse))))
        if not drives:
            return Test(nothing=not negated)
        drive = drives[0] if len(drives) == 1 else Either(tuple(drives))
        late_needed = self._unit_by_text and self._parameter.kind == "quantity"
        return Test(drive=drive, negated=negated, late=late_of(clause) if late_needed else None)

    async def _value(self, value: Value) -> None:
        if isinstance(value, CompositeValue):
            await self._composite(value)
            return
        for kind in self._types:
            for stored in self._parameter.stored:
                base = parameter_hash(kind, stored.code)
                match value:
                    case TokenValue():
                        await self._token(kind, stored.code, value)
                    case OfTypeValue(system, code, text):
                        number = self._hashes.identifier(
                            kind, f"{stored.code}:of-type", f"{system}|{code}", text
                        )
                        self._marks.add((number,))
                    case ReferenceValue():
                        self._reference(base, stored.targets, value)
                    case UriValue(uri):
                        self._marks.add((base ^ uri_hash(uri),))
                    case DateValue():
                        self._spans.update(date_spans(base, value))
                    case NumberValue():
                        self._spans.update(number_spans(base, value))
                    case QuantityValue():
                        await self._quantity(base, value)
                    case _:
                        raise _refused(self._parameter, self._modifier)

    async def _token(self, kind: str, code: str, value: TokenValue) -> None:
        if self._modifier == "identifier":
            code = f"{code}:identifier"
        if value.code is None:
            self._inexact = True
            return
        base = parameter_hash(kind, code)
        systems = [value.system]
        if value.system is None:
            systems = list(await systems_of(self._connection, base))
        for system in systems:
            assert system is not None  # noqa: S101 - read from a column that is not null
            secret = self._hashes.identifier(kind, code, system, value.code)
            if self._modifier == "identifier":
                self._marks.add((secret,))
                continue
            if _may_be_secret(kind, code):
                self._numbers.add(secret)
            number = base ^ system_hash(system) ^ code_hash(value.code)
            if code in unique_of(kind):
                self._marks.add((number,))
            else:
                (self._coarse if code in coarse_of(kind) else self._numbers).add(number)

    def _reference(self, base: int, targets: frozenset[str] | None, value: ReferenceValue) -> None:
        if value.url is not None and (targets is None or _type_in(value.url) in targets):
            self._marks.add((base ^ uri_hash(value.url),))
        if value.id is None:
            return
        allowed = targets or self._parameter.targets or frozenset(TYPE_CODES)
        wanted = allowed if value.type is None else allowed & {value.type}
        for target in wanted:
            number = base ^ resource_hash(target, value.id)
            if target in SHARED:
                self._numbers.add(number)
            else:
                self._marks.add((number,))

    async def _quantity(self, base: int, value: QuantityValue) -> None:
        for unit, number in await self._units(base, value):
            self._spans.update(number_spans(base ^ unit, number))

    async def _composite(self, value: CompositeValue) -> None:
        for kind in self._types:
            for stored in self._parameter.stored:
                await self._group(kind, stored.code, value.parts)

    async def _group(self, kind: str, code: str, parts: Sequence[Value]) -> None:
        """All hashes of the exact parts, each with the ranges of the part that has an extent."""
        alternatives: list[list[int]] = []
        ranged: Sequence[tuple[int, NumberValue | DateValue]] | None = None
        text: str | None = None
        for place, part in enumerate(parts):
            registered = parameter_hash(kind, f"{code}${place}")
            match part:
                case TokenValue(system, token) if token is not None:
                    systems = [system]
                    if system is None:
                        systems = list(await systems_of(self._connection, registered))
                    name = f"{code}${place}"
                    numbers = [
                        turned(number, place)
                        for one in systems
                        for number in (
                            system_hash(one or "") ^ code_hash(token),
                            self._hashes.identifier(kind, name, one or "", token),
                        )
                    ]
                    alternatives.append(numbers)
                case ReferenceValue(target, target_id, _) if target_id is not None:
                    wanted = [target] if target else sorted(TYPE_CODES)
                    alternatives.append(
                        [turned(resource_hash(one, target_id), place) for one in wanted]
                    )
                case UriValue(uri):
                    alternatives.append([turned(uri_hash(uri), place)])
                case StringValue(given):
                    text = text_of(given)
                case QuantityValue() if ranged is None:
                    units = await self._units(registered, part)
                    ranged = [(turned(unit, place), number) for unit, number in units]
                case NumberValue() | DateValue() if ranged is None:
                    ranged = [(0, part)]
                case QuantityValue() | NumberValue() | DateValue():
                    self._unsure = True  # the row has the first extent only
                case _:
                    raise _refused(self._parameter, self._modifier)
        base = parameter_hash(kind, code)
        for chosen in product(*alternatives):
            number = base
            for one in chosen:
                number ^= one
            if text is not None:
                self._texts.add((number, text, text + _LAST))
            elif ranged is None:
                self._numbers.add(number)
            else:
                for unit, value in ranged:
                    self._spans.update(
                        date_spans(number ^ unit, value)
                        if isinstance(value, DateValue)
                        else number_spans(number ^ unit, value)
                    )

    async def _units(self, base: int, value: QuantityValue) -> list[tuple[int, NumberValue]]:
        """Hashes of the units seen that a value may be meant in, with the number in each."""
        found: dict[int, NumberValue] = {}
        for system, code, unit in await units_of(self._connection, base):
            number = number_in(value, system, code, unit)
            if number is not None:
                found[unit_hash(system, code) if code else unit_hash("", unit)] = number
                # One code has several printed texts, and only the code is kept.
                by_text = value.system is None and value.code not in (None, code)
                self._unit_by_text |= by_text and bool(code)
        return sorted(found.items(), key=lambda one: one[0])


@cache
def _may_be_secret(resource_type: str, code: str) -> bool:
    """Whether values of a token parameter may be hashed under the key."""
    return bool(value_types(resource_type, code) & {"Identifier", "ContactPoint"})
