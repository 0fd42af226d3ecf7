"""`minkang purge`: remove a patient, a person or a source for good."""

import argparse
import asyncio
import json
import os
import pwd
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.platform import Platform, open_gate, open_platform
from minkang.audit import Entry
from minkang.config import Settings
from minkang.exchange import sources
from minkang.exchange.purge import Forgotten, forget_messages, forget_source, made_only_by
from minkang.fhir import TYPE_NAMES
from minkang.identity.purge import patients_of_person, person_of_patient, unlink
from minkang.store.purge import (
    Purged,
    Trace,
    begin_trace,
    finish_trace,
    purge_person,
    purge_resources,
    purge_source,
)

_LIST = "purges.jsonl"


class _Unknown(Exception):  # noqa: N818 - reads as what happened
    """There is nothing of that id."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("purge", help="remove a patient, a person or a source for good")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--patient", metavar="ID", help="one source's Patient, and all about it")
    what.add_argument("--person", metavar="ID", help="a Person with the Patients of all sources")
    what.add_argument("--source", metavar="ID", help="all that came from a source; switches it off")
    parser.add_argument("--reason", required=True, help="why; kept in the trace and the audit log")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    kind = next(name for name in ("patient", "person", "source") if getattr(chosen, name))
    trace = Trace(
        who=pwd.getpwuid(os.geteuid()).pw_name,
        kind=kind,
        subject=getattr(chosen, kind),
        reason=chosen.reason,
    )
    if not trace.reason.strip():
        sys.stderr.write("minkang: a purge needs a reason\n")
        return 2
    try:
        with database(settings) as url:
            report = asyncio.run(_purge(settings, url, trace))
    except _Unknown as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 1
    if chosen.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        sys.stdout.write(
            f"{kind} {trace.subject}: {report['resources']} resources in {report['versions']} "
            f"versions and {report['messages']} messages removed\n"
        )
    _say_what_is_left(report)
    return 0


def _say_what_is_left(report: dict[str, Any]) -> None:
    left = (
        ("shared_resources", "resources are also about somebody else and were kept"),
        ("shared_messages", "messages also tell of somebody else and were kept"),
        ("other_patients", "further Patients of the same person are kept (--person takes all)"),
        ("quarantined", "messages lie in quarantine; nobody knows whom they are about"),
        ("accounts", "accounts belong to that person; disable them"),
    )
    for name, words in left:
        if report[name]:
            sys.stderr.write(f"{report[name]} {words}\n")
    sys.stderr.write("backups and the archive still hold it until they are deleted\n")


async def _purge(settings: Settings, url: str, trace: Trace) -> dict[str, Any]:
    async with open_platform(settings, url) as platform, open_gate(platform) as gate:
        by_kind = {"patient": _patient, "person": _person, "source": _source}
        async with platform.pool.acquire() as connection:
            plan = await by_kind[trace.kind](platform, trace.subject)
            number = await begin_trace(connection, trace)
        _remember(settings.home, trace)
        purged, forgotten = await _carry_out(platform, plan)
        async with platform.pool.acquire() as connection:
            await finish_trace(connection, number, purged, messages=forgotten.removed)
            report = {
                "resources": len(purged.keys),
                "versions": purged.versions,
                "messages": forgotten.removed,
                "shared_resources": len(purged.shared),
                "shared_messages": len(forgotten.shared),
                "other_patients": plan.others,
                "quarantined": await connection.fetchval(
                    "select count(*) from exchange.message where state = 'quarantined'"
                ),
                "accounts": await connection.fetchval(
                    """select count(*) from accounts.account
                       where person = any($1::text[]) and not disabled""",
                    plan.persons,
                ),
            }
        await gate.log.record(
            Entry(
                action="purge",
                allowed=True,
                purpose="administration",
                account_name=trace.who,
                object_type=trace.kind.capitalize(),
                object_id=trace.subject,
                person=plan.persons[0] if trace.kind != "source" and plan.persons else None,
                reason="operator",
                detail={"trace": number, "reason": trace.reason, **report},
                at=datetime.now(UTC),
            )
        )
    return report


class _Plan(msgspec.Struct, frozen=True):
    """What a purge is to remove.

    Attributes:
        patients: ids; everything about them and nobody else goes.
        persons: whose links change.
        others: how many Patients these persons keep.
        source: id of a source whose messages go, all of them.
        organisation: everything that came from it goes.
        keys: further resources.
    """

    patients: list[str] = []
    persons: list[str] = []
    others: int = 0
    source: str | None = None
    organisation: str | None = None
    keys: list[tuple[str, str]] = []


async def _patient(platform: Platform, subject: str) -> _Plan:
    async with platform.pool.acquire() as connection:
        known = await connection.fetchval(
            "select true from store.resource where type = $1 and id = $2 and patients <> '{}'",
            _PATIENT,
            subject,
        )
        if not known:
            raise _Unknown(f"there is no Patient {subject}")
        person = await person_of_patient(connection, subject)
        linked = await patients_of_person(connection, person) if person else []
    others = len([one for one in linked if one != subject])
    return _Plan([subject], [person] if person else [], others)


async def _person(platform: Platform, subject: str) -> _Plan:
    async with platform.pool.acquire() as connection:
        patients = await patients_of_person(connection, subject)
    if not patients:
        raise _Unknown(f"there is no Person {subject} with Patients")
    return _Plan(patients, [subject])


async def _source(platform: Platform, subject: str) -> _Plan:
    async with platform.pool.acquire() as connection:
        known = await sources(connection)
        if subject not in known:
            raise _Unknown(f"there is no source {subject}")
        made = await made_only_by(connection, subject)
    organisation = known[subject].organisation
    alone = [one.id for one in known.values() if one.organisation == organisation] == [subject]
    keys = [(TYPE_NAMES[code], one) for code, one in made]
    return _Plan(
        patients=[one for kind, one in keys if kind == "Patient"],
        source=subject,
        organisation=organisation if alone else None,
        keys=keys,
    )


_PATIENT = next(code for code, name in TYPE_NAMES.items() if name == "Patient")


async def _carry_out(platform: Platform, plan: _Plan) -> tuple[Purged, Forgotten]:
    """Resources first, then what points to them: nothing can come back from what is left."""
    store = platform.store
    if plan.source is None:
        purged = await purge_person(store, plan.patients)
        async with platform.pool.acquire() as connection:
            forgotten = await forget_messages(connection, purged.keys)
    else:
        async with platform.pool.acquire() as connection:
            forgotten = await forget_source(connection, plan.source)
        purged = await purge_resources(store, plan.keys)
        if plan.organisation is not None:
            purged = _both(purged, await purge_source(store, plan.organisation))
    unlinked = await unlink(store, platform.keys, plan.patients)
    rewritten = {("Person", person) for person in unlinked.kept}
    gone = [("Person", person) for person in unlinked.gone if ("Person", person) not in purged.keys]
    if gone:
        purged = _both(purged, await purge_resources(store, gone))
    shared = tuple(key for key in purged.shared if key not in rewritten)
    return msgspec.structs.replace(purged, shared=shared), forgotten


def _both(one: Purged, other: Purged) -> Purged:
    keys = dict.fromkeys([*one.keys, *other.keys])
    return Purged(tuple(keys), one.versions + other.versions, one.shared + other.shared)


def _remember(home: Path, trace: Trace) -> None:
    """Note outside the database what must be repeated after a restore to an earlier moment."""
    line = {"at": datetime.now(UTC), **msgspec.structs.asdict(trace)}
    descriptor = os.open(home / _LIST, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
        file.flush()
        os.fsync(descriptor)
