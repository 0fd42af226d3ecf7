"""Where code systems, value sets and maps come from: the platform's own, else the store's.

What comes with the platform wins over an uploaded resource of the same URL: nobody who may write
at the FHIR base can change what a national code means.
"""

from collections.abc import Sequence
from functools import lru_cache

from minkang.fhir import Problem, Refused
from minkang.fhir.json import decode
from minkang.fhir.search_syntax import parse_search
from minkang.store import Scope, Store, Stored, find, read
from minkang.terminology import builtin
from minkang.terminology.code_system import CodeSystem
from minkang.terminology.concept_map import ConceptMap
from minkang.terminology.from_fhir import code_system_of, concept_map_of, value_set_of
from minkang.terminology.maps import built_in_map, built_in_maps
from minkang.terminology.sets import implied_value_set
from minkang.terminology.value_set import Include, Known, ValueSet

_MOST_VALUE_SETS = 200
_MOST_FILTERS = 100
_MOST_MAPS = 50
_KEPT = 32


class Terminology:
    """Reads within a scope. `store` None: only what comes with the platform."""

    def __init__(self, store: Store | None, scope: Scope) -> None:
        self._store = store
        self._scope = scope

    async def code_system(self, url: str, version: str | None = None) -> CodeSystem:
        """A code system by URL, by its `urn:minkang:cs:` name, or by `url|version`.

        Raises:
            Refused: `unknown-system`: there is none, or not in that version.
        """
        url, version = _split(url, version)
        known = builtin.code_system(url)
        if known is not None and version in (None, known.head.version):
            return known
        if known is None and (stored := await self._newest("CodeSystem", url, version)):
            return _code_system(stored.body)
        shown = f"{url}|{version}" if version else url
        raise _unknown("system", "unknown-system", f"没有代码系统 {shown[:200]}")

    async def value_set(self, url: str, version: str | None = None) -> ValueSet:
        """A value set by URL or `url|version`.

        Raises:
            Refused: `unknown-value-set`.
        """
        url, version = _split(url, version)
        implied = implied_value_set(url)
        if implied is not None and version in (None, implied.version):
            return implied
        if stored := await self._newest("ValueSet", url, version):
            return _value_set(stored.body)
        raise _unknown("url", "unknown-value-set", f"没有值集 {url[:200]}")

    async def concept_map(self, url: str, version: str | None = None) -> ConceptMap:
        """A map by URL or `url|version`.

        Raises:
            Refused: `unknown-map`.
        """
        url, version = _split(url, version)
        known = built_in_map(url)
        if known is not None:
            return known
        if stored := await self._newest("ConceptMap", url, version):
            return compiled_map(stored.body)
        raise _unknown("url", "unknown-map", f"没有映射 {url[:200]}")

    async def concept_maps(
        self, source_system: str, target_system: str | None = None, *, reverse: bool = False
    ) -> list[ConceptMap]:
        """The maps that speak of a code system; at most 50, the newest first."""
        found = built_in_maps(source_system, target_system, reverse=reverse)
        if self._store is None:
            return found
        name = "target-system" if reverse else "source-system"
        pairs = [(name, _escaped(source_system)), ("_count", str(_MOST_MAPS))]
        search = parse_search(("ConceptMap",), pairs, base="")
        page = await find(self._store, self._scope, search)
        return found + [compiled_map(one.body) for one in page.matches]

    async def stored_code_system(self, resource_id: str) -> CodeSystem | None:
        """The CodeSystem with an id in the store; None if it can't be seen."""
        stored = await self._stored("CodeSystem", resource_id)
        return _code_system(stored.body) if stored else None

    async def stored_value_set(self, resource_id: str) -> ValueSet | None:
        """The ValueSet with an id in the store; None if it can't be seen."""
        stored = await self._stored("ValueSet", resource_id)
        return _value_set(stored.body) if stored else None

    async def stored_concept_map(self, resource_id: str) -> ConceptMap | None:
        """The ConceptMap with an id in the store; None if it can't be seen."""
        stored = await self._stored("ConceptMap", resource_id)
        return compiled_map(stored.body) if stored else None

    async def known(self, value_set: ValueSet, on: str) -> Known:
        """Everything that a value set refers to, directly or not, for questions about a day.

        A code system that is not known is left out: only the codes listed of it can be told.

        Raises:
            Refused: `unknown-value-set`, `version` (two of one code system), or `too-costly`: more
                than 200 value sets or 100 filters hang together.
        """
        systems: dict[str, CodeSystem] = {}
        value_sets: dict[str, ValueSet] = {}
        filters = 0
        waiting = [value_set]
        while waiting:
            one = waiting.pop()
            for include in (*one.includes, *one.excludes):
                await self._add_system(include, systems)
                filters += len(include.filters)
                for url in include.value_sets:
                    if url not in value_sets:
                        value_sets[url] = await self.value_set(url)
                        waiting.append(value_sets[url])
            if len(value_sets) > _MOST_VALUE_SETS or filters > _MOST_FILTERS:
                text = f"引用的值集多于 {_MOST_VALUE_SETS} 个，或条件多于 {_MOST_FILTERS} 个"
                raise _unknown("url", "too-costly", text)
        return Known(systems, value_sets, on)

    async def _add_system(self, include: Include, systems: dict[str, CodeSystem]) -> None:
        if include.system is None:
            return
        if (held := systems.get(include.system)) is not None:
            if include.version not in (None, held.head.version):
                text = f"{include.system[:200]} 的两个版本不能同时使用"
                raise _unknown("ValueSet.compose.include.version", "version", text)
            return
        try:
            systems[include.system] = await self.code_system(include.system, include.version)
        except Refused:
            if include.codings is None:
                raise

    async def _stored(self, kind: str, resource_id: str) -> Stored | None:
        if self._store is None:
            return None
        return await read(self._store, self._scope, kind, resource_id)

    async def _newest(self, kind: str, url: str, version: str | None) -> Stored | None:
        """Of the resources with a URL an active one, the last written."""
        if self._store is None or not url:
            return None
        pairs = [("url", _escaped(url)), ("_sort", "-_lastUpdated"), ("_count", "20")]
        if version is not None:
            pairs.append(("version", _escaped(version)))
        page = await find(self._store, self._scope, parse_search((kind,), pairs, base=""))
        return _preferred(page.matches)


def _preferred(found: Sequence[Stored]) -> Stored | None:
    active = (one for one in found if one.resource.get("status") == "active")
    return next(active, found[0] if found else None)


def _split(url: str, version: str | None) -> tuple[str, str | None]:
    """`url|version` apart; a version of its own wins."""
    base, bar, inside = url.partition("|")
    return (base, version or inside) if bar else (url, version)


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in ",$|\\" else c for c in text)


# Resources are compiled once for each content: large code systems take a while.


@lru_cache(maxsize=_KEPT)
def _code_system(body: bytes) -> CodeSystem:
    return code_system_of(decode(body))


@lru_cache(maxsize=_KEPT)
def _value_set(body: bytes) -> ValueSet:
    return value_set_of(decode(body))


@lru_cache(maxsize=_KEPT * 8)
def compiled_map(body: bytes) -> ConceptMap:
    """The map in a stored ConceptMap."""
    return concept_map_of(decode(body))


def unknown_code(place: str, system: str, code: str) -> Refused:
    """The refusal of a code that its system does not have."""
    return _unknown(place, "unknown-code", f"{system[:200]} 中没有代码 {code[:100]}")


def _unknown(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("terminology", place, rule, text)])
