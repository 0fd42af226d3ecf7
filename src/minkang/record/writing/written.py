"""What an institution has written by hand about a resident, newest first."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal

import msgspec

from minkang.fhir import Resource, local_reference
from minkang.record.questionnaires import form_of
from minkang.record.questionnaires.extract import FORM_SYSTEM
from minkang.record.questionnaires.responses import fields_said
from minkang.record.writing.about import ACCOUNT_SYSTEM
from minkang.record.writing.commit import Key
from minkang.record.writing.notes import note_of
from minkang.store import Query, Scope, Store, Stored, read, search

_MOST: Final = 200


class Written(msgspec.Struct, frozen=True):
    """A note or a filled form.

    Attributes:
        key: as in addresses.
        form: key of the form, '' for a note.
        version: of the head, to be given back with a change.
        author: id of the account that wrote it last.
        withdrawn: entered in error.
    """

    kind: Literal["note", "form"]
    key: str
    form: str
    title: str
    at: datetime
    author: str
    author_name: str
    version: int
    withdrawn: bool
    stored: Stored


async def written_about(
    store: Store, scope: Scope, patients: Collection[str]
) -> tuple[Written, ...]:
    """Notes and filled forms that a scope shows of these Patients, at most 200, newest first."""
    if not patients:
        return ()
    query = Query(
        types=("Composition", "QuestionnaireResponse"),
        patients=tuple(sorted(patients)),
        limit=_MOST,
    )
    page = await search(store, scope, query)
    found = [one for stored in page.matches if (one := written_of(stored)) is not None]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


async def written_by_key(
    store: Store, scope: Scope, patients: Collection[str], key: str
) -> Written | None:
    """One of them, if it is about these Patients."""
    for kind in ("Composition", "QuestionnaireResponse"):
        stored = await read(store, scope, kind, key)
        subject = local_reference(stored.resource.get("subject")) if stored else None
        if stored and subject and subject[1] in patients and (found := written_of(stored)):
            return found
    return None


def written_of(stored: Stored) -> Written | None:
    """What a resource is of this; None if it is none of it."""
    resource = stored.resource
    if stored.type == "QuestionnaireResponse":
        key = resource.get("questionnaire", "").partition("|")[0].rpartition(":")[2]
        form = form_of(key)
        if form is None or not resource.get("authored"):
            return None
        return _made("form", form.key, form.title.zh, resource["authored"], stored)
    note = note_of(resource)
    return _made("note", "", note.title, resource["date"], stored) if note else None


def _made(kind: Literal["note", "form"], form: str, title: str, at: str, stored: Stored) -> Written:
    account, name = _author(stored.resource)
    withdrawn = stored.resource.get("status") == "entered-in-error"
    moment = datetime.fromisoformat(at)
    return Written(
        kind, stored.id, form, title, moment, account, name, stored.version, withdrawn, stored
    )


def _author(resource: Resource) -> tuple[str, str]:
    said = resource.get("author")
    for one in said if isinstance(said, list) else [said]:
        if one and one.get("identifier", {}).get("system") == ACCOUNT_SYSTEM:
            return one["identifier"]["value"], one.get("display", "")
    return "", ""


async def parts_of(store: Store, scope: Scope, one: Written) -> list[Key]:
    """Keys of everything that was made from a form beside the response; of a note nothing."""
    if one.kind == "note":
        return []
    document = await read(store, scope, "Composition", f"{one.key}-document")
    if document is None:
        return []
    resource = document.resource
    if resource.get("identifier", {}).get("system") != FORM_SYSTEM:
        return []
    entries = [entry for section in resource["section"] for entry in section.get("entry", [])]
    targets = [local_reference(entry) for entry in entries]
    own = [target for target in targets if target and target[1].startswith(f"{one.key}-")]
    return [("Encounter", f"{one.key}-visit"), *own, ("Composition", f"{one.key}-document")]


def fields_of_last(written: Collection[Written], form: str, besides: str = "") -> dict[str, str]:
    """What was typed in the newest filled form of a kind that was not withdrawn; {} without."""
    known = form_of(form)
    for one in written:
        if known and one.form == form and one.key != besides and not one.withdrawn:
            return fields_said(known, one.stored.resource)
    return {}
