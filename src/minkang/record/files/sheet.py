"""The sheet of basic information as it stands: what forms said, and what was written here over it.

What a source sent is never changed. What the responsible institution writes is kept in a
QuestionnaireResponse of its own and stands over the form, item by item, with its author and time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from minkang.fhir import Resource, local_reference
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.record.files.items import sheet_items
from minkang.store import Connection, Scope, Store, Stored, read_several

FORM: Final = "HSDA00.01"
_PATIENT: Final = "urn:minkang:patient:"
_WRITTEN_AT: Final = "urn:minkang:file:written-at"
_WRITTEN_BY: Final = "urn:minkang:file:written-by"
_WHOLE: Final = Scope.whole()


class Said(msgspec.Struct, frozen=True):
    """What an item says.

    Attributes:
        values: codes or words, in order; never empty.
        source: id of the organisation that said so; `author`: who wrote it here, '' a source.
        at: the day, as far as it is known.
        before: what a source says otherwise, where it was written over here.
    """

    values: tuple[str, ...]
    source: str
    author: str = ""
    at: date | None = None
    before: tuple[str, ...] = ()


Sheet = Mapping[str, Said]
"""By the key of an item; an empty item has no entry."""


def response_id(file: str) -> str:
    """The id of the QuestionnaireResponse of a file."""
    return f"file-{file}"


async def sheets_of(
    store: Store, connection: Connection, wanted: Mapping[str, Collection[str]]
) -> dict[str, Sheet]:
    """The sheets of some files: by file id, given the Patients of each one's resident.

    Of several forms the one dated last counts. Read in the caller's transaction, whole: the caller
    has asked the gate.
    """
    patients = sorted({one for several in wanted.values() for one in several})
    rows = await connection.fetch(
        """select composition, patient from files.form where patient = any($1::text[])
           order by day desc, stored desc, composition""",
        patients,
    )
    chosen: dict[str, str] = {}
    for file, several in wanted.items():
        mine = [row["composition"] for row in rows if row["patient"] in several]
        if mine:
            chosen[file] = mine[0]
    forms = await _read(store, connection, "Composition", chosen.values())
    entries = await _entries(store, connection, forms.values())
    about = await _read(store, connection, "Patient", patients)
    written = await _read(
        store, connection, "QuestionnaireResponse", [response_id(one) for one in wanted]
    )
    found: dict[str, Sheet] = {}
    for file, several in wanted.items():
        sheet: dict[str, Said] = {}
        form = forms.get(chosen.get(file, ""))
        filler = _subject(form) if form else ""
        for patient in [*sorted(set(several) - {filler}), filler]:
            if patient in about:
                sheet |= _of_patient(about[patient], whole=patient == filler)
        if form is not None:
            parts = [entries[one] for one in _references(form.resource) if one in entries]
            sheet |= _of_form(parts)
        found[file] = _over(sheet, written.get(response_id(file)))
    return found


async def _read(
    store: Store, connection: Connection, kind: str, ids: Iterable[str]
) -> dict[str, Stored]:
    listed = sorted(set(ids))
    if not listed:
        return {}
    return {one.id: one for one in await read_several(store, connection, _WHOLE, kind, listed)}


async def _entries(
    store: Store, connection: Connection, forms: Iterable[Stored]
) -> dict[tuple[str, str], Stored]:
    """What forms refer to, by type and id."""
    by_type: dict[str, set[str]] = {}
    for one in forms:
        for kind, reference in _references(one.resource):
            by_type.setdefault(kind, set()).add(reference)
    found: dict[tuple[str, str], Stored] = {}
    for kind in ("Observation", "Condition", "AllergyIntolerance", "Procedure"):
        several = await _read(store, connection, kind, by_type.get(kind, ()))
        found |= {(kind, key): one for key, one in several.items()}
    return found


def _references(form: Resource) -> list[tuple[str, str]]:
    targets = [
        local_reference(one) for part in form.get("section", []) for one in part.get("entry", [])
    ]
    return [(one[0], one[1]) for one in targets if one]


def _subject(form: Stored) -> str:
    target = local_reference(form.resource.get("subject"))
    return target[1] if target else ""


def _of_patient(stored: Stored, *, whole: bool) -> dict[str, Said]:
    """Who the resident is; with `whole` what the form's own Patient says beside."""
    about = stored.resource
    extension = {
        str(one.get("url", "")).removeprefix(_PATIENT): _concept(one.get("valueCodeableConcept"))
        for one in about.get("extension", [])
    }
    addresses = about.get("address", [])
    contacts = about.get("contact", [])
    told = {
        "name": _first(one.get("text") for one in about.get("name", [])),
        "sex": about.get("gender", ""),
        "birth": about.get("birthDate", ""),
        "id-number": _first(
            one.get("value")
            for one in about.get("identifier", [])
            if one.get("system") == ID_CARD_SYSTEM
        ),
    }
    if whole:
        told |= {
            "nation": extension.get("ethnic-group", ""),
            "education": extension.get("education", ""),
            "occupation": extension.get("occupation", ""),
            "marital": _concept(about.get("maritalStatus")),
            "phone": _first(one.get("value") for one in about.get("telecom", [])),
            "address": _first(one.get("text") for one in addresses if "type" not in one),
            "registered-address": _first(
                one.get("text") for one in addresses if one.get("type") == "postal"
            ),
            "contact-name": _first(one.get("name", {}).get("text") for one in contacts),
            "contact-phone": _first(
                phone.get("value") for one in contacts for phone in one.get("telecom", [])
            ),
            "employer": _first(one.get("organization", {}).get("display") for one in contacts),
        }
    return {key: Said((str(value),), stored.source) for key, value in told.items() if value}


