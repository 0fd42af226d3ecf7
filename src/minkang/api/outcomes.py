"""Errors in FHIR's own form: OperationOutcome with code, place and words (R4, 10.14)."""

from typing import Any

from litestar import Response

from minkang.fhir import Resource, encode

FHIR_JSON = "application/fhir+json"


class Outcome(Exception):  # noqa: N818 - reads as what happened
    """A request is refused; `code` is from FHIR's issue-type value set."""

    def __init__(self, status: int, code: str, text: str, expression: str = "") -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.expression = status, code, text, expression


def outcome(error: Outcome) -> Response[bytes]:
    """The answer to a refused request."""
    issue: dict[str, Any] = {"severity": "error", "code": error.code, "diagnostics": error.text}
    if error.expression:
        issue["expression"] = [error.expression]
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    return answer(
        {"resourceType": "OperationOutcome", "issue": [issue]}, status=error.status, headers=headers
    )


def answer(
    content: Resource | bytes, status: int = 200, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """A resource, decoded or as it lies in the store."""
    body = content if isinstance(content, bytes) else encode(content)
    return Response(
        body,
        status_code=status,
        media_type=FHIR_JSON,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
