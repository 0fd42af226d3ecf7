"""The facts follow the change feed: of each resource those it had are replaced by those it has."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

import msgspec

from minkang.fhir import TYPE_CODES, Resource, date_range, local_reference
from minkang.fhir.dates import LOCAL
from minkang.policy.performing import counts_for, shared_systems
from minkang.record.due.rules import services
from minkang.store import Connection, Scope, Store, Stored, changes, load_position, save_position
from minkang.store.feed import StalePosition, start

CONSUMER: Final = "due"
_LOCK: Final = (0x6D6B, 38)
_BATCH: Final = 500
_TYPES: Final = frozenset(
    {"Composition", "Condition", "Contract", "EpisodeOfCare", "Patient", "ServiceRequest"}
)
_DELIVERED: Final = re.compile(r"O8[0-4]|Z37")
"""ICD-10: delivery, its outcome."""
_VOID: Final = frozenset({"entered-in-error", "cancelled", "revoked", "draft"})


class _Fact(msgspec.Struct, frozen=True):
    what: str
    patient: str
    day: date | None
    until: date | None = None


async def follow_due(store: Store, limit: int = _BATCH) -> int:
    """Take up the next changes; how many versions were looked at.

    Facts and position are one transaction. One process at a time does it; the others get 0 at
    once. After a restore everything is read anew.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *_LOCK):
            return 0
        position = await load_position(connection, CONSUMER)
        try:
            batch = await changes(
                store, connection, Scope.whole(), position, types=_TYPES, limit=limit
            )
        except StalePosition:
            await connection.execute("truncate due.fact")
            await save_position(connection, CONSUMER, await start(connection))
            return 1
        if batch.position == position:
            return 0
        await _take_up(connection, batch.versions)
        await save_position(connection, CONSUMER, batch.position)
        return max(1, len(batch.versions))


async def _take_up(connection: Connection, versions: Iterable[Stored]) -> None:
    newest = {(one.type, one.id): one for one in versions}
    if not newest:
        return
    await connection.execute(
        """delete from due.fact f using unnest($1::smallint[], $2::text[]) k(type, id)
           where f.type = k.type and f.id = k.id""",
        [TYPE_CODES[kind] for kind, _ in newest],
        [key for _, key in newest],
    )
    shared = await shared_systems(connection)
    rows = [
        (
            TYPE_CODES[one.type],
            one.id,
            fact.what,
            fact.patient,
            whose(one, shared),
            fact.day,
            fact.until,
        )
        for one in newest.values()
        if not one.deleted
        for fact in facts_of(one.type, one.id, one.resource)
    ]
    await connection.executemany(
        """insert into due.fact (type, id, what, patient, institution, day, until)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing""",
        rows,
    )


def whose(one: Stored, shared: frozenset[str]) -> str:
    """The institution that a resource counts for: of a system that several share, which it names
    itself; else who sent it."""
    return min(counts_for(one, shared) - {one.source}, default=one.source)


def facts_of(kind: str, key: str, resource: Resource) -> Iterator[_Fact]:
    """What a resource says that the rules count."""
    if resource.get("status") in _VOID:
        return
    if kind == "Patient":
        born = _day(resource.get("birthDate"))
        if born is not None:
            yield _Fact("birth", key, born)
        return
    patient = _patient(resource)
    if not patient:
        return
    if kind == "Contract" and resource.get("status") == "executed":
        applies = resource.get("applies", {})
        yield _Fact("contract", patient, _day(applies.get("start")), _day(applies.get("end")))
    elif kind == "EpisodeOfCare" and resource.get("status") == "active":
        words = {one.get("text", "") for one in resource.get("type", [])}
        began = _day(resource.get("period", {}).get("start"))
        for one in services():
            if one.care in words - {""}:
                yield _Fact(f"care:{one.key}", patient, began)
    elif kind == "Condition":
        codes = [str(one.get("code", "")) for one in resource.get("code", {}).get("coding", [])]
        if any(map(_DELIVERED.match, codes)):
            said = resource.get("onsetDateTime") or resource.get("recordedDate")
            yield _Fact("delivery", patient, _day(said))
    elif kind == "Composition":
        yield from _done(patient, resource)
    elif kind == "ServiceRequest":
        yield from _planned(patient, resource)


def _done(patient: str, resource: Resource) -> Iterator[_Fact]:
    about = resource.get("type", {})
    said = {str(one.get("code", "")) for one in about.get("coding", [])} | {about.get("text", "")}
    day = _day(resource.get("date"))
    for one in services():
        if said & set(one.done):
            yield _Fact(f"done:{one.key}", patient, day)


def _planned(patient: str, resource: Resource) -> Iterator[_Fact]:
    """A follow-up agreed upon: of which service, only our own forms say."""
    day = _day(resource.get("occurrenceDateTime"))
    if resource.get("intent") != "plan" or day is None:
        return
    named = {str(one).rpartition(":")[2] for one in resource.get("instantiatesUri", [])}
    for one in services():
        if one.form and one.form in named:
            yield _Fact(f"next:{one.key}", patient, day)


def _patient(resource: Resource) -> str:
    said: Any = resource.get("subject") or resource.get("patient")
    for one in said if isinstance(said, list) else [said]:
        target = local_reference(one) if isinstance(one, dict) else None
        if target is not None and target[0] == "Patient":
            return target[1]
    return ""


def _day(text: Any) -> date | None:
    """The first day of a FHIR date, here."""
    try:
        return date_range(str(text)).low.astimezone(LOCAL).date() if text else None
    except ValueError:
        return None
