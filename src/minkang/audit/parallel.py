"""Walking parts of the log in several processes, all in one snapshot of the database."""

import asyncio
import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from uuid import UUID

import asyncpg
import msgspec

from minkang.audit.entry import Head
from minkang.audit.parts import Part, Walked, walk
from minkang.audit.verification import Findings
from minkang.store import Connection

# One order of reading for all sizes: along the key, never sorted.
_SESSION = {"enable_seqscan": "off", "enable_sort": "off", "statement_timeout": "0", "jit": "off"}


class _Task(msgspec.Struct, frozen=True):
    url: str
    snapshot: str
    key: bytes
    heads: Mapping[UUID, Head]
    part: Part


async def walk_parts(
    connection: Connection,
    url: str,
    key: bytes,
    heads: Mapping[UUID, Head],
    parts: Sequence[Part],
    processes: int,
    findings: Findings,
    passed: Callable[[int], None],
) -> Walked:
    """Walk parts beside each other; faults come in the order of the parts.

    Raises:
        asyncpg.PostgresError, OSError: as `walk`.
    """
    snapshot = await connection.fetchval("select pg_export_snapshot()")
    loop = asyncio.get_running_loop()
    walked = Walked()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(parts)), mp_context=context) as pool:
        tasks = [_Task(url, snapshot, key, heads, part) for part in parts]
        for done in [loop.run_in_executor(pool, _run, task) for task in tasks]:
            one, found = await done
            walked.entries += one.entries
            walked.writers |= one.writers
            findings.take(found)
            passed(one.entries)
    return walked


def _run(task: _Task) -> tuple[Walked, Findings]:
    return asyncio.run(_walk(task))


async def _walk(task: _Task) -> tuple[Walked, Findings]:
    findings = Findings()
    connection = await asyncpg.connect(task.url, server_settings=_SESSION)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(f"set transaction snapshot '{task.snapshot}'")
            walked = await walk(
                connection, task.key, task.heads, task.part, findings, lambda _: None
            )
    finally:
        await connection.close()
    return walked, findings
