"""A hostile request, and what must hold of the answer to it."""

from collections.abc import Iterable
from typing import Any, Literal

import httpx
import msgspec

from minkang.fhir import decode

Expected = Literal["refused", "answered"]

_SHOWN = 300


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request.

    Attributes:
        name: what is hostile about it.
        method, target: of the request line; the target begins behind the FHIR base and goes out as
            it is, without being encoded.
        body: whole, or in parts that are sent as one stream.
        expected: `refused`: with 4xx; `answered`: with anything below 500.
    """

    name: str
    method: str = "GET"
    target: str | bytes = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | Iterable[bytes] | None = None
    expected: Expected = "refused"


def send(client: httpx.Client, asked: Asked) -> httpx.Response | None:
    """The answer; None if the server closed the connection instead, as it may at protocol level."""
    target = asked.target.encode() if isinstance(asked.target, str) else asked.target
    url = client.base_url
    headers = {"content-type": "application/fhir+json", **dict(asked.headers)}
    try:
        return client.request(
            asked.method,
            str(url),
            headers=headers,
            content=asked.body,
            extensions={"target": url.raw_path.rstrip(b"/") + b"/" + target},
        )
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        return None


def fault(client: httpx.Client, asked: Asked) -> str | None:
    """What is wrong with the answer, or None."""
    try:
        answer = send(client, asked)
    except httpx.TimeoutException:
        return _said(asked, "no answer within the time limit")
    if answer is None:
        return _said(asked, "connection closed without an answer")
    if answer.status_code >= 500:
        return _said(asked, f"{answer.status_code} {answer.text[:_SHOWN]}")
    if answer.status_code >= 400:
        return _said_badly(asked, answer)
    if asked.expected == "refused":
        return _said(asked, f"was not refused: {answer.status_code} {answer.text[:_SHOWN]}")
    return None


def _said_badly(asked: Asked, answer: httpx.Response) -> str | None:
    """A refusal is an OperationOutcome; every issue has a text, and where it can a place."""
    if asked.method == "HEAD":
        return None
    try:
        outcome: Any = decode(answer.content)
    except msgspec.DecodeError:
        return _said(asked, f"{answer.status_code} without an outcome: {answer.text[:_SHOWN]!r}")
    issues = outcome.get("issue") or [{}]
    if outcome.get("resourceType") != "OperationOutcome" or not all(
        one.get("diagnostics") and one.get("code") and one.get("severity") for one in issues
    ):
        return _said(asked, f"{answer.status_code} is no whole outcome: {answer.text[:_SHOWN]}")
    if answer.status_code == 422 and not any(one.get("expression") for one in issues):
        return _said(asked, f"422 without a place: {answer.text[:_SHOWN]}")
    return None


def _said(asked: Asked, what: str) -> str:
    target = asked.target.decode("latin-1") if isinstance(asked.target, bytes) else asked.target
    body = asked.body[:_SHOWN] if isinstance(asked.body, bytes) else ""
    return f"{asked.name}: {asked.method} {target[:_SHOWN]} {body!r}: {what}"
