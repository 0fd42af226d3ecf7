"""A worker of a load: `python -m minkang.app.load_fhir_worker`.

Tasks come by standard input, what became of them goes out by standard output. When the load is
gone, however it died, the worker ends at once; what it had not committed was not done.
"""

import asyncio
import gc
import os
import sys
import threading
from pathlib import Path

import uvloop

from minkang.app.load_fhir_steps import Known
from minkang.app.load_fhir_tasks import (
    Begin,
    DocumentsTask,
    Failed,
    Learn,
    LinesTask,
    ToLoad,
    ToWorker,
    packed,
    received,
)
from minkang.app.load_fhir_work import Work, carried_out
from minkang.app.load_fhir_write import Origin
from minkang.app.platform import key_folder
from minkang.crypto import load_keys
from minkang.store import TROUBLE, open_pool, open_store


def main() -> None:
    """Work until the load says that it is over."""
    # Nearly all that is made here is resources, which have no cycles to look for. A task of some
    # hundred of them stays below the first number.
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)
    begin = received(_read)
    if isinstance(begin, Begin):
        uvloop.run(_run(begin))


async def _run(begin: Begin) -> None:
    queue: asyncio.Queue[ToWorker] = asyncio.Queue()
    threading.Thread(target=_receive, args=(asyncio.get_running_loop(), queue), daemon=True).start()
    try:
        keys = load_keys(key_folder(Path(begin.home)), create=False)
        pool = await open_pool(begin.url, maximum=1)
        store = await open_store(pool, keys)
        work = Work(store, keys.id_key, Origin(begin.source, begin.began), Known())
        while isinstance(message := await queue.get(), LinesTask | DocumentsTask | Learn):
            if isinstance(message, Learn):
                async with pool.acquire() as connection:
                    await store.codec.load(connection)
            else:
                _send(await carried_out(work, message))
        await pool.close()
    except TROUBLE as error:
        _send(Failed(f"{type(error).__name__}: {error}"))


def _receive(loop: asyncio.AbstractEventLoop, queue: "asyncio.Queue[ToWorker]") -> None:
    while (message := received(_read)) is not None:
        loop.call_soon_threadsafe(queue.put_nowait, message)
    os._exit(1)


def _read(size: int) -> bytes:
    """Bytes of standard input, unbuffered: a buffer's lock would be held when the worker ends."""
    parts = []
    while size and (part := os.read(sys.stdin.fileno(), size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(message: ToLoad) -> None:
    sys.stdout.buffer.write(packed(message))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
