"""Wiring: which packages bring tables, and the processes of a running platform.

Nothing is decided here that another package could know. `PACKAGES` is the order of migrations.
"""

PACKAGES = (
    "minkang.store",
    "minkang.terminology",
    "minkang.audit",
    "minkang.accounts",
    "minkang.policy",
    "minkang.identity",
    "minkang.exchange",
    "minkang.record.region",
    "minkang.record.files",
    "minkang.record.cds",
    "minkang.record.due",
    "minkang.api",
)
