"""A child process of a running platform: `python -m minkang.app.process ROLE PIPE [WAY...]`.

A way is `demo` (with the demonstration) or `open` (the FHIR base without tokens).

The role `behind` ends by itself, when its work is done. Ended before, it goes on where it was, and
needs no time to stop.

It ends when its parent does, however that dies: the parent holds the other end of a pipe.
The database's URL comes by standard input, so that no password stands in a process list.
"""

import asyncio
import gc
import os
import signal
import sys
import threading
from pathlib import Path

import uvloop

from minkang.app.listener import listen
from minkang.app.log_format import begin_log
from minkang.app.platform import Platform, open_platform
from minkang.app.worker import work
from minkang.config import Settings, load_settings

ROLES = ("web", "listener", "worker")


def main() -> None:
    """Run the role named on the command line until SIGTERM."""
    role, pipe, ways = sys.argv[1], int(sys.argv[2]), frozenset(sys.argv[3:])
    url = sys.stdin.readline().strip()
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    settings = load_settings(os.environ, Path.cwd())
    begin_log(role, settings.log_format)
    uvloop.run(_run(role, settings, url, ways))
    # What was set apart from the collector would be told as leaks by libraries in C++.
    gc.unfreeze()


def _end_with_parent(pipe: int) -> None:
    os.read(pipe, 1)
    os._exit(1)


async def _run(role: str, settings: Settings, url: str, ways: frozenset[str]) -> None:
    stop = asyncio.Event()
    for number in () if role == "behind" else (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_platform(settings, url) as platform:
        await _work(role, platform, stop, ways)


async def _work(role: str, platform: Platform, stop: asyncio.Event, ways: frozenset[str]) -> None:
    if role == "region":
        # Only the demonstration has it, and `behind`.
        from minkang.app.demonstration.later import send_later

        await send_later(platform, stop)
    elif role == "behind":
        from minkang.app.demonstration.behind import load_behind

        await load_behind(platform)
    elif role == "listener":
        await listen(platform, stop)
    elif role == "worker":
        await work(platform, stop)
    else:
        # Only this process needs the pages and all they import.
        from minkang.app.web import serve_web

        await serve_web(platform, stop, demo="demo" in ways, open_base="open" in ways)


if __name__ == "__main__":
    main()
