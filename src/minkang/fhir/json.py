"""FHIR JSON in and out without loss: decimals keep the digits they were written with."""

from decimal import Decimal
from typing import Any

import msgspec

Resource = dict[str, Any]

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(data: bytes | str) -> Any:
    """Decode JSON; numbers with a fraction or exponent become `Decimal` (FHIR R4, 2.24 decimal).

    Raises:
        msgspec.DecodeError: the text is not JSON; the message names the byte.
    """
    return _decoder.decode(data)


def encode(value: Any) -> bytes:
    """Encode as JSON (UTF-8, no white space); `Decimal` is written with its own digits."""
    return _encoder.encode(value)
