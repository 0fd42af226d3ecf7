"""A card of a home page: something that waits for the visitor, and the one click to it.

Modules that offer cards import `Card` from here, never from `home_cards`, which imports them.
"""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

import msgspec

from minkang.web.visitor import Visitor

Tone = Literal["", "warn", "danger", "ok"]


class Card(msgspec.Struct, frozen=True):
    """What needs doing now, in the visitor's language.

    Attributes:
        title: what it is: three to eight characters.
        count: how many wait; None if it is no number (then `words` say all).
        words: one sentence: what is behind the number, or that nothing waits.
        href: the page on which it is done.
        tone: `danger`: past its time, or it harms somebody meanwhile; `warn`: waits; `ok`: nothing
            to do; '': for information.
    """

    title: str
    count: int | None
    words: str
    href: str
    tone: Tone = ""


Offer: TypeAlias = Callable[[Visitor], Awaitable[Card | None]]
"""Makes a card with one cheap query; None if it does not concern this visitor."""
