"""Where the bytes of messages lie, for those who seal them anew."""

from typing import Any

from minkang.store.reseal import Area
from minkang.store.vault import about_message


def _message(row: Any) -> bytes:
    return about_message(row["hash"])


MESSAGES = Area("message", "exchange.message", (("id", "bigint"),), _message, ("hash",))
