"""Two people with the same form open: the second is told what the first has changed since.

A form carries in hidden fields what it showed; `templates/_conflict.html` sets both texts side by
side, and the form below it then carries what is there now.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

WAS: Final = "was-"
"""Before the names of the hidden fields."""

Labels = Mapping[str, tuple[str, Mapping[str, str]]]
"""By field: what it is called, and what its codes are called if it has codes."""


def was(typed: Mapping[str, str]) -> dict[str, str] | None:
    """What the form showed when it was opened; None if it does not say."""
    found = {name.removeprefix(WAS): text for name, text in typed.items() if name.startswith(WAS)}
    return found or None


def conflict(
    typed: Mapping[str, str], now: Mapping[str, str], labels: Labels, say: Callable[[str], str]
) -> list[dict[str, Any]]:
    """The fields in which what was typed differs from what is there now, both in words."""

    def words(codes: Mapping[str, str], text: str) -> str:
        return say(codes[text]) if text in codes else text or "—"

    return [
        {
            "words": say(label),
            "yours": words(codes, typed.get(name, "").strip()),
            "now": words(codes, now.get(name, "")),
        }
        for name, (label, codes) in labels.items()
        if typed.get(name, "").strip() != now.get(name, "")
    ]
