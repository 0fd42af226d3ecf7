"""How messages come in: kept raw, acknowledged, mapped, stored, or put aside with the reason.

Lives here: sources, channels with their listeners (`channels/`), the inbox, the mappings (pure
functions, one file each, in `mappings/`), merging what arrives in any order, quarantine, replay.
Does not live here: which resident a patient is (identity), who may see it (policy), what a
resource looks like inside the database (store).

Use `Inbox.keep` to take a message in (it is durable when the call returns), `process_waiting` to
bring the next ones into the store, `replay` after a mapping was mended. Whoever does both gives
both one `Ahead`, and maps each message once.
"""

from minkang.exchange.ahead import Ahead
from minkang.exchange.inbox import Arrival, Inbox, InboxUnavailable, Kept
from minkang.exchange.process import process_waiting
from minkang.exchange.quarantine import replay, replay_rule
from minkang.exchange.sources import Source, load_sources, register, save_source, sources

__all__ = [
    "Ahead",
    "Arrival",
    "Inbox",
    "InboxUnavailable",
    "Kept",
    "Source",
    "load_sources",
    "process_waiting",
    "register",
    "replay",
    "replay_rule",
    "save_source",
    "sources",
]
