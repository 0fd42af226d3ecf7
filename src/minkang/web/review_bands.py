"""Weights in bands: below what is looked at, the two halves of what is in doubt, what links."""

from typing import Final

from minkang.identity.linkage.definition import Definition
from minkang.web.rendering import N_
from minkang.web.review_words import Say

_WORDS: Final = {
    "above": N_("达到自动关联"),
    "upper": N_("偏高"),
    "lower": N_("偏低"),
    "under": N_("低于核对界限"),
}

Bounds = tuple[float | None, float | None]
"""At least, and below."""


def bounds_of(definition: Definition) -> tuple[float, float, float]:
    """Where the bands meet: from which pairs are looked at, the middle, from which they link."""
    review, link = definition.written.review, definition.written.link
    return review, (review + link) / 2, link


def bands_of(definition: Definition) -> dict[str, Bounds]:
    """The bands by name, the highest first."""
    review, middle, link = bounds_of(definition)
    return {
        "above": (link, None),
        "upper": (middle, link),
        "lower": (review, middle),
        "under": (None, review),
    }


def band_words(definition: Definition, say: Say) -> dict[str, str]:
    """The bands in words, with their bounds."""
    return {
        name: f"{say(_WORDS[name])} ({range_words(*bounds)})"
        for name, bounds in bands_of(definition).items()
    }


def range_words(least: float | None, below: float | None) -> str:
    """Bounds of weights as pages show them."""
    if least is None:
        return f"< {below or 0.0:.1f}"
    return f"≥ {least:.1f}" if below is None else f"{least:.1f} – {below:.1f}"
