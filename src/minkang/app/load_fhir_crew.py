"""Who does the tasks of a load: some worker processes, or this one, where there is little to do."""

import asyncio
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

import msgspec

from minkang.app.load_fhir_tasks import PREFIX, Begin, Done, End, Learn, Task, packed, to_load
from minkang.app.load_fhir_work import Work, carried_out

_AHEAD = 2
"""Tasks that a worker has at a time, so that it never waits for the next."""

_END_SECONDS = 30.0


class WorkerLost(OSError):  # noqa: N818 - reads as what happened
    """A worker ended, or lost the database; what it had not committed was not done."""


class Given(msgspec.Struct, frozen=True):
    """A task, and how many bytes of the files it stands for."""

    task: Task
    weight: int


Finished: TypeAlias = Callable[[Given, Done], Awaitable[None]]


class Alone:
    """This process does all tasks itself."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def carry_out(self, tasks: Iterator[Given], finished: Finished) -> None:
        """Do all tasks; `finished` hears of each."""
        while (given := await asyncio.to_thread(next, tasks, None)) is not None:
            await finished(given, await carried_out(self._work, given.task))

    def learn(self) -> None:
        """Hear of a new compression dictionary: whoever made it has loaded it."""

    async def end(self) -> None:
        """Nobody has to be let go."""

    async def kill(self) -> None:
        """Nobody has to be ended."""


class Crew:
    """Some worker processes."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._processes: list[asyncio.subprocess.Process] = []
        self._taking = asyncio.Lock()

    async def start(self, count: int) -> None:
        """Start so many workers."""
        for _ in range(count):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "minkang.app.load_fhir_worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            self._processes.append(process)
            _send(process, packed(self._begin))

    async def carry_out(self, tasks: Iterator[Given], finished: Finished) -> None:
        """Have all tasks done, by whoever has time; `finished` hears of each.

        Raises:
            WorkerLost
        """
        try:
            async with asyncio.TaskGroup() as group:
                for process in self._processes:
                    group.create_task(self._drive(process, tasks, finished))
        except BaseExceptionGroup as group_error:
            raise group_error.exceptions[0] from None

    def learn(self) -> None:
        """Tell all workers that there is a new compression dictionary."""
        for process in self._processes:
            _send(process, packed(Learn()))

    async def end(self) -> None:
        """Let the workers go; one that doesn't is ended."""
        for process in self._processes:
            if process.returncode is None:
                _send(process, packed(End()))
        for process in self._processes:
            try:
                await asyncio.wait_for(process.wait(), _END_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()

    async def kill(self) -> None:
        """End all workers at once: what they had not committed is not done."""
        for process in self._processes:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _drive(
        self,
        process: asyncio.subprocess.Process,
        tasks: Iterator[Given],
        finished: Finished,
    ) -> None:
        under_way: deque[Given] = deque()
        while True:
            while len(under_way) < _AHEAD:
                # Reading a file may take a while; one at a time reads.
                async with self._taking:
                    given = await asyncio.to_thread(next, tasks, None)
                if given is None:
                    break
                _send(process, packed(given.task))
                under_way.append(given)
            if not under_way:
                return
            done = await _receive(process)
            await finished(under_way.popleft(), done)


def _send(process: asyncio.subprocess.Process, message: bytes) -> None:
    if process.stdin is None or process.stdin.is_closing():
        raise WorkerLost("a worker of the load is gone; the same command goes on")
    process.stdin.write(message)


async def _receive(process: asyncio.subprocess.Process) -> Done:
    assert process.stdout is not None  # noqa: S101 - asked for at the start
    try:
        length = await process.stdout.readexactly(PREFIX)
        body = await process.stdout.readexactly(int.from_bytes(length, "big"))
    except asyncio.IncompleteReadError:
        raise WorkerLost("a worker of the load ended; the same command goes on") from None
    message = to_load(body)
    if isinstance(message, Done):
        return message
    raise WorkerLost(f"{message.text}; the same command goes on when the database is back")
