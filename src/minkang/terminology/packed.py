"""The tables beside this module: lines of text, compressed if long."""

from importlib.resources import files

import zstandard


def packed_text(name: str) -> str:
    """The whole of a file of `data/`."""
    content = (files("minkang.terminology") / "data" / name).read_bytes()
    if name.endswith(".zst"):
        content = zstandard.decompress(content)
    return content.decode()


def packed_lines(name: str) -> list[str]:
    """The lines of a file of `data/`, the empty ones left out."""
    return [line for line in packed_text(name).split("\n") if line]
