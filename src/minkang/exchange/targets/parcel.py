"""What goes to a target at once: the bytes, made of current resources. Pure.

The same resources in the same versions give the same bytes, so that what is sent again is known
to be the same on the other side.
"""

import base64
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from minkang.exchange.targets.registration import ACTION, registration
from minkang.exchange.wst.envelope import MEDIA, NAMESPACE, OPERATION, call
from minkang.fhir import Resource, encode
from minkang.store import Stored

_FHIR: Final = "application/fhir+json"
_XML: Final = "application/xml"


class Parcel(msgspec.Struct, frozen=True):
    """A request that carries some resources; `headers` are without what identifies us."""

    body: bytes
    headers: dict[str, str]


def bundle(versions: Sequence[Stored]) -> Parcel:
    """A FHIR transaction: each resource put, or deleted, under our own id."""
    entries: list[dict[str, Any]] = []
    for one in versions:
        address = f"{one.type}/{one.id}"
        if one.deleted:
            entries.append({"request": {"method": "DELETE", "url": address}})
        else:
            request = {"method": "PUT", "url": address}
            entries.append({"fullUrl": address, "resource": one.resource, "request": request})
    body = encode({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    return Parcel(body, {"content-type": _FHIR})


def document(raw: bytes) -> Parcel:
    """A shared document as it is."""
    return Parcel(raw, {"content-type": _XML})


def registered(raw: bytes, sender: str, receiver: str) -> Parcel:
    """A shared document, registered by WS/T service DocumentRegister over SOAP 1.1.

    Raises:
        Refused: the document lacks what a registration must say.
    """
    message = registration(raw, sender, receiver)
    headers = {"content-type": MEDIA["1.1"], "soapaction": f'"{NAMESPACE}:{OPERATION}"'}
    return Parcel(call("1.1", ACTION, message), headers)


def original_of(reference: Resource) -> bytes | None:
    """The document inside a DocumentReference, as it came; None if it is not there any more."""
    for content in reference.get("content", ()):
        attachment = content.get("attachment", {})
        if attachment.get("contentType", "").startswith(_XML) and "data" in attachment:
            return base64.b64decode(attachment["data"])
    return None
