"""Who holds a bearer token, remembered for a moment: most calls come from few systems."""

import time

from minkang.accounts import Account

_SECONDS = 5.0
_MOST = 10_000


class Callers:
    """Accounts by the header that they came with; what is remembered is forgotten in five seconds.

    A token can't be called back, it only ends; so for up to five seconds past its end it may still
    be taken. Whoever is unknown is never remembered.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[float, Account]] = {}

    def remembered(self, header: bytes) -> Account | None:
        """Who came with this header a moment ago, or None."""
        known = self._known.get(header)
        if known is None or known[0] <= time.monotonic():
            return None
        return known[1]

    def remember(self, header: bytes, account: Account | None) -> None:
        """Remember whose header it is."""
        if account is None:
            self._known.pop(header, None)
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[header] = (time.monotonic() + _SECONDS, account)
