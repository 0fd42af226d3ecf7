"""What the machine itself can do: without it no figure of a durable write means anything."""

import asyncio
import os
import time

from bench.measure import Place, Result, result

_SECONDS = 1.5
_PAGE = b"\0" * 8192


async def machine_fsync(place: Place) -> Result:
    """Pages of 8 kB written and forced to the disk one after the other, a second.

    The reference is 178/s, a consumer's NVMe drive; nothing is aimed at.
    """
    path = place.home / "fsync"

    def count() -> float:
        done = 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        try:
            begun = time.perf_counter()
            while time.perf_counter() - begun < _SECONDS:
                os.pwrite(descriptor, _PAGE, (done % 256) * len(_PAGE))
                os.fdatasync(descriptor)
                done += 1
            return done / (time.perf_counter() - begun)
        finally:
            os.close(descriptor)
            path.unlink()

    return result("machine_fsync", await asyncio.to_thread(count), "fsync/s", 178, 0)
