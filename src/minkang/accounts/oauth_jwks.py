"""The public keys of an app, from where it keeps them.

The address is the app's word, so it is asked with the care of `guarded_http`: HTTPS to the public
Internet, no redirect, limits on size and time. Keys are remembered for five minutes: an app that
changes its key keeps the old one in its list for as long (SMART App Launch 2.2).
"""

import time
from typing import Final

from joserfc.jwk import KeySet

from minkang.accounts.apps_rules import AppRefused, key_set
from minkang.accounts.guarded_http import FetchRefused, fetch

_REMEMBERED: Final = 300.0
_MOST: Final = 1_000


class KeysUnreachable(Exception):  # noqa: N818 - reads as what happened
    """An app's keys can't be had from where they are said to lie; says why, for the log."""


class AppKeys:
    """Keys by address, remembered for a while.

    Args:
        private: the operator lets apps keep their keys in the own network.
    """

    def __init__(self, *, private: bool = False) -> None:
        self._private = private
        self._known: dict[str, tuple[float, KeySet]] = {}

    async def at(self, url: str) -> KeySet:
        """The keys at an address.

        Raises:
            KeysUnreachable: it may not be asked, does not answer in time, or with something else.
        """
        known = self._known.get(url)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        try:
            found = key_set((await fetch(url, private=self._private)).decode())
        except (AppRefused, FetchRefused, UnicodeDecodeError) as error:
            raise KeysUnreachable(f"{url}: {error}") from error
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[url] = (time.monotonic() + _REMEMBERED, found)
        return found
