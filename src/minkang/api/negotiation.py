"""What a caller wants back: format, `Prefer`, conditions on versions and times (R4, 3.1.0)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal

import msgspec

from minkang.api.outcomes import Refusal

FHIR_JSON = "application/fhir+json"
PATCH_JSON = "application/json-patch+json"
FORM = "application/x-www-form-urlencoded"

JSON_TYPES = frozenset({FHIR_JSON, "application/json", "text/json", "application/json+fhir"})
"""The names under which FHIR's JSON goes."""

_ACCEPTED = JSON_TYPES | {"*/*", "application/*", "json"}

Return = Literal["minimal", "representation", "OperationOutcome"]
_RETURNS: dict[str, Return] = {
    "minimal": "minimal",
    "representation": "representation",
    "OperationOutcome": "OperationOutcome",
}


class Preferences(msgspec.Struct, frozen=True):
    """The header `Prefer`: what shall come back, how strictly a search is read, asynchronously."""

    back: Return | None = None
    lenient: bool = False
    asynchronous: bool = False


def preferences_of(header: bytes | None) -> Preferences:
    """What `Prefer` says; what is not understood is ignored, as RFC 7240 (2) demands."""
    if not header:
        return Preferences()
    back: Return | None = None
    lenient = asynchronous = False
    for part in re.split(r"[,;]", header.decode("latin-1")):
        name, _, value = (piece.strip().strip('"') for piece in part.partition("="))
        if name == "respond-async":
            asynchronous = True
        elif name == "handling":
            lenient = value == "lenient"
        elif name == "return":
            back = _RETURNS.get(value, back)
    return Preferences(back, lenient, asynchronous)


def check_format(asked: str | None, accept: bytes | None) -> None:
    """Refuse whoever can't take JSON; `_format` wins over `Accept`.

    Raises:
        Refusal: 406.
    """
    if asked is not None:
        # A plus sign in a query is a space.
        kind, fits = _media_type(asked.strip().replace(" ", "+"))
        if not (fits and kind in _ACCEPTED):
            raise _not_acceptable(asked)
        return
    if accept is None or accept in (b"*/*", b"application/fhir+json", b"application/json"):
        return
    text = accept.decode("latin-1")
    for part in text.split(","):
        kind, fits = _media_type(part)
        if fits and kind in _ACCEPTED:
            return
    raise _not_acceptable(text)


def qualities(accept: str, media: str) -> tuple[float, float]:
    """How much a caller wants FHIR's JSON, and how much content of a type: 0 not at all, 1 most.

    `*/*` and the like are about the content; a name of FHIR's JSON that is the content's own type
    is about both (RFC 9110, 12.5.1; R4, Binary).
    """
    family = media.partition("/")[0] + "/*"
    fhir = 0.0
    content: dict[str, float] = {}
    for part in accept.split(","):
        kind, fits = _media_type(part)
        quality = _quality(part) if fits else 0.0
        if kind in JSON_TYPES:
            fhir = max(fhir, quality)
        if kind in (media, family, "*/*"):
            content[kind] = max(content.get(kind, 0.0), quality)
    named = next((content[one] for one in (media, family, "*/*") if one in content), 0.0)
    return fhir, named


def _quality(part: str) -> float:
    found = re.search(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", part, re.IGNORECASE)
    return float(found[1]) if found else 1.0


def _not_acceptable(asked: str) -> Refusal:
    return Refusal(
        406, "not-supported", f"只提供 {FHIR_JSON} / only JSON is served, not {asked[:100]}"
    )


def _media_type(text: str) -> tuple[str, bool]:
    """Type in lower case, and whether its parameters (`q`, `fhirVersion`) leave it wanted."""
    kind, *parameters = text.split(";")
    fits = True
    for parameter in parameters:
        name, _, value = (piece.strip().lower() for piece in parameter.partition("="))
        if name == "q":
            fits = fits and bool(value.strip("0."))
        elif name == "fhirversion":
            fits = fits and value.strip('"') in ("4.0", "4.0.1")
    return kind.strip().lower(), fits


def check_content_type(header: bytes | None, *expected: str) -> str:
    """The type of a body, of those expected; JSON has several names, which all count as FHIR's.

    Raises:
        Refusal: 415.
    """
    text = (header or b"").decode("latin-1")
    kind, fits = _media_type(text)
    charset = re.search(r"charset=\"?([\w.-]+)", text, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        fits = False
    kind = FHIR_JSON if kind in JSON_TYPES else kind
    if not fits or kind not in expected:
        raise Refusal(
            415,
            "not-supported",
            f"需要 {'、'.join(expected)} / unsupported Content-Type {text[:100]!r}",
        )
    return kind


def etag(version: int) -> str:
    """The entity tag of a version: weak, as the same version may be written in several ways."""
    return f'W/"{version}"'


_TAG = re.compile(r'\s*(?:W/)?"?(\d{1,9})"?\s*')


def version_of(header: str, place: str = "If-Match") -> int:
    """The version that an `If-Match` names: `W/"3"`, `"3"` or `3`.

    Raises:
        Refusal: 412: it can be no version of this server.
    """
    found = _TAG.fullmatch(header)
    if found is None:
        raise Refusal(412, "conflict", f"{place} 不是本平台的版本 / no version of ours", place)
    return int(found[1])


def is_unchanged(headers: Mapping[bytes, bytes], version: int, updated: datetime) -> bool:
    """Whether a conditional read is answered by 304: `If-None-Match`, else `If-Modified-Since`."""
    if (tags := headers.get(b"if-none-match")) is not None:
        listed = tags.decode("latin-1").split(",")
        if any(tag.strip() == "*" for tag in listed):
            return True
        found = [_TAG.fullmatch(tag) for tag in listed]
        return any(one is not None and int(one[1]) == version for one in found)
    if (since := headers.get(b"if-modified-since")) is not None:
        try:
            moment = parsedate_to_datetime(since.decode("latin-1"))
        except ValueError:
            return False
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return updated.replace(microsecond=0) <= moment
    return False


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())


@lru_cache(maxsize=4_096)
def http_date(moment: datetime) -> str:
    """A time as HTTP writes it: `Sun, 22 Nov 2026 06:27:59 GMT`."""
    at = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return (
        f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at.year:04}"
        f" {at.hour:02}:{at.minute:02}:{at.second:02} GMT"
    )


def wants_gzip(accept_encoding: bytes | None) -> Literal["gzip", "deflate"] | None:
    """The first of the codings that we know and the caller takes."""
    if not accept_encoding:
        return None
    taken: Sequence[tuple[str, bool]] = [
        _media_type(part) for part in accept_encoding.decode("latin-1").split(",")
    ]
    if ("gzip", True) in taken:
        return "gzip"
    return "deflate" if ("deflate", True) in taken else None
