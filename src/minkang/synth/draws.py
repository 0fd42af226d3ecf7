"""Random streams that depend on names alone, so that any process draws the same."""

from hashlib import blake2b
from random import Random


def stream(seed: int, *names: str | int) -> Random:
    """A stream of its own for these names; the same names give the same draws everywhere.

    A life must never draw from a stream that another life draws from too: what one process makes
    of a household would then depend on what it made before.
    """
    text = "\x1f".join((str(seed), *map(str, names)))
    return Random(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big"))


def share(seed: int, *names: str | int) -> float:
    """One number in [0, 1) that belongs to these names."""
    text = "\x1f".join((str(seed), *map(str, names)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64
