"""Where a log-in may lead: a page of this site, never another one. Pure."""

import re
from urllib.parse import urlsplit

_PLAIN = re.compile(r"/[!-~]*")  # printable ASCII; browsers drop tabs and line ends from addresses


def own_path(path: str) -> str:
    """The path, if it is one of this site as every browser reads it; else empty.

    Not let pass: `//host`, `/\\host` (a backslash is a slash to browsers), anything that is not
    printable, and nothing that `urlsplit` finds a host in.
    """
    if not _PLAIN.fullmatch(path) or "\\" in path or path.startswith("//") or len(path) > 1000:
        return ""
    try:
        parts = urlsplit(path)
    except ValueError:
        return ""
    return path if not parts.scheme and not parts.netloc else ""
