"""Binary as what it holds: raw bytes in and out (R4, Binary: Serving Binary Resources).

A read that does not ask for FHIR's own JSON gets the content under its own type; what is sent to
`/Binary` is the content, unless it is a Binary in JSON.
"""

import base64
import binascii
import re

import msgspec

from minkang.api import writing
from minkang.api.body import json_of
from minkang.api.call import Answer, Call, version_headers
from minkang.api.negotiation import FHIR_JSON, JSON_TYPES, check_format, qualities
from minkang.api.outcomes import Refusal
from minkang.fhir import Resource, encode
from minkang.store import Stored

_MEDIA = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}", re.ASCII)
_PARAMETERS = re.compile(r"(?:; ?[A-Za-z0-9_.+-]{1,60}=[A-Za-z0-9_.+:/-]{1,100})*", re.ASCII)
_OCTETS = "application/octet-stream"
_XML = frozenset({"application/fhir+xml", "application/xml+fhir"})
# Whoever stored it decides what it is: no browser shall run it as ours, in our people's sessions.
_APART = (
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"content-disposition", b"attachment"),
    (b"vary", b"accept"),
)


async def create(call: Call) -> Answer:
    """`POST /Binary`: the content itself, or a Binary."""
    return await writing.create(_as_resource(call))


async def update(call: Call) -> Answer:
    """`PUT /Binary/id`: the content itself, or a Binary."""
    return await writing.update(_as_resource(call))


def has_own_format(segments: tuple[str, ...]) -> bool:
    """Whether what lies at an address is served as what it is, and so decides itself on formats."""
    if segments[2:] == ("$wst500",):
        return True
    return segments[:1] == ("Binary",) and (
        len(segments) == 2 or (len(segments) == 4 and segments[2] == "_history")
    )


def raw_answer(call: Call, stored: Stored) -> Answer | None:
    """The content of a Binary; None if its reader wants the resource.

    Raises:
        Refusal: 406: the reader takes neither the resource nor content of this type.
    """
    asked = next((value for name, value in call.query if name == "_format"), None)
    if asked is not None:
        check_format(asked, None)
        return None
    resource = stored.resource
    media, parameters = _media_of(resource)
    accept = call.headers.get(b"accept", b"*/*").decode("latin-1")
    fhir, raw = qualities(accept, media)
    if not (fhir or raw):
        raise Refusal(
            406,
            "not-supported",
            f"此内容是 {media}，也可取 {FHIR_JSON} / the content is {media}, not {accept[:100]}",
        )
    if fhir >= raw:
        return None
    headers = [*version_headers(stored.version, stored.updated), *_APART]
    return Answer(200, _content_of(resource), headers, media + parameters, stored.updated)


def _media_of(resource: Resource) -> tuple[str, str]:
    """Type and parameters of the content; of an odd type only that it is bytes."""
    media, semicolon, rest = resource["contentType"].partition(";")
    media, parameters = media.strip(), semicolon + rest.rstrip()
    if not _MEDIA.fullmatch(media):
        return _OCTETS, ""
    return media.lower(), parameters if _PARAMETERS.fullmatch(parameters) else ""


def _content_of(resource: Resource) -> bytes:
    return base64.b64decode(resource.get("data", ""))


def _as_resource(call: Call) -> Call:
    """The call as if the content had come inside a Binary.

    Raises:
        Refusal: 400 empty, 413 too long, 415 no type or FHIR's XML.
    """
    text = call.headers.get(b"content-type", b"").decode("latin-1").strip()
    media = text.partition(";")[0].strip().lower()
    if not _MEDIA.fullmatch(media) or media in _XML:
        raise Refusal(
            415, "not-supported", f"Content-Type 有误 / unsupported Content-Type {text[:100]!r}"
        )
    if media in JSON_TYPES and _is_binary(call):
        return call
    if not call.body:
        raise Refusal(400, "invalid", "请求体是空的 / body is empty")
    limit = call.door.limits.body * 3 // 4
    if len(call.body) > limit:
        raise Refusal(413, "too-long", f"内容超过 {limit} 字节 / content is too long")
    resource: Resource = {"resourceType": "Binary", "contentType": " ".join(text.split())}
    if len(call.segments) > 1:
        resource["id"] = call.segments[1]
    if (context := call.headers.get(b"x-security-context")) is not None:
        resource["securityContext"] = {"reference": context.decode("latin-1").strip()}
    resource["data"] = binascii.b2a_base64(call.body, newline=False).decode("ascii")
    headers = {**call.headers, b"content-type": FHIR_JSON.encode()}
    return msgspec.structs.replace(call, body=encode(resource), headers=headers)


def _is_binary(call: Call) -> bool:
    found = json_of(call.body, call.door.limits)
    return isinstance(found, dict) and found.get("resourceType") == "Binary"
