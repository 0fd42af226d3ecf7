"""Putting what was written into the store: one transaction, one audit entry, nobody overwritten."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec

from minkang.audit import AuditLog, Entry
from minkang.fhir import Resource
from minkang.record.writing.about import About, provenance_of
from minkang.store import Change, Connection, Locked, Store, Stored, lock_current, write

_STATUS: Final = frozenset(
    {
        "Composition", "Encounter", "EpisodeOfCare", "MedicationStatement", "Observation",
        "QuestionnaireResponse", "ServiceRequest",
    }
)  # fmt: skip
"""Types whose status says that they were entered in error."""

Key = tuple[str, str]


class ChangedMeanwhile(Exception):  # noqa: N818 - reads as what happened
    """Somebody else changed it since it was read; `current` is what stands now."""

    def __init__(self, current: Stored) -> None:
        super().__init__(f"{current.type} changed to version {current.version}")
        self.current = current


class NotThere(Exception):  # noqa: N818 - reads as what happened
    """There is no such writing of this institution about this resident."""


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written.

    Attributes:
        head: what stands for the whole: its version tells whether somebody changed it.
        parts: everything else.
        once: keys of parts that are left as they are if they are there already.
        former: keys of parts of the version before; those that are gone were entered in error.
    """

    about: About
    head: Resource
    parts: Sequence[Resource] = ()
    once: Collection[Key] = frozenset()
    former: Collection[Key] = frozenset()


async def commit(store: Store, log: AuditLog, wanted: Writing, entry: Entry) -> int:
    """Write it; the version of the head that stands now.

    The same key with version 0 again (a form sent twice) changes nothing.

    Raises:
        ChangedMeanwhile: the head is not of the version that was changed.
        NotThere: the key is of another institution or resident.
        AuditUnavailable, DiskReserved: nothing was written.
    """
    about = wanted.about
    made = [wanted.head, *wanted.parts]
    keys = {_key(one) for one in made}
    gone = set(wanted.former) - keys - set(wanted.once)
    provenance = ("Provenance", f"{about.key}-by{about.version + 1}")
    async with store.pool.acquire() as connection, connection.transaction():
        locked = await lock_current(store, connection, sorted(keys | gone | {provenance}))
        current = locked.current.get(_key(wanted.head))
        if current is not None:
            _own(current, about)
            if about.version == 0 and current.version == 1 and not current.deleted:
                return current.version
            if current.version != about.version or _withdrawn(current.resource):
                raise ChangedMeanwhile(current)
        elif about.version:
            raise NotThere
        kept = [
            one for one in made if not (_key(one) in wanted.once and _key(one) in locked.current)
        ]
        withdrawn = [
            in_error(locked.current[key].resource) for key in sorted(gone) if key in locked.current
        ]
        told = provenance_of(about, [_key(one) for one in (*kept, *withdrawn)])
        await _write(store, connection, about, [*kept, *withdrawn, told], locked)
        await log.record(entry)
    return about.version + 1


async def withdraw(
    store: Store, log: AuditLog, about: About, keys: Sequence[Key], reason: str, entry: Entry
) -> None:
    """Mark what was written as entered in error, with the reason; nothing is deleted.

    `keys`: the head first.

    Raises:
        ChangedMeanwhile, NotThere, AuditUnavailable: nothing was changed.
    """
    provenance = ("Provenance", f"{about.key}-by{about.version + 1}")
    async with store.pool.acquire() as connection, connection.transaction():
        locked = await lock_current(store, connection, sorted({*keys, provenance}))
        head = locked.current.get(keys[0])
        if head is None:
            raise NotThere
        _own(head, about)
        if head.version != about.version:
            raise ChangedMeanwhile(head)
        marked = [
            in_error(locked.current[key].resource)
            for key in keys
            if key in locked.current and key[0] in _STATUS
        ]
        told = provenance_of(about, [_key(one) for one in marked])
        told["reason"] = [{"text": reason}]
        await _write(store, connection, about, [*marked, told], locked)
        await log.record(entry)


async def _write(
    store: Store,
    connection: Connection,
    about: About,
    made: Sequence[Resource],
    locked: Locked,
) -> None:
    await write(store, connection, [Change(one, about.institution) for one in made], locked)


def in_error(resource: Resource) -> dict[str, Any]:
    """The same, marked as entered in error (FHIR R4 status)."""
    bare = {k: v for k, v in resource.get("meta", {}).items() if k not in _SERVER}
    marked = {**resource, "status": "entered-in-error"}
    marked.pop("meta", None)
    return {**marked, "meta": bare} if bare else marked


_SERVER: Final = frozenset({"versionId", "lastUpdated"})


def _own(current: Stored, about: About) -> None:
    subject = current.resource.get("subject", {}).get("reference")
    if current.source != about.institution or subject != f"Patient/{about.patient}":
        raise NotThere


def _withdrawn(resource: Resource) -> bool:
    return bool(resource.get("status") == "entered-in-error")


def _key(resource: Resource) -> Key:
    return resource["resourceType"], resource["id"]
