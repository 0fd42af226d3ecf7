"""What the handlers work with, opened once for the process."""

from collections.abc import Awaitable, Callable

import msgspec

from minkang.accounts.login_rules import LoginRules
from minkang.accounts.oidc_provider import Providers
from minkang.config import Settings
from minkang.crypto import Keys
from minkang.identity.codes import CodeKeys, Validity
from minkang.identity.codes.scan import Scanner
from minkang.policy import Gate
from minkang.store import Store
from minkang.web.live import Live
from minkang.web.login_settings import rules_of


class DemoAccount(msgspec.Struct, frozen=True):
    """An account of the demonstration, shown on its log-in page among those of its group."""

    login: str
    password: str
    role_name: str
    what: str
    group: str = ""


class Sent(msgspec.Struct, frozen=True):
    """A message that the demonstration sent: for whom, and the line it was answered with."""

    source: str
    control_id: str
    person: str
    name: str
    answer: str
    sent_ms: int
    answered_ms: int


class Growing(msgspec.Struct, frozen=True):
    """A demonstration into which more residents are brought: how many are there, of how many."""

    loaded: int
    residents: int


class Demonstration(msgspec.Struct, frozen=True):
    """What only the demonstration has: its accounts, and a way to send a message by socket.

    `growing` tells how far it is as long as residents are still brought in, else None.
    """

    accounts: tuple[DemoAccount, ...]
    send: Callable[[], Awaitable[Sent]]
    growing: Callable[[], Growing | None]


class Web(msgspec.Struct, frozen=True):
    """Store, gate, keys, settings, and what is new as it happens."""

    store: Store
    gate: Gate
    keys: Keys
    settings: Settings
    live: Live
    demonstration: Demonstration | None
    providers: Providers = msgspec.field(default_factory=Providers)
    code_keys: CodeKeys = msgspec.field(default_factory=CodeKeys)

    @property
    def scanner(self) -> Scanner:
        """What scanning codes works with."""
        settings = self.settings
        validity = Validity(settings.code_seconds, settings.code_visit_minutes)
        return Scanner(self.gate, self.keys, self.code_keys, validity)

    @property
    def login_rules(self) -> LoginRules:
        """What this installation asks of passwords, second factors and sessions."""
        return rules_of(self.settings, demonstration=self.demonstration is not None)
