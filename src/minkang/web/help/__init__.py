"""What every page is for and how one works with it, in two or three sentences: one per route.

A new page gets its entry in the module of its area, keyed by its route as `/record/{person}`;
`help_of` finds it, and `app.html` shows it behind the `?`.
"""

from collections.abc import Mapping
from typing import Final

from minkang.web.help import centre, clinic, desks, everybody, resident

__all__ = ["HELP", "help_of"]

HELP: Final[Mapping[str, str]] = {
    **everybody.WORDS,
    **clinic.WORDS,
    **resident.WORDS,
    **centre.WORDS,
    **desks.WORDS,
}
"""By route, without the types of its parameters; Chinese."""


def help_of(route: str) -> str:
    """The help of a route, or of the page that a form or part of a page belongs to; else ''."""
    while route and route not in HELP:
        route = route.rpartition("/")[0]
    return HELP.get(route, "")
