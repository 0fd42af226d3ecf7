"""Senders of HL7 v2 messages: `python -m bench.senders PORT CONNECTIONS SECONDS SINCE WANTED`.

Each connection sends a message, waits for the acknowledgement, and sends the next; with a rate that
is wanted it waits for its turn first. Prints one JSON object (`bench.intake.Sent`).
"""

import asyncio
import sys
import time
from collections.abc import Iterator

import msgspec
import uvloop

from bench.intake import Sent
from bench.region import lab_messages
from minkang.exchange.hl7v2 import frame

_SPARE = 4_000
"""Messages are made beforehand: so many a second at most are sent."""


class _Tally:
    def __init__(self) -> None:
        self.waits: list[float] = []
        self.refused = 0


async def _sender(
    port: int, frames: Iterator[bytes], until: float, turns: tuple[float, float], tally: _Tally
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn, gap = turns
    for one in frames:
        if gap:
            turn += gap
            await asyncio.sleep(max(0.0, turn - time.perf_counter()))
        begun = time.perf_counter()
        if begun > until:
            break
        writer.write(one)
        answer = await reader.readuntil(b"\x1c\r")
        tally.waits.append(time.perf_counter() - begun)
        tally.refused += b"MSA|AA" not in answer and b"MSA|CA" not in answer
    writer.close()


async def _send(port: int, connections: int, seconds: int, since: int, wanted: float) -> Sent:
    frames = iter([frame(one) for one in lab_messages(_SPARE * seconds, since)])
    tally = _Tally()
    begun = time.perf_counter()
    until = begun + seconds
    gap = connections / wanted if wanted else 0.0
    await asyncio.gather(
        *(
            _sender(port, frames, until, (begun + gap * n / connections, gap), tally)
            for n in range(connections)
        )
    )
    took = time.perf_counter() - begun
    waits = sorted(tally.waits)
    p99 = waits[int(len(waits) * 0.99)] if waits else float("inf")
    return Sent(len(waits) / took, round(p99 * 1_000, 2), tally.refused)


def main() -> None:
    """Send, and say what became of it."""
    port, connections, seconds, since = (int(one) for one in sys.argv[1:5])
    sent = uvloop.run(_send(port, connections, seconds, since, float(sys.argv[5])))
    sys.stdout.write(msgspec.json.encode(sent).decode() + "\n")


if __name__ == "__main__":
    main()
