"""What a target answered, whatever it speaks. Pure."""

from typing import Any, Final, Literal

import msgspec

from minkang.exchange.cda import read_document
from minkang.fhir import Refused, decode

Verdict = Literal["taken", "refused", "later", "nothing"]

_LATER: Final = frozenset({401, 403, 404, 408, 425, 429})
"""Of the door, not of what was sent: it is tried again when the door is open."""
_LONGEST: Final = 500


class Reply(msgspec.Struct, frozen=True):
    """What became of a parcel.

    Attributes:
        verdict: `later`: nothing was wrong with the parcel itself; `nothing`: there was nothing
            to send.
        receipt: where it can be asked, or the number the target gave it.
        text: why not.
        wait: seconds that the target wants us to wait.
    """

    verdict: Verdict
    receipt: str = ""
    place: str = ""
    rule: str = ""
    text: str = ""
    wait: float | None = None


def reply_of(status: int, headers: dict[str, str], body: bytes) -> Reply:
    """The reply in an HTTP answer: FHIR's OperationOutcome, SOAP's acknowledgement, or a status."""
    media = headers.get("content-type", "")
    place, rule, text = _said(media, body)
    if status in _LATER or (status >= 500 and rule != "fault") or text.startswith("AR"):
        told = f"HTTP {status} {text}".strip()
        return Reply("later", text=told[:_LONGEST], wait=_seconds(headers.get("retry-after", "")))
    if status >= 400 or text.startswith("AE") or rule == "fault":
        return Reply("refused", "", place, rule, (text or f"HTTP {status}")[:_LONGEST])
    return Reply("taken", headers.get("location", ""))


def _said(media: str, body: bytes) -> tuple[str, str, str]:
    """Place, rule and text of the first thing that is wrong, as far as the answer says it."""
    if "json" in media:
        try:
            return _outcome(decode(body))
        except Refused:
            return "", "", ""
    if "xml" in media:
        try:
            return _acknowledged(body)
        except Refused:
            return "", "", ""
    return "", "", ""


def _outcome(found: Any) -> tuple[str, str, str]:
    issues = found.get("issue", []) if isinstance(found, dict) else []
    wrong = [one for one in issues if one.get("severity") in ("error", "fatal")]
    if not wrong:
        return "", "", ""
    one = wrong[0]
    place = next(iter(one.get("expression", ())), "")
    return place, one.get("code", ""), one.get("diagnostics", "")


def _acknowledged(body: bytes) -> tuple[str, str, str]:
    """Of an acknowledgement (MCCI_IN000002UV01) what it refuses; of a fault its text."""
    envelope = read_document(body)
    reason = next(envelope.below("faultstring"), None) or next(envelope.below("Text"), None)
    if reason is not None:
        return "", "fault", reason.text
    result = next((one for one in envelope.walk() if one.name.endswith("Result")), None)
    if result is None:
        return "", "", ""
    message = read_document(result.text.encode()) if result.text else envelope
    acknowledgement = message.first("acknowledgement")
    code = acknowledgement.get("typeCode") if acknowledgement is not None else ""
    if acknowledgement is None or code == "AA":
        return "", "", ""
    detail = acknowledgement.first("acknowledgementDetail")
    said = (
        {one.name: one.get("value") or one.get("code") for one in detail.walk()} if detail else {}
    )
    return said.get("location", ""), said.get("code", ""), f"{code} {said.get('text', '')}".strip()


def _seconds(text: str) -> float | None:
    return float(text) if text.isdigit() else None
