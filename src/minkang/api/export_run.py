"""Runs bulk exports: page by page into NDJSON files, from the beginning again after a crash."""

import asyncio
import logging
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from minkang.accounts import Account
from minkang.api.export_file import new_export_file
from minkang.api.export_jobs import File, Job, end_job, forget_old, say_alive, take_job
from minkang.fhir import encode, patients_of
from minkang.fhir.search_syntax import parse_search
from minkang.policy import Ask, decide
from minkang.policy.smart import narrowed
from minkang.store import TROUBLE, Scope, Store, Stored, TooCostly, find
from minkang.store.criteria import prepared
from minkang.store.deletions import Deletions, deletions

_log = logging.getLogger(__name__)

_PAGE = 500
_FILE_LINES = 100_000
_IDLE_SECONDS = 1.0
_RETRY_SECONDS = 2.0
_CLEAN_EVERY = 600


class _TakenAway(Exception):  # noqa: N818 - reads as what happened
    """Somebody deleted the job while it ran."""


async def run_exports(store: Store, folder: Path, hours: int, stop: asyncio.Event) -> None:
    """Run jobs as they come until told to stop; clean up what is older than `hours`."""
    turn = 0
    while not stop.is_set():
        try:
            if turn % _CLEAN_EVERY == 0:
                await clean(store, folder, hours)
            turn += 1
            busy = await run_next(store, folder)
        except TROUBLE as error:
            _log.warning("export: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        if not busy:
            try:
                await asyncio.wait_for(stop.wait(), _IDLE_SECONDS)
            except TimeoutError:
                continue


async def run_next(store: Store, folder: Path) -> bool:
    """Run one job, if one waits; whether there was one."""
    job = await take_job(store.pool)
    if job is None:
        return False
    place = job_folder(folder, job.id)
    try:
        files = await _run(store, job, place)
    except _TakenAway:
        shutil.rmtree(place, ignore_errors=True)
    except TooCostly:
        _log.warning("export %s: a page took too long", job.id)
        await end_job(store.pool, job, None)
    except OSError as error:
        _log.warning("export %s: %s", job.id, error)
        await end_job(store.pool, job, None)
    else:
        await end_job(store.pool, job, files)
    return True


def job_folder(folder: Path, job: UUID) -> Path:
    """Where the files of a job lie."""
    return folder / str(job)


async def clean(store: Store, folder: Path, hours: int) -> None:
    """Take away jobs that ended `hours` ago, and folders that belong to no job."""
    # Folders first: a job stands in the table before it has one.
    places = await asyncio.to_thread(_places, folder)
    left = {str(one) for one in await forget_old(store.pool, hours)}
    for place in places:
        if place.name not in left:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)


def _places(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _empty_folder(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)


def scope_of(job: Job) -> Scope:
    """What whoever asked for a job may see, by the policy."""
    account = None
    if job.organisation is not None:
        account = Account(
            job.account or "", "token", "token system", "system", job.organisation, None, None
        )
    asked = Ask(account=account, action="export-api", open_base=job.organisation is None)
    scope = narrowed(decide(asked).scope, job.scopes, "s")
    if job.members is None:
        return scope
    members = frozenset(job.members)
    return Scope(tuple(msgspec.structs.replace(one, patients=members) for one in scope.grants))


async def _run(store: Store, job: Job, place: Path) -> list[File]:
    await asyncio.to_thread(_empty_folder, place)
    scope = await prepared(store, scope_of(job))
    files: list[File] = []
    for number, kind in enumerate(job.types):
        progress = f"{kind} ({number + 1}/{len(job.types)})"
        if not await say_alive(store.pool, job, progress):
            raise _TakenAway
        files += await _export_type(store, job, scope, kind, place, progress)
    if job.since is not None and job.complete is not None:
        # At the end: what is deleted now and was before it began is in none of the files above.
        files += await _export_deleted(store, job, scope, job.since, job.complete, place)
    return files


async def _export_type(
    store: Store, job: Job, scope: Scope, kind: str, place: Path, progress: str
) -> list[File]:
    pairs = [("_count", str(_PAGE))]
    if job.since is not None:
        since = job.since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        pairs.append(("_lastUpdated", f"ge{since}"))
    search = parse_search((kind,), pairs)
    files: list[File] = []
    following: str | None = None
    begun = False
    while following is not None or not begun:
        begun = True
        name, count = f"{kind}.{len(files) + 1}.ndjson", 0
        await _look(store)
        with new_export_file(place / name, store.codec.vault) as file:
            while count < _FILE_LINES:
                page = msgspec.structs.replace(search, after=following)
                found = await find(store, scope, page)
                wanted = [one for one in found.matches if _belongs(job, one)]
                if wanted:
                    lines = b"".join(one.body + b"\n" for one in wanted)
                    await asyncio.to_thread(file.write, lines)
                count += len(wanted)
                following = found.next
                if following is None:
                    break
                if not await say_alive(store.pool, job, f"{progress}: {count}"):
                    raise _TakenAway
        if count:
            files.append(File(name, kind, count))
        else:
            (place / name).unlink()
    return files


async def _export_deleted(
    store: Store, job: Job, scope: Scope, since: datetime, until: datetime, place: Path
) -> list[File]:
    """What was deleted since, as Bundles that would delete it elsewhere."""
    files: list[File] = []
    page = await deletions(store, scope, job.types, since, until)
    while page.found:
        name, count = f"deleted.{len(files) + 1}.ndjson", 0
        await _look(store)
        with new_export_file(place / name, store.codec.vault) as file:
            while page.found and count < _FILE_LINES:
                wanted = [one for one in page.found if _belongs(job, one)]
                if wanted:
                    await asyncio.to_thread(file.write, _deleting(wanted))
                    count += 1
                if page.next is None:
                    page = Deletions((), None)
                    break
                if not await say_alive(store.pool, job, f"deleted: {count}"):
                    raise _TakenAway
                page = await deletions(store, scope, job.types, since, until, after=page.next)
        if count:
            files.append(File(name, "Bundle", count, deleted=True))
        else:
            (place / name).unlink()
    return files


def _deleting(gone: Sequence[Stored]) -> bytes:
    """A line: the transaction that deletes all of them."""
    requests = [{"method": "DELETE", "url": f"{one.type}/{one.id}"} for one in gone]
    entries = [{"request": one} for one in requests]
    return encode({"resourceType": "Bundle", "type": "transaction", "entry": entries}) + b"\n"


async def _look(store: Store) -> None:
    """See that there are keys and sealings for the next file."""
    async with store.pool.acquire() as connection:
        await store.codec.look(connection)


def _belongs(job: Job, stored: Stored) -> bool:
    """Whether a resource is about a Patient, where only those are wanted."""
    return job.level == "system" or bool(patients_of(stored.resource))
