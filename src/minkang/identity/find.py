"""Find residents by what a doctor types: ID number, health code, name, pinyin."""

import re
from typing import Literal

import msgspec

from minkang.identity.health_code import CODE_SYSTEM, compact, is_health_code
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.residents import Resident, resident_of
from minkang.store import Page, Query, Scope, Store, search
from minkang.store.names import normalise

By = Literal["id-number", "code", "name", "pinyin", "nothing"]
_MAX_TEXT = 40
_MAX_PATIENTS = 300


class Found(msgspec.Struct, frozen=True):
    """What was found and by what; `more` if there were more than asked for."""

    by: By
    residents: tuple[Resident, ...]
    more: bool


async def find_residents(store: Store, scope: Scope, text: str, limit: int = 20) -> Found:
    """Residents that fit a text, by the kind of text that it is.

    Eighteen characters are an ID number, sixteen digits a health code, Chinese characters part
    of a name, letters its pinyin (full, or initials, from the first syllable on).
    """
    text = text.strip()[:_MAX_TEXT]
    key = compact(text)
    if is_health_code(key):
        return await _by_identifier(store, scope, "code", CODE_SYSTEM, key)
    if re.fullmatch(r"\d{17}[\dXx]", key):
        return await _by_identifier(store, scope, "id-number", ID_CARD_SYSTEM, key.upper())
    if re.search(r"[\u3400-\u9fff\U00020000-\U0003ffff]", text):
        wanted = normalise(text)
        marks = tuple(store.terms.containing("Patient", "name", text))
        query = Query(types=("Patient",), marks=marks, limit=_MAX_PATIENTS)
        return await _by_patients(store, scope, "name", query, limit, containing=wanted)
    letters = normalise(text)
    if re.fullmatch(r"[a-z]{1,40}", letters):
        term = store.terms.phonetic("Patient", letters)
        query = Query(types=("Patient",), terms=((term,),), limit=_MAX_PATIENTS)
        return await _by_patients(store, scope, "pinyin", query, limit)
    return Found("nothing", (), more=False)


async def _by_identifier(store: Store, scope: Scope, by: By, system: str, value: str) -> Found:
    term = store.terms.identifier("Person", "identifier", system, value)
    page = await search(store, scope, Query(types=("Person",), terms=((term,),), limit=20))
    return Found(by, tuple(map(resident_of, page.matches)), more=page.next is not None)


async def _by_patients(
    store: Store,
    scope: Scope,
    by: By,
    query: Query,
    limit: int,
    containing: str = "",
) -> Found:
    patients = await search(store, scope, query)
    fitting = tuple(
        match.id
        for match in patients.matches
        if not containing
        or any(containing in normalise(n.get("text", "")) for n in match.resource.get("name", []))
    )
    if not fitting:
        return Found(by, (), more=False)
    persons: Page = await search(
        store, scope, Query(types=("Person",), patients=fitting, limit=limit)
    )
    more = persons.next is not None or patients.next is not None
    return Found(by, tuple(map(resident_of, persons.matches)), more=more)
