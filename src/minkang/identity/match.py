"""The system of the resident identity number in identifiers (GB 11643-1999)."""

from typing import Final

ID_CARD_SYSTEM: Final = "urn:oid:2.16.156.10011.1.3"
