"""`:in`, `:not-in`, `:above` and `:below` of tokens, as the codes that they stand for.

Which codes those are the store does not know: whoever opens it hands it a function that does.
"""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

import msgspec

from minkang.fhir.search import Chain, Clause, Condition, Has, Search, TokenValue, UriValue, Value
from minkang.fhir.search_literals import normalised

CodeModifier: TypeAlias = Literal["in", "not-in", "above", "below"]

Expand: TypeAlias = Callable[[CodeModifier, str], Awaitable[tuple[tuple[str, str], ...]]]
"""From a modifier and its value as it stands in the query (URL of a value set, or `system|code`)
to pairs of system and code; of `not-in` the pairs of the value set, which must not be there.

Raises `Refused` (stage `search`) for what is not known or stands for too many codes.
"""

_MODIFIERS: dict[str, CodeModifier] = {
    "in": "in",
    "not-in": "not-in",
    "above": "above",
    "below": "below",
}


async def with_codes(search: Search, expand: Expand | None) -> Search:
    """A search whose token clauses list their codes; the same if there is nothing to expand.

    Raises:
        Refused: what a clause names is not known, or stands for too many codes.
    """
    if expand is None or not any(map(_needs, search.conditions)):
        return search
    conditions = [await _expanded(one, expand) for one in search.conditions]
    return msgspec.structs.replace(search, conditions=tuple(conditions))


def _needs(condition: Condition) -> bool:
    if isinstance(condition, Clause):
        return condition.modifier in _MODIFIERS and condition.parameter.kind == "token"
    if isinstance(condition, Has):
        return _needs(condition.inner)
    return any(_needs(inner) for _, inner in condition.inner)


async def _expanded(condition: Condition, expand: Expand) -> Condition:
    if not _needs(condition):
        return condition
    if isinstance(condition, Has):
        return msgspec.structs.replace(condition, inner=await _expanded(condition.inner, expand))
    if isinstance(condition, Chain):
        inner = [(target, await _expanded(one, expand)) for target, one in condition.inner]
        return msgspec.structs.replace(condition, inner=tuple(inner))
    modifier = _MODIFIERS[condition.modifier or ""]
    codes: dict[Value, None] = {}
    for value in condition.values:
        for system, code in await expand(modifier, _text(value)):
            codes |= dict.fromkeys(normalised(condition.parameter, TokenValue(system, code)))
    plain = "not" if modifier == "not-in" else None
    return msgspec.structs.replace(condition, modifier=plain, values=tuple(codes))


def _text(value: Value) -> str:
    if isinstance(value, UriValue):
        return value.uri
    assert isinstance(value, TokenValue)  # noqa: S101 - the modifier allows nothing else
    return f"{value.system or ''}|{value.code or ''}"
