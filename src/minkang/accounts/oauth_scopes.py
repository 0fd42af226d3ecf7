"""Scopes of SMART App Launch 2.2: what they say, and what two of them have in common. Pure.

`patient/Observation.rs?category=...`: context, type, letters of c r u d s, search parameters. The
forms of SMART 1 (`patient/Observation.read`) mean `rs`, `cud` and `cruds`. A scope that is not
understood is no error: it is not granted (SMART 2.2, scopes, 3.0.2).
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import parse_qsl, quote

import msgspec

from minkang.fhir import TYPE_CODES, Refused
from minkang.fhir.search import Clause
from minkang.fhir.search_syntax import parse_search

Context = Literal["patient", "user", "system"]

LETTERS: Final = "cruds"
"""create, read, update, delete, search: in this order and no other (SMART 2.2, 3.0.2.1)."""

LAUNCH: Final = frozenset({"launch", "launch/patient"})
IDENTITY: Final = frozenset({"openid", "fhirUser"})
LASTING: Final = frozenset({"online_access", "offline_access"})
OTHERS: Final = LAUNCH | IDENTITY | LASTING
"""Scopes that are about no resources."""

MOST: Final = 100
"""Scopes in one request."""

LONGEST: Final = 500

_SCOPE = re.compile(r"(patient|user|system)/([A-Za-z]+|\*)\.([a-z*]+)(?:\?(.+))?", re.DOTALL)
_VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}
_NARROWING = frozenset({"token", "reference", "uri"})
_NEVER = frozenset({"identifier", "telecom", "phone", "email", "_id"})


class SmartScope(msgspec.Struct, frozen=True):
    """A scope about resources.

    Attributes:
        type: a resource type, or `*`.
        letters: some of `cruds`, in that order.
        criteria: search parameters with their values; the resource fulfils all of them.
    """

    context: Context
    type: str
    letters: str
    criteria: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        pairs = "&".join(f"{name}={quote(value, safe=':/|,.-')}" for name, value in self.criteria)
        return f"{self.context}/{self.type}.{self.letters}" + (f"?{pairs}" if pairs else "")


@lru_cache(maxsize=10_000)
def smart_scope(text: str) -> SmartScope | None:
    """The scope that a text states, or None: it is none that this server can grant."""
    found = _SCOPE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    context, kind, letters, query = found.groups()
    letters = _VERSION_1.get(letters, letters)
    if letters != "".join(one for one in LETTERS if one in letters):
        return None
    if kind != "*" and kind not in TYPE_CODES:
        return None
    criteria = _criteria(query) if query is not None else ()
    if criteria is None or (criteria and clauses_of(kind, criteria) is None):
        return None
    return SmartScope(_context(context), kind, letters, criteria)


@lru_cache(maxsize=10_000)
def clauses_of(kind: str, criteria: tuple[tuple[str, str], ...]) -> tuple[Clause, ...] | None:
    """The search parameters of a scope as clauses, or None where they can't narrow a scope.

    Tokens, references and URIs without modifiers narrow: an index tells exactly what fulfils them,
    and so does the resource itself. Those that name somebody (`identifier`, `_id`) do not.
    """
    if kind not in TYPE_CODES:
        return None
    try:
        conditions = parse_search((kind,), criteria).conditions
    except Refused:
        return None
    clauses = tuple(one for one in conditions if isinstance(one, Clause))
    fitting = all(
        one.modifier is None
        and one.missing is None
        and one.parameter.kind in _NARROWING
        and one.parameter.code not in _NEVER
        and all(getattr(value, "code", "") is not None for value in one.values)
        for one in clauses
    )
    return clauses if fitting and len(clauses) == len(criteria) == len(conditions) else None


def granted(
    asked: Sequence[str], allowed: Sequence[str], contexts: frozenset[str], letters: str
) -> tuple[str, ...]:
    """What of the scopes asked for is granted, in their order.

    Args:
        allowed: the scopes that the app is registered with.
        contexts: `patient`, `user`, `system`: those that this way of asking can have.
        letters: what the role of whoever grants may do at all.

    What is granted whole stands there as it was asked for.
    """
    known = [one for one in map(smart_scope, allowed) if one is not None]
    found: dict[str, None] = {}
    for text in dict.fromkeys(asked[:MOST]):
        if text in OTHERS:
            if text in allowed:
                found[text] = None
            continue
        wanted = smart_scope(text)
        if wanted is None or wanted.context not in contexts:
            continue
        wanted = _with_letters(wanted, letters)
        common = [both for one in known if (both := _common(wanted, one)) is not None]
        if wanted in common and wanted == smart_scope(text):
            found[text] = None
        else:
            found |= dict.fromkeys(str(one) for one in _widest(common))
    return tuple(found)


def scopes_in(text: str) -> tuple[str, ...]:
    """The scopes of a parameter `scope`: apart by spaces, each once."""
    return tuple(dict.fromkeys(text.split(" ")[: 2 * MOST])) if text else ()


def within(asked: Iterable[str], held: Sequence[str]) -> bool:
    """Whether everything asked for is held already: a refresh may narrow, never widen."""
    return all(
        text in held
        or (
            (wanted := smart_scope(text)) is not None
            and any(
                (one := smart_scope(other)) is not None and _common(wanted, one) == wanted
                for other in held
            )
        )
        for text in asked
    )


def _criteria(query: str) -> tuple[tuple[str, str], ...] | None:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=10)
    except ValueError:
        return None
    return tuple(sorted(pairs))


def _context(text: str) -> Context:
    for one in ("patient", "user", "system"):
        if one == text:
            return one
    raise ValueError(text)


def _with_letters(scope: SmartScope, letters: str) -> SmartScope:
    return msgspec.structs.replace(
        scope, letters="".join(one for one in scope.letters if one in letters)
    )


def _common(one: SmartScope, other: SmartScope) -> SmartScope | None:
    """What both allow; None if that is nothing."""
    letters = "".join(letter for letter in one.letters if letter in other.letters)
    if one.context != other.context or not letters:
        return None
    if "*" not in (one.type, other.type) and one.type != other.type:
        return None
    kind = other.type if one.type == "*" else one.type
    criteria = tuple(sorted({*one.criteria, *other.criteria}))
    if criteria and clauses_of(kind, criteria) is None:
        return None
    return SmartScope(one.context, kind, letters, criteria)


def _widest(scopes: Iterable[SmartScope]) -> list[SmartScope]:
    """Those that no other one contains."""
    each = list(dict.fromkeys(scopes))
    return [
        one
        for one in each
        if not any(other != one and _common(one, other) == one for other in each)
    ]
