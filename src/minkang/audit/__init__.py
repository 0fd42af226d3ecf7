"""The audit log: every access to personal data and every refusal, append-only and chained.

Lives here: `AuditLog` (opened once per process; `record` returns when the entry is durable and
raises `AuditUnavailable` when it can't be: then the answer must not be given), `Entry`, `verify`
(finds any change, gap, reordering or cut), `archive_until` (old entries into signed files),
`entries` (search), `looks_at` (a resident's "who looked") and `recent`; `take_over_witness` at a
restore.

Does not live here: who may do what (policy), and what a log-in is (accounts). The log stores ids
and names as they were at the time; it never reads other packages' tables.
"""

from minkang.audit.archive import NotArchived, archive_until
from minkang.audit.entry import Entry
from minkang.audit.log import AuditLog, AuditUnavailable
from minkang.audit.looks import Look, looks_at, recent, refusals
from minkang.audit.restored import Lost, take_over_witness
from minkang.audit.search import Found, Sought, entries
from minkang.audit.verification import Cut, Fault, Verification
from minkang.audit.verify import verify

__all__ = [
    "AuditLog",
    "AuditUnavailable",
    "Cut",
    "Entry",
    "Fault",
    "Found",
    "Look",
    "Lost",
    "NotArchived",
    "Sought",
    "Verification",
    "archive_until",
    "entries",
    "looks_at",
    "recent",
    "refusals",
    "take_over_witness",
    "verify",
]
