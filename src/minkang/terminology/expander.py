"""Which codes a search means by `:in`, `:not-in`, `:above`, `:below`: what the store will ask.

The store knows no terminology; it is handed a function of the type `Expand` at its construction.
"""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

from minkang.fhir import Problem, Refused
from minkang.store import Scope, Store
from minkang.terminology.operations import expand
from minkang.terminology.terminology import Terminology, unknown_code
from minkang.terminology.value_set import Wanted

TokenModifier: TypeAlias = Literal["in", "not-in", "above", "below"]

Expand: TypeAlias = Callable[[TokenModifier, str], Awaitable[tuple[tuple[str, str], ...]]]
"""From a modifier and its value as it stands in the query (URL of a value set, or `system|code`)
to pairs of system and code; of `not-in` the pairs of the value set, which must not be there.

Raises `Refused` (stage `search`) for what is not known or stands for too many codes.
"""

_MOST = 20_000


def expander(store: Store, scope: Scope, today: Callable[[], str]) -> Expand:
    """The function for a store; `today` gives the ISO date by which codes are named."""
    terminology = Terminology(store, scope)

    async def codes(modifier: TokenModifier, value: str) -> tuple[tuple[str, str], ...]:
        try:
            if modifier in ("in", "not-in"):
                return await _of_value_set(terminology, value, today())
            return await _of_hierarchy(terminology, value, upwards=modifier == "above")
        except Refused as refused:
            raise Refused(
                Problem("search", f":{modifier}", one.rule, one.text) for one in refused.problems
            ) from None

    return codes


async def _of_value_set(terminology: Terminology, url: str, on: str) -> tuple[tuple[str, str], ...]:
    value_set = await terminology.value_set(url)
    wanted = Wanted(on=on, most=_MOST)
    expansion = await expand(terminology, value_set, wanted)
    return tuple((one.coding.system, one.coding.code) for one in expansion.members)


async def _of_hierarchy(
    terminology: Terminology, value: str, *, upwards: bool
) -> tuple[tuple[str, str], ...]:
    url, bar, code = value.rpartition("|")
    if not (bar and url and code):
        text = "应写成 system|code"
        raise Refused([Problem("search", "", "token", text)])
    system = await terminology.code_system(url)
    at = system.position(code)
    inside = system.descendants(code)
    if inside is None:
        raise unknown_code("", url, code)
    if not upwards:
        own = () if at is None else (at,)
        if len(inside) > _MOST:
            raise Refused([Problem("search", "", "too-costly", f"包含的代码多于 {_MOST} 个")])
        return tuple((url, system.codes[one]) for one in (*own, *inside))
    above = []
    while at is not None:
        above.append((url, system.codes[at]))
        at = system.parent(at)
    return tuple(above)
