"""The table of bulk exports: asked for, taken up, done, taken away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from minkang.store import Pool

SILENT = timedelta(seconds=60)
"""Whoever runs a job says so more often; a job silent for so long was left behind."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A bulk export.

    Attributes:
        account: id of the token that asked; None of an open base.
        organisation: whose data; None of an open base.
        level: `system`, `patient` (what is about any Patient) or `group`.
        members: of a group: ids of its Patients.
        request: address of the kick-off.
        state: `waiting`, `running`, `done` or `failed`.
        started: when its runner took it up.
        complete: what was written before this time is in the export.
        client, scopes: the app that asked and what it was granted; None: no app.
    """

    id: UUID
    account: str | None
    organisation: str | None
    level: str
    members: tuple[str, ...] | None
    types: tuple[str, ...]
    since: datetime | None
    request: str
    asked: datetime
    state: str = "waiting"
    started: datetime | None = None
    complete: datetime | None = None
    ended: datetime | None = None
    progress: str = ""
    client: str | None = None
    scopes: tuple[str, ...] | None = None


class File(msgspec.Struct, frozen=True):
    """A file of an export: one type, one resource a line.

    Of a `deleted` one each line is a Bundle with the deletions.
    """

    name: str
    type: str
    count: int
    deleted: bool = False


def new_id() -> UUID:
    """The id of a new job: nobody can guess it."""
    return uuid4()


async def keep_job(pool: Pool, job: Job, most: int) -> bool:
    """Take a job in; False if the organisation already has `most` unfinished ones."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table api.export in share row exclusive mode")
        unfinished = await connection.fetchval(
            """select count(*) from api.export
               where state in ('waiting', 'running') and organisation is not distinct from $1""",
            job.organisation,
        )
        if unfinished >= most:
            return False
        await connection.execute(
            """insert into api.export (id, account, organisation, level, members, types, since,
                   request, asked, client, scopes, state)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'waiting')""",
            job.id,
            job.account,
            job.organisation,
            job.level,
            list(job.members) if job.members is not None else None,
            list(job.types),
            job.since,
            job.request,
            job.asked,
            job.client,
            list(job.scopes) if job.scopes is not None else None,
        )
    return True


async def job_of(pool: Pool, job_id: str, organisation: str | None) -> Job | None:
    """A job of an organisation (None: of an open base) by the id in an address."""
    try:
        number = UUID(job_id)
    except ValueError:
        return None
    row = await pool.fetchrow(
        "select * from api.export where id = $1 and organisation is not distinct from $2",
        number,
        organisation,
    )
    return _job(row) if row else None


async def files_of(pool: Pool, job: Job) -> list[File]:
    """The files that a job made, in order."""
    rows = await pool.fetch(
        "select name, type, count, deleted from api.export_file where export = $1 order by name",
        job.id,
    )
    return [File(row["name"], row["type"], row["count"], row["deleted"]) for row in rows]


async def take_job(pool: Pool) -> Job | None:
    """The next job to run: one that waits, or one whose runner fell silent, from its beginning.

    Versions bear the time of their writing, not of their commit: what is still being written now
    belongs to the next export, so this one is complete only up to when the oldest such began.
    """
    row = await pool.fetchrow(
        """update api.export set state = 'running', started = clock_timestamp(),
               alive = clock_timestamp(), progress = '',
               complete = least(now(), (
                   select min(xact_start) from pg_stat_activity
                   where datname = current_database() and backend_type = 'client backend'
                   and pid <> pg_backend_pid()))
           where id = (
               select id from api.export
               where state = 'waiting'
               or (state = 'running' and alive < clock_timestamp() - $1::interval)
               order by asked limit 1 for update skip locked)
           returning *""",
        SILENT,
    )
    return _job(row) if row else None


async def say_alive(pool: Pool, job: Job, progress: str) -> bool:
    """Note how far a job is; False if it was taken away or by another runner meanwhile."""
    done = await pool.fetchval(
        """update api.export set alive = clock_timestamp(), progress = $3
           where id = $1 and state = 'running' and started = $2 returning true""",
        job.id,
        job.started,
        progress,
    )
    return bool(done)


async def end_job(pool: Pool, job: Job, files: Sequence[File] | None) -> None:
    """Note the end of a job: its files, or None if it failed."""
    async with pool.acquire() as connection, connection.transaction():
        ended = await connection.fetchval(
            """update api.export set state = $3, ended = clock_timestamp()
               where id = $1 and state = 'running' and started = $2 returning true""",
            job.id,
            job.started,
            "failed" if files is None else "done",
        )
        if ended and files:
            await connection.executemany(
                """insert into api.export_file (export, name, type, count, deleted)
                   values ($1, $2, $3, $4, $5)""",
                [(job.id, one.name, one.type, one.count, one.deleted) for one in files],
            )


async def forget_job(pool: Pool, job: Job) -> None:
    """Take a job away, whatever its state."""
    await pool.execute("delete from api.export where id = $1", job.id)


async def forget_old(pool: Pool, hours: int) -> list[UUID]:
    """Take away what ended so many hours ago; all ids that are left."""
    await pool.execute(
        "delete from api.export where ended < clock_timestamp() - make_interval(hours => $1)",
        hours,
    )
    return [row["id"] for row in await pool.fetch("select id from api.export")]


def _job(row: Any) -> Job:
    return Job(
        id=row["id"],
        account=row["account"],
        organisation=row["organisation"],
        level=row["level"],
        members=tuple(row["members"]) if row["members"] is not None else None,
        types=tuple(row["types"]),
        since=row["since"],
        request=row["request"],
        asked=row["asked"],
        state=row["state"],
        started=row["started"],
        complete=row["complete"],
        ended=row["ended"],
        progress=row["progress"],
        client=row["client"],
        scopes=tuple(row["scopes"]) if row["scopes"] is not None else None,
    )
