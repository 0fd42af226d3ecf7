"""Find residents by what a doctor types: ID number, health code, name, pinyin, birth date."""

import re
from typing import Literal

import msgspec

from minkang.fhir.search_syntax import parse_search
from minkang.identity.health_code import CODE_SYSTEM, compact, is_health_code
from minkang.identity.id_number import of_fifteen
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.residents import Resident, resident_of
from minkang.identity.typed import Typed, like_sounds, typed
from minkang.store import Page, Query, Scope, Store, find, search
from minkang.store.names import normalise, pinyin_keys

By = Literal["id-number", "code", "name", "pinyin", "like-pinyin", "birth-date", "phone", "nothing"]
_MAX_TEXT = 40
_MAX_PATIENTS = 300
_YEAR = 4  # digits
_LIKE = 4  # letters; initials sound like nothing else


class Found(msgspec.Struct, frozen=True):
    """What was found and by what; `more` if there were more than asked for."""

    by: By
    residents: tuple[Resident, ...]
    more: bool


async def find_residents(store: Store, scope: Scope, text: str, limit: int = 20) -> Found:
    """Residents that fit a text, by the kind of text that it is.

    Eighteen characters are an ID number, fifteen digits one of before 1999, sixteen a health code,
    eleven that begin with 1 a mobile telephone. Chinese characters are part
    of a name, letters its pinyin (full, or initials, from the first syllable on; where nobody
    sounds so, what is often mixed up with it). A date is the day of birth. Four digits and more
    behind a name are the end of a telephone number, or the year or day of birth.
    """
    text = text.strip()[:_MAX_TEXT]
    key = compact(text)
    if is_health_code(key):
        return await _by_identifier(store, scope, "code", CODE_SYSTEM, key)
    if re.fullmatch(r"\d{17}[\dXx]", key):
        return await _by_identifier(store, scope, "id-number", ID_CARD_SYSTEM, key.upper())
    if longer := of_fifteen(key):
        return await _by_identifier(store, scope, "id-number", ID_CARD_SYSTEM, longer)
    if re.fullmatch(r"1\d{10}", key):
        return await _by_phone(store, scope, key, limit)
    asked = typed(text)
    if asked.born:
        return await _by_birth_date(store, scope, asked, limit)
    found = await _by_words(store, scope, asked.words, _MAX_PATIENTS if asked.digits else limit)
    if not asked.digits:
        return found
    fitting = [one for one in found.residents if _has_digits(one, asked.digits)]
    return Found(found.by, tuple(fitting[:limit]), more=found.more or len(fitting) > limit)


async def _by_words(store: Store, scope: Scope, text: str, limit: int) -> Found:
    if re.search(r"[\u3400-\u9fff\U00020000-\U0003ffff]", text):
        wanted = normalise(text)
        marks = tuple(store.terms.containing("Patient", "name", text))
        query = Query(types=("Patient",), marks=marks, limit=_MAX_PATIENTS)
        return await _by_patients(store, scope, "name", query, limit, containing=wanted)
    letters = normalise(text)
    if not re.fullmatch(r"[a-z]{1,40}", letters):
        return Found("nothing", (), more=False)
    exact = await _by_sounds(store, scope, "pinyin", (letters,), limit)
    if exact.residents or len(letters) < _LIKE or not (like := like_sounds(letters)):
        return exact
    return await _by_sounds(store, scope, "like-pinyin", like, limit)


async def _by_sounds(
    store: Store, scope: Scope, by: By, letters: tuple[str, ...], limit: int
) -> Found:
    # A family name alone fits one resident of ten: `find` stops when it has enough of them.
    query = [("phonetic", ",".join(letters)), ("_count", str(_MAX_PATIENTS))]
    page = await find(store, scope, parse_search(("Patient",), query))
    fitting = tuple(one.id for one in page.matches)
    return await _persons(store, scope, by, fitting, limit, more=page.next is not None)


async def _by_birth_date(store: Store, scope: Scope, asked: Typed, limit: int) -> Found:
    """Born on a day; of those whose name or its sound was typed, too."""
    query = [("birthdate", asked.born), ("_count", str(_MAX_PATIENTS))]
    page = await find(store, scope, parse_search(("Person",), query))
    words = normalise(asked.words)
    born = [resident_of(one) for one in page.matches]
    fitting = [
        one for one in born if words in normalise(one.name) or words in pinyin_keys(one.name)
    ]
    more = page.next is not None or len(fitting) > limit
    return Found("birth-date", tuple(fitting[:limit]), more=more)


async def _by_phone(store: Store, scope: Scope, number: str, limit: int) -> Found:
    """Several may share one: a child is reached by a parent's."""
    query = [("phone", number), ("_count", str(limit))]
    page = await find(store, scope, parse_search(("Person",), query))
    return Found("phone", tuple(map(resident_of, page.matches)), more=page.next is not None)


def _has_digits(one: Resident, digits: str) -> bool:
    """The end of the telephone number, or the year of birth."""
    return one.phone.endswith(digits) or (len(digits) == _YEAR and one.birth_date[:4] == digits)


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
    return await _persons(store, scope, by, fitting, limit, more=patients.next is not None)


async def _persons(
    store: Store, scope: Scope, by: By, patients: tuple[str, ...], limit: int, *, more: bool
) -> Found:
    if not patients:
        return Found(by, (), more=False)
    persons: Page = await search(
        store, scope, Query(types=("Person",), patients=patients, limit=limit)
    )
    found = tuple(map(resident_of, persons.matches))
    return Found(by, found, more=more or persons.next is not None)
