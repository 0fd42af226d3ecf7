"""Ids derived from the sources' own numbers, never looked up (design decision 4).

The same number from the same source always gives the same id, so that mapping is a pure function,
sending again is harmless, and references can be written without reading.
"""

from functools import lru_cache

from minkang.crypto import HmacSm3, begun_hmac_sm3
from minkang.exchange.sources import Source


def is_yearly(source: Source, resource_type: str) -> bool:
    """Whether a source starts its numbers of a type anew each year; those of patients it never
    does.
    """
    return source.number_period == "year" and resource_type != "Patient"


def derive_id(id_key: bytes, source: Source, resource_type: str, number: str, year: int) -> str:
    """A FHIR id (32 characters, 128 bits) for the resource that the source calls `number`.

    `year` is when the number was given out; it counts only where `is_yearly`.
    """
    period = str(year) if is_yearly(source, resource_type) else ""
    code = _begun(id_key, source.namespace or source.id, resource_type, period).copy()
    code.update(f"{len(number)}:{number}".encode())
    return code.finalize()[:16].hex()


@lru_cache(maxsize=4096)
def _begun(id_key: bytes, space: str, kind: str, period: str) -> HmacSm3:
    """A code that has taken in everything but the number: most of the work."""
    parts = (space, kind, period)
    return begun_hmac_sm3(id_key, "".join(f"{len(part)}:{part}" for part in parts).encode())
