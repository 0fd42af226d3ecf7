"""Refusals in FHIR's own form: OperationOutcome with code, place and words (R4, 3.1.0.1.4)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from minkang.fhir import Problem, Resource


class Issue(msgspec.Struct, frozen=True):
    """One `OperationOutcome.issue`.

    Attributes:
        code: from FHIR's value set issue-type.
        text: one sentence, Chinese, with the English phrase behind a slash where it is short.
        place: FHIRPath of the element, or name of the parameter; empty if it is about the whole.
        severity: from FHIR's value set issue-severity.
    """

    code: str
    text: str
    place: str = ""
    severity: str = "error"


class Refusal(Exception):  # noqa: N818 - reads as what happened
    """A request is refused with an HTTP status; `headers` go out with the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        text: str,
        place: str = "",
        *,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(text)
        self.status = status
        self.issues: tuple[Issue, ...] = (Issue(code, text, place),)
        self.headers = headers

    @classmethod
    def of_problems(
        cls, status: int, problems: Sequence[Problem], *, below: str = "", instead: str = ""
    ) -> "Refusal":
        """Every problem as an issue.

        `below` is put before the places: where in the request the thing judged lies; it takes the
        place of `instead`, the resource's type, with which its own places begin.
        """
        made = cls(status, "invalid", problems[0].text if problems else "")
        made.issues = tuple(issues_of(problems, below=below, instead=instead))
        return made

    def below(self, place: str) -> "Refusal":
        """The same refusal with the issues placed inside another element, a Bundle's entry."""
        made = Refusal(self.status, "invalid", str(self), headers=self.headers)
        made.issues = tuple(
            msgspec.structs.replace(
                issue,
                place=issue.place if issue.place.startswith(place) else place,
                text=issue.text if issue.place in ("", place) else f"{issue.place}: {issue.text}",
            )
            for issue in self.issues
        )
        return made


_CODES = {
    "unknown-element": "structure",
    "structure": "structure",
    "type": "structure",
    "choice": "structure",
    "null": "structure",
    "empty": "structure",
    "depth": "too-long",
    "cardinality": "required",
    "required-binding": "code-invalid",
    "calendar-date": "value",
    "pattern": "value",
    "reference-target": "value",
    "unknown-parameter": "not-supported",
    "modifier": "not-supported",
    "chain": "not-supported",
    "include": "not-supported",
    "sort": "not-supported",
    "too-many-values": "too-costly",
    "too-costly": "too-costly",
}
_VALUES = frozenset("prefix date number quantity token count after summary elements total".split())


def issues_of(
    problems: Iterable[Problem], *, below: str = "", instead: str = "", severity: str = "error"
) -> list[Issue]:
    """Problems as issues; see `Refusal.of_problems` for the places."""
    return [
        Issue(_code(one), f"{one.text} [{one.rule}]", _place(one.place, below, instead), severity)
        for one in problems
    ]


def _code(problem: Problem) -> str:
    if problem.rule in _CODES:
        return _CODES[problem.rule]
    if problem.rule in _VALUES:
        return "value"
    return "invariant" if "-" in problem.rule else "invalid"


def _place(place: str, below: str, instead: str) -> str:
    if not below:
        return place
    if instead and (place == instead or place.startswith(instead + ".")):
        return below + place[len(instead) :]
    return f"{below}.{place}" if place else below


def outcome(issues: Iterable[Issue]) -> Resource:
    """The OperationOutcome of some issues."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(one) for one in issues]}


ALL_OK = Issue("informational", "全部正常 / all ok", severity="information")


def _issue(issue: Issue) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "severity": issue.severity,
        "code": issue.code,
        "diagnostics": _printable(issue.text),
    }
    if issue.place:
        shown["expression"] = [_printable(issue.place)]
    return shown


def _printable(text: str) -> str:
    """Without what FHIR's strings may not hold; a stranger's own words may stand in a text."""
    if text.isprintable() and len(text) <= 2_000:
        return text
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:2_000])
