"""Extensions of a resource by their url, and what they hold."""

from collections.abc import Iterator, Mapping
from typing import Any

Held = Mapping[str, Any]


def extensions(holder: Held, url: str) -> Iterator[dict[str, Any]]:
    """The extensions of a url, in order."""
    return (one for one in holder.get("extension", ()) if one.get("url") == url)


def value_of(extension: Held) -> Any:
    """What an extension holds, of whatever type."""
    return next((value for key, value in extension.items() if key.startswith("value")), None)


def first(holder: Held, url: str) -> Any:
    """What the first extension of a url holds; None if there is none."""
    return next((value_of(one) for one in extensions(holder, url)), None)


def parts(extension: Held) -> dict[str, Any]:
    """The parts of a complex extension by name; of a part that is complex itself its parts."""
    return {
        one["url"]: parts(one) if "extension" in one else value_of(one)
        for one in extension.get("extension", ())
    }


def texts(holder: Held) -> dict[str, str]:
    """The parts that are texts."""
    return {key: value for key, value in holder.items() if isinstance(value, str)}
