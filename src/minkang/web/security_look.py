"""What a check of the security lists is given, and what it gives back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import msgspec

from minkang.config import Settings
from minkang.crypto import Keys
from minkang.store import Connection, Pool


class Look(msgspec.Struct, frozen=True):
    """What a check found: whether it is as it should be, and what it saw."""

    fits: bool
    found: str


class Place(msgspec.Struct, frozen=True):
    """What checks look at; the connection is theirs alone meanwhile."""

    settings: Settings
    keys: Keys
    pool: Pool
    connection: Connection
    now: datetime

    @property
    def key_folder(self) -> Path:
        """Where the key files lie."""
        return self.settings.home / "keys"


Check: TypeAlias = Callable[[Place], Awaitable[Look]]
