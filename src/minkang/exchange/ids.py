"""Ids derived from the sources' own numbers, never looked up (design decision 4).

The same number from the same source always gives the same id, so that mapping is a pure function,
sending again is harmless, and references can be written without reading.
"""

from minkang.crypto import hmac_sm3
from minkang.exchange.sources import Source


def derive_id(id_key: bytes, source: Source, resource_type: str, number: str, year: int) -> str:
    """A FHIR id (32 characters, 128 bits) for the resource that the source calls `number`.

    `year` is when the number was given out; it counts only for sources that start their numbers
    anew each year, and never for patients.
    """
    period = str(year) if source.number_period == "year" and resource_type != "Patient" else ""
    parts = (source.namespace or source.id, resource_type, period, number)
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hmac_sm3(id_key, text.encode())[:16].hex()
