"""Who holds a bearer token, remembered for a moment: most calls come from few systems."""

import time
from datetime import datetime

from minkang.accounts import Account, token_account
from minkang.crypto import Keys
from minkang.store import Pool

_SECONDS = 5.0
_MOST = 10_000


class Callers:
    """Accounts by token; what is remembered is forgotten after five seconds.

    A token can't be called back, it only ends; so for up to five seconds past its end it may still
    be taken. Whoever is unknown is never remembered.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Account]] = {}

    async def holder(self, pool: Pool, keys: Keys, token: str, now: datetime) -> Account | None:
        """Who a token acts as, or None."""
        moment = time.monotonic()
        known = self._known.get(token)
        if known is not None and known[0] > moment:
            return known[1]
        account = await token_account(pool, keys, token, now=now)
        if account is None:
            self._known.pop(token, None)
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[token] = (moment + _SECONDS, account)
        return account
