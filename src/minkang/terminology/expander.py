"""Which codes a search means by `:in`, `:not-in`, `:above`, `:below`: what the store asks.

The store knows no terminology; it is handed a function of its type `Expand` when it is opened.
"""

from collections.abc import Callable

from minkang.fhir import Problem, Refused
from minkang.store import CodeModifier, Expand, Scope, Store
from minkang.terminology.operations import expand
from minkang.terminology.terminology import Terminology, unknown_code
from minkang.terminology.value_set import Wanted

_MOST = 20_000


def expander(store: Store, scope: Scope, today: Callable[[], str]) -> Expand:
    """The function for a store; `today` gives the ISO date by which codes are named.

    Codes that ended are among those of a value set: records keep them.
    """
    terminology = Terminology(store, scope)

    async def codes(modifier: CodeModifier, value: str) -> tuple[tuple[str, str], ...]:
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
    kind, _, resource_id = url.rpartition("/")
    stored = await terminology.stored_value_set(resource_id) if kind == "ValueSet" else None
    value_set = stored or await terminology.value_set(url)
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
        return tuple((system.head.url, system.codes[one]) for one in (*own, *inside))
    above = []
    while at is not None:
        above.append((system.head.url, system.codes[at]))
        at = system.parent(at)
    return tuple(above)
