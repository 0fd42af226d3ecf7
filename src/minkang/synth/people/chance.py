"""Columns of uniform numbers that belong to a block of households and a purpose."""

from hashlib import blake2b

import numpy as np


def columns(seed: int, purpose: str, *keys: int) -> np.random.Generator:
    """A generator for this purpose and these keys alone.

    Use `random()` only: uniform numbers stay the same over numpy's versions, distributions may not.
    """
    text = "\x1f".join((str(seed), "people", purpose, *map(str, keys)))
    number = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
    return np.random.Generator(np.random.PCG64(number))