def _of_form(parts: Sequence[Stored]) -> dict[str, Said]:
    items, found = sheet_items().items, dict[str, Said]()
    lists: dict[str, list[str]] = {}
    source = parts[0].source if parts else ""
    for one in parts:
        told = one.resource
        words = _concept(told.get("code"))
        if one.type == "Observation":
            key = str(told.get("code", {}).get("text", ""))
            item = items.get(key)
            values = _values(told, item.codes if item else {})
            if item is not None and values:
                found[key] = Said(values, one.source, at=_day(told.get("effectiveDateTime")))
        elif one.type == "AllergyIntolerance" and words:
            lists.setdefault("allergies", []).append(words)
        elif one.type == "Procedure" and words and words != "输血":
            lists.setdefault("operations", []).append(_dated(words, told.get("performedDateTime")))
        elif one.type == "Condition" and _categories(told) & {"外伤"}:
            lists.setdefault("injuries", []).append(_dated(words, told.get("onsetDateTime")))
    return found | {key: Said(tuple(several), source) for key, several in lists.items()}


def _values(told: Resource, codes: Mapping[str, str]) -> tuple[str, ...]:
    concepts = [one.get("valueCodeableConcept") for one in told.get("component", [])]
    if "valueCodeableConcept" in told:
        concepts = [told["valueCodeableConcept"]]
    found = [_code(one, codes) for one in concepts if one]
    return tuple(dict.fromkeys(one for one in found if one))


def _code(concept: Mapping[str, Any], codes: Mapping[str, str]) -> str:
    """The code of the item's own list that a concept means; else its words."""
    said = [str(one.get("code", "")) for one in concept.get("coding", [])]
    said += [str(one.get("display", "")) for one in concept.get("coding", [])]
    said.append(str(concept.get("text", "")))
    by_words = {words: code for code, words in codes.items()}
    for one in said:
        if one in codes:
            return one
        if one.lstrip("0") in codes:
            return one.lstrip("0")
        if one in by_words:
            return by_words[one]
    return next((one for one in reversed(said) if one), "")


def _over(sheet: dict[str, Said], written: Stored | None) -> Sheet:
    """The sheet with what was written here over it; an empty answer takes nothing away."""
    if written is None or written.deleted:
        return sheet
    found = dict(sheet)
    for one in written.resource.get("item", []):
        key = str(one.get("linkId", ""))
        values = tuple(_answer(each) for each in one.get("answer", []))
        if not values or key not in sheet_items().items:
            continue
        marks = {each["url"]: each for each in one.get("extension", [])}
        at = str(marks.get(_WRITTEN_AT, {}).get("valueDateTime", ""))
        known = sheet.get(key)
        found[key] = Said(
            values,
            written.source,
            str(marks.get(_WRITTEN_BY, {}).get("valueString", "")),
            _day(at),
            known.values if known is not None and known.values != values else (),
        )
    return found


def written_items(
    before: Resource | None, changes: Mapping[str, Sequence[str]], author: str, at: datetime
) -> list[dict[str, Any]]:
    """The items of a QuestionnaireResponse with some changed: those not named stay."""
    items = sheet_items().items
    kept = {str(one["linkId"]): one for one in (before or {}).get("item", [])}
    for key, values in changes.items():
        kept[key] = {
            "extension": [
                {"url": _WRITTEN_AT, "valueDateTime": at.isoformat(timespec="seconds")},
                {"url": _WRITTEN_BY, "valueString": author},
            ],
            "linkId": key,
            "text": items[key].zh,
            "answer": [
                {"valueCoding": {"code": one, "display": items[key].words(one)}}
                if one in items[key].codes
                else {"valueString": one}
                for one in values
            ],
        }
        if not values:
            del kept[key]
    return [kept[key] for key in items if key in kept]


def _answer(said: Mapping[str, Any]) -> str:
    coding: Mapping[str, Any] = said.get("valueCoding", {})
    return str(coding.get("code") or said.get("valueString", ""))


def _concept(concept: Any) -> str:
    if not isinstance(concept, dict):
        return ""
    words = [str(one.get("display", "")) for one in concept.get("coding", [])]
    return _first(
        [concept.get("text"), *words, *(c.get("code") for c in concept.get("coding", []))]
    )


def _categories(told: Resource) -> set[str]:
    return {str(one.get("text", "")) for one in told.get("category", [])}


def _dated(words: str, at: Any) -> str:
    return f"{words}（{str(at)[:10]}）" if at else words


def _first(several: Iterable[Any]) -> str:
    return next((str(one) for one in several if one), "")


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
