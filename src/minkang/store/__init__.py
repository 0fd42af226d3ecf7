"""Versioned FHIR resources on PostgreSQL.

Lives here: connections and the embedded server, migrations, the layout of resources, reading
and writing them, search, history, the change feed, bulk load. Does not live here: what a message
means (exchange), who may see what (policy, which makes the `Scope`s this package compiles into
SQL), which records belong to one person (identity).

Use `open_store`, then `read`, `history`, `search` (each with a `Scope`; there is no default) and
`write` inside a transaction; `changes` follows what was committed, in order and without gaps.
"""

from minkang.store.changes import Change, Locked, Outcome
from minkang.store.connection import TROUBLE, Connection, Pool, open_pool
from minkang.store.expanded_codes import CodeModifier, Expand
from minkang.store.feed import Position, changes, load_position, save_position
from minkang.store.find import Found, TooCostly, find
from minkang.store.grade import Grade, label_of
from minkang.store.migrate import MigrationError, is_migrated, migrate
from minkang.store.read import history, read, read_several, read_version
from minkang.store.scope import Grant, Scope
from minkang.store.search import Page, Query, search
from minkang.store.store import Store, open_store
from minkang.store.stored import Stored
from minkang.store.terms import Terms
from minkang.store.topics import SENSITIVE_TOPICS, Topic
from minkang.store.versions import History, VersionPage, versions
from minkang.store.write import lock_criteria, lock_current, write

__all__ = [
    "SENSITIVE_TOPICS",
    "TROUBLE",
    "Change",
    "CodeModifier",
    "Connection",
    "Expand",
    "Found",
    "Grade",
    "Grant",
    "History",
    "Locked",
    "MigrationError",
    "Outcome",
    "Page",
    "Pool",
    "Position",
    "Query",
    "Scope",
    "Store",
    "Stored",
    "Terms",
    "TooCostly",
    "Topic",
    "VersionPage",
    "changes",
    "find",
    "history",
    "is_migrated",
    "label_of",
    "load_position",
    "lock_criteria",
    "lock_current",
    "migrate",
    "open_pool",
    "open_store",
    "read",
    "read_several",
    "read_version",
    "save_position",
    "search",
    "versions",
    "write",
]
