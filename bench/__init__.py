"""Benches of the hot paths, each against a reference measured in the same run.

Absolute figures on a shared machine mean nothing; the ratio does. `make bench`, or
`minkang bench NAME --json`. docs/performance/ says what each measures and what it reached.

`machine`, `store`, `audit`, `path`, `quality`, `synth`, `codes`: inside one process. `intake`: by
socket, with `senders`. `fhir_base` (with `population`, `searches`) and `synthea`: over HTTP, with
autocannon (`client`, `load.mjs`) against `minkang serve` (`server`).
"""

from collections.abc import Awaitable, Callable

from bench.access import access
from bench.audit import audit, audit_large
from bench.codes import codes
from bench.documents import documents
from bench.fhir_base import fhir, fhir_large
from bench.intake import message_process, mllp
from bench.linkage import linkage, linkage_large
from bench.machine import machine_fsync
from bench.measure import NotRun, Place, Result
from bench.path import inbox_keep
from bench.quality import quality
from bench.record import record, record_large
from bench.register import register, register_large
from bench.store import record_growth, store_read, store_write
from bench.synth import synth
from bench.synthea import bulk_load_synthea, transactions
from bench.tables import table_map

Bench = Callable[[Place], Awaitable[Result | list[Result]]]

BENCHES: dict[str, Bench] = {
    "machine_fsync": machine_fsync,
    "store_write": store_write,
    "store_read": store_read,
    "audit": audit,
    "inbox_keep": inbox_keep,
    "mllp": mllp,
    "message_process": message_process,
    "documents": documents,
    "table_map": table_map,
    "quality": quality,
    "record_growth": record_growth,
    "synth": synth,
    "load_synthea": bulk_load_synthea,
    "transactions": transactions,
    "fhir": fhir,
    "access": access,
    "linkage": linkage,
    "codes": codes,
    "register": register,
    "record": record,
}
"""Name to bench, in the order in which they run."""

LARGE: dict[str, Bench] = {
    "fhir_large": fhir_large,
    "audit_large": audit_large,
    "register_large": register_large,
    "linkage_large": linkage_large,
    "record_large": record_large,
}
"""Run only when they are named: they take long."""

__all__ = ["BENCHES", "LARGE", "Bench", "NotRun"]
