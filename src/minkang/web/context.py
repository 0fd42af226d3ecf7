"""What the handlers work with, opened once for the process."""

from collections.abc import Awaitable, Callable

import msgspec

from minkang.config import Settings
from minkang.crypto import Keys
from minkang.policy import Gate
from minkang.store import Store
from minkang.web.live import Live


class DemoAccount(msgspec.Struct, frozen=True):
    """An account of the demonstration, shown on its log-in page."""

    login: str
    password: str
    role_name: str
    what: str


class Sent(msgspec.Struct, frozen=True):
    """A message that the demonstration sent: for whom, and the line it was answered with."""

    source: str
    control_id: str
    person: str
    name: str
    answer: str
    sent_ms: int
    answered_ms: int


class Demonstration(msgspec.Struct, frozen=True):
    """What only the demonstration has: its accounts, and a way to send a message by socket."""

    accounts: tuple[DemoAccount, ...]
    send: Callable[[], Awaitable[Sent]]


class Web(msgspec.Struct, frozen=True):
    """Store, gate, keys, settings, and what is new as it happens."""

    store: Store
    gate: Gate
    keys: Keys
    settings: Settings
    live: Live
    demonstration: Demonstration | None
