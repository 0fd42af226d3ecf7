"""Benches of the hot paths, each against a reference measured in the same run.

Absolute figures on a shared machine mean nothing; the ratio does. `make bench`, or
`minkang bench NAME --json`. docs/performance.md says what each measures and what it reached.
"""

from collections.abc import Awaitable, Callable

from bench.measure import Place, Result
from bench.path import inbox_keep, message_process
from bench.store import record_growth, store_read, store_write

BENCHES: dict[str, Callable[[Place], Awaitable[Result]]] = {
    "store_write": store_write,
    "store_read": store_read,
    "inbox_keep": inbox_keep,
    "message_process": message_process,
    "record_growth": record_growth,
}
"""Name to bench, in the order in which they run."""
