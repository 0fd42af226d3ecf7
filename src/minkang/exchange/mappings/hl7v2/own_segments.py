"""Z-segments: what a source sends of its own stays with the resource that it stands beside."""

from collections.abc import Iterable, Mapping

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.hl7v2.draft import Draft

_URL = "urn:minkang:hl7v2:"


def keep_own_segments(message: Message, main: Draft, after: Mapping[str, Draft]) -> None:
    """Put each Z-segment of a message, as it was sent, into an extension of a resource.

    It belongs to the resource of the last segment before it that is named in `after`, else to
    `main`.
    """
    owner = main
    for segment in message.segments:
        owner = after.get(segment.name, owner)
        if segment.name.startswith("Z"):
            add_own_segment(owner, segment)


def keep_group_segments(segments: Iterable[Segment], owner: Draft) -> None:
    """Put the Z-segments of a group into extensions of its resource."""
    for segment in segments:
        if segment.name.startswith("Z"):
            add_own_segment(owner, segment)


def add_own_segment(owner: Draft, segment: Segment) -> None:
    """Keep one segment: url `urn:minkang:hl7v2:Zxx`, the whole segment as valueString."""
    extension = {"url": f"{_URL}{segment.name}", "valueString": segment.text}
    owner.resource.setdefault("extension", []).append(extension)
