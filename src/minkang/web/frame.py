"""Pages of the record inside another system's page: how they differ from those at the top.

The ASGI scope of a request in a frame carries its session; pages of the record are then rendered
with a layout of their own, and their links stay within the frame's addresses.
"""

import re
from typing import Any, Final

from minkang.policy.launch import Frame

BASE: Final = "/launch"

_KEY: Final = "minkang_frame"
_OUTWARD: Final = re.compile(r'(<a\b[^>]*?\shref="/(?!launch/|static/)[^"]*")')


def put_frame(scope: Any, frame: Frame) -> None:
    """Let a request be one in a frame."""
    scope[_KEY] = frame


def frame_in(scope: Any) -> Frame | None:
    """The framed session of a request, if it is one in a frame."""
    found: Frame | None = scope.get(_KEY)
    return found


def address_of(frame: Frame) -> str:
    """Where the record is, in this frame."""
    return f"{BASE}/{frame.id}/record"


def within(frame: Frame, page: str) -> str:
    """A page of the record whose links stay in the frame; those that lead elsewhere open a window
    of their own, since no other page may be shown in a frame.
    """
    own = rf"/record/{re.escape(frame.person)}(?![\w.-])"
    kept = re.sub(own, address_of(frame), page)
    return _OUTWARD.sub(r'\1 target="_blank" rel="noopener"', kept)


def may_hold(policy: str, origins: tuple[str, ...]) -> str:
    """A content security policy, with the pages that may hold the frame (CSP Level 3, 6.4.2)."""
    return policy.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(origins)}")
