"""FHIR R4 TestScripts, carried out against a server (http://hl7.org/fhir/R4/testscript.html).

Done: fixtures (contained or files, autocreate and autodelete), variables (FHIRPath, header,
default), setup, tests, teardown, every operation that is an HTTP request, and the assertions on
status, headers, content type, resource type, FHIRPath, another fixture's value, a minimum fixture,
navigation links and the request. An assertion on a profile (`validateProfileId`) is noted and
passes: nothing here knows profiles. XPath and JSONPath (`path`) are refused.

Two forms that R4 does not have, but the scripts of mock.health use, are understood: the assertion
`responseBody` (the text of the answer) and the operator `matchesRegex`.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import msgspec

from minkang.fhir import Resource, decode, encode
from minkang.fhir.path import compile_path

FHIR_JSON = "application/fhir+json"

_RESPONSES = {
    "okay": 200,
    "created": 201,
    "noContent": 204,
    "notModified": 304,
    "bad": 400,
    "forbidden": 403,
    "notFound": 404,
    "methodNotAllowed": 405,
    "conflict": 409,
    "gone": 410,
    "preconditionFailed": 412,
    "unprocessable": 422,
}
"""Value set assert-response-code-types."""

_METHODS = {
    "create": "POST",
    "update": "PUT",
    "updateCreate": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deleteCondSingle": "DELETE",
    "deleteCondMultiple": "DELETE",
    "batch": "POST",
    "transaction": "POST",
}
"""HTTP methods of the operation codes; all others are GET, or POST if they send something."""

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9\-.]+)\}")


class Unsupported(Exception):  # noqa: N818 - it says what it is
    """The script asks for what this runner can't do."""


class Report(msgspec.Struct):
    """What came of a script.

    Attributes:
        failures: assertions that did not hold; the script passes if there are none.
        warnings: assertions that did not hold, but are `warningOnly`.
        notes: what was left out.
        asserted: how many assertions were looked at.
    """

    failures: list[str] = []
    warnings: list[str] = []
    notes: list[str] = []
    asserted: int = 0


class _Held(msgspec.Struct):
    """A fixture, or an answer under the name it was given.

    Attributes:
        resource: of the fixture, or the body of the answer; None if it is no JSON.
        answer: None for a fixture that was never sent.
    """

    resource: Resource | None = None
    answer: httpx.Response | None = None


def run(script: Resource, client: httpx.Client, folder: Path | None = None) -> Report:
    """Carry out a TestScript.

    Args:
        script: the TestScript.
        client: with the server's base as its base URL.
        folder: where fixtures that are files lie.

    Raises:
        Unsupported: the script asks for what this runner can't do.
    """
    return _Run(script, client, folder).whole()


class _Run:
    """The state of one script: fixtures, answers, the last of them."""

    def __init__(self, script: Resource, client: httpx.Client, folder: Path | None) -> None:
        self._script = script
        self._client = client
        self._folder = folder
        self._held: dict[str, _Held] = {}
        self._last = _Held()
        self._report = Report()

    def whole(self) -> Report:
        for fixture in self._script.get("fixture", []):
            self._held[fixture["id"]] = _Held(self._fixture(fixture["resource"]["reference"]))
        for fixture in self._script.get("fixture", []):
            if fixture.get("autocreate"):
                held = self._held[fixture["id"]]
                self._operation({"type": {"code": "create"}, "sourceId": fixture["id"]})
                self._held[fixture["id"]] = _Held(held.resource, self._last.answer)
        self._actions(self._script.get("setup", {}).get("action", []), "setup")
        for test in self._script.get("test", []):
            self._actions(test["action"], test.get("name") or test.get("id") or "test")
        self._actions(self._script.get("teardown", {}).get("action", []), "teardown")
        for fixture in self._script.get("fixture", []):
            if fixture.get("autodelete"):
                self._operation({"type": {"code": "delete"}, "targetId": fixture["id"]})
        return self._report

    def _fixture(self, reference: str) -> Resource:
        if reference.startswith("#"):
            for one in self._script.get("contained", []):
                if one.get("id") == reference[1:]:
                    return {name: value for name, value in one.items() if name != "id"}
        elif self._folder is not None:
            found: Resource = decode((self._folder / reference).read_bytes())
            return found
        raise Unsupported(f"fixture {reference}")

    def _actions(self, actions: Iterable[dict[str, Any]], where: str) -> None:
        for action in actions:
            if "operation" in action:
                self._operation(action["operation"])
            else:
                self._assertion(action["assert"], where)

    # Operations

    def _operation(self, operation: dict[str, Any]) -> None:
        code = operation.get("type", {}).get("code", "read")
        source = self._held.get(operation.get("sourceId", ""), _Held()).resource
        body = None if source is None else self._filled(encode(source).decode()).encode()
        method = operation.get("method", "").upper() or _METHODS.get(
            code, "POST" if body else "GET"
        )
        headers = {"Accept": self._media(operation.get("accept"))}
        if body is not None:
            headers["Content-Type"] = self._media(operation.get("contentType"))
        for one in operation.get("requestHeader", []):
            headers[one["field"]] = self._filled(one["value"])
        answer = self._send(method, self._address(operation, code, source), headers, body)
        self._last = _Held(_resource_of(answer), answer)
        if "responseId" in operation:
            self._held[operation["responseId"]] = self._last
        if code in ("create", "update", "updateCreate") and "sourceId" in operation:
            self._held[operation["sourceId"]] = _Held(source, answer)

    def _send(
        self, method: str, address: str, headers: dict[str, str], body: bytes | None
    ) -> httpx.Response:
        """Send it as it is written: httpx would otherwise encode what the script left bare."""
        base = str(self._client.base_url).rstrip("/")
        is_whole = address.startswith(("http://", "https://"))
        url = address if is_whole else f"{base}/{address.removeprefix('/')}"
        target = "/" + url.split("://", 1)[1].partition("/")[2]
        return self._client.request(
            method,
            url,
            headers=headers,
            content=body,
            extensions={"target": target.replace(" ", "%20").encode()},
        )

    def _address(self, operation: dict[str, Any], code: str, source: Resource | None) -> str:
        if "url" in operation:
            return self._filled(operation["url"])
        kind = operation.get("resource") or ""
        params = self._filled(operation.get("params", ""))
        if code == "capabilities":
            return f"metadata{params}"
        if code in ("batch", "transaction"):
            return params
        if not kind and source is not None:
            kind = source["resourceType"]
        place = kind
        if "targetId" in operation:
            place = self._place(operation["targetId"])
        elif code in ("update", "updateCreate") and source is not None and not params:
            place = f"{kind}/{self._filled(str(source.get('id', '')))}"
        if code == "vread" and "targetId" in operation:
            place = _location(self._held[operation["targetId"]]) or place
        elif code == "history":
            place = f"{place}/_history"
        elif code not in _METHODS and code not in ("read", "vread", "search", "history"):
            place = f"{place}/${code}" if place else f"${code}"
        return place + params

    def _place(self, name: str) -> str:
        """`Type/id` of a fixture that was sent, or of an answer."""
        held = self._held[name]
        found = _location(held)
        if found:
            return found.partition("/_history/")[0]
        resource = held.resource or {}
        return f"{resource.get('resourceType')}/{resource.get('id')}"

    def _media(self, given: str | None) -> str:
        return {None: FHIR_JSON, "json": FHIR_JSON, "xml": "application/fhir+xml"}.get(
            given, given or FHIR_JSON
        )

    # Variables

    def _filled(self, text: str) -> str:
        return _VARIABLE.sub(lambda found: self._variable(found[1]), text)

    def _variable(self, name: str) -> str:
        for variable in self._script.get("variable", []):
            if variable["name"] != name:
                continue
            held = self._held.get(variable.get("sourceId", ""), self._last)
            if "headerField" in variable and held.answer is not None:
                return str(held.answer.headers.get(variable["headerField"], ""))
            if "expression" in variable and held.resource is not None:
                found = _evaluated(variable["expression"], held.resource)
                if found:
                    return found[0]
            if "path" in variable:
                raise Unsupported("variable.path: XPath and JSONPath")
            if "defaultValue" in variable:
                return str(variable["defaultValue"])
        raise Unsupported(f"variable {name} has no value")

    # Assertions

    def _assertion(self, wanted: dict[str, Any], where: str) -> None:
        self._report.asserted += 1
        fault = self._fault(wanted)
        if fault is None:
            return
        text = f"{where}: {wanted.get('label') or wanted.get('description') or ''}: {fault}"
        (self._report.warnings if wanted.get("warningOnly") else self._report.failures).append(text)

    def _fault(self, wanted: dict[str, Any]) -> str | None:
        """What does not hold, or None."""
        held = self._held[wanted["sourceId"]] if "sourceId" in wanted else self._last
        answer = held.answer
        if "validateProfileId" in wanted:
            self._report.notes.append(f"profile {wanted['validateProfileId']} is not looked at")
            return None
        if "path" in wanted or "compareToSourcePath" in wanted:
            raise Unsupported("assert.path: XPath and JSONPath")
        if "minimumId" in wanted:
            least = self._held[wanted["minimumId"]].resource
            return None if contains(held.resource, least) else f"less than {wanted['minimumId']}"
        if "navigationLinks" in wanted:
            relations = {one["relation"] for one in (held.resource or {}).get("link", [])}
            return None if {"self"} <= relations else f"links are {sorted(relations)}"
        own, expected = self._compared(wanted, held, answer)
        operator = wanted.get("operator", "equals")
        if _OPERATORS[operator](own, expected):
            return None
        shown = [text[:300] for text in own]
        return f"{shown} should be {operator} {expected!r}{_excerpt(answer)}"

    def _compared(
        self, wanted: dict[str, Any], held: _Held, answer: httpx.Response | None
    ) -> tuple[list[str], str]:
        """The values that there are, and what they should be."""
        expected = self._filled(str(wanted.get("value", "")))
        if "expression" in wanted:
            if "compareToSourceId" in wanted:
                other = self._held[wanted["compareToSourceId"]].resource or {}
                found = _evaluated(wanted["compareToSourceExpression"], other)
                expected = found[0] if found else ""
            return _evaluated(self._filled(wanted["expression"]), held.resource or {}), expected
        if "resource" in wanted:
            return [str((held.resource or {}).get("resourceType"))], wanted["resource"]
        if answer is None:
            raise Unsupported("an assertion on an answer that never came")
        if "responseCode" in wanted:
            return [str(answer.status_code)], wanted["responseCode"]
        if "response" in wanted:
            return [str(answer.status_code)], str(_RESPONSES[wanted["response"]])
        if "contentType" in wanted:
            media = self._media(wanted["contentType"])
            plain = answer.headers.get("content-type", "").partition(";")[0]
            return [plain], media
        if "headerField" in wanted:
            asked = wanted.get("direction") == "request"
            headers = answer.request.headers if asked else answer.headers
            name = wanted["headerField"]
            return [headers[name]] if name in headers else [], expected
        if "requestMethod" in wanted:
            return [answer.request.method.lower()], wanted["requestMethod"]
        if "requestURL" in wanted:
            return [str(answer.request.url)], wanted["requestURL"]
        if "responseBody" in wanted:
            return [answer.text], wanted["responseBody"]
        raise Unsupported(f"assertion {sorted(wanted)}")


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _ordered(own: list[str], wanted: str, larger: Callable[[Any, Any], bool]) -> bool:
    if len(own) != 1:
        return False
    left, right = _number(own[0]), _number(wanted)
    return larger(left, right) if type(left) is type(right) else larger(own[0], wanted)


def _among(own: list[str], wanted: str) -> bool:
    return len(own) == 1 and own[0] in wanted.split(",")


_OPERATORS: dict[str, Callable[[list[str], str], bool]] = {
    "equals": lambda own, wanted: own == [wanted],
    "notEquals": lambda own, wanted: own != [wanted],
    "in": _among,
    "notIn": lambda own, wanted: not _among(own, wanted),
    "greaterThan": lambda own, wanted: _ordered(own, wanted, lambda a, b: a > b),
    "lessThan": lambda own, wanted: _ordered(own, wanted, lambda a, b: a < b),
    "empty": lambda own, _: not any(own),
    "notEmpty": lambda own, _: any(own),
    "contains": lambda own, wanted: any(wanted in one for one in own),
    "notContains": lambda own, wanted: not any(wanted in one for one in own),
    "eval": lambda own, _: own == ["true"],
    "matchesRegex": lambda own, wanted: any(re.search(wanted, one) for one in own),
}
"""Value set assert-operator-codes, and `matchesRegex`."""


def contains(whole: Any, part: Any) -> bool:
    """Whether everything of `part` is in `whole`; items of lists in any order."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            name in whole and contains(whole[name], value) for name, value in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and all(
            any(contains(one, wanted) for one in whole) for wanted in part
        )
    return bool(whole == part)


def _evaluated(expression: str, resource: Resource) -> list[str]:
    values = compile_path(expression, type_name=resource.get("resourceType")).evaluate(resource)
    return [
        value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
        for value in values
    ]


def _resource_of(answer: httpx.Response) -> Resource | None:
    try:
        found = decode(answer.content)
    except msgspec.DecodeError:
        return None
    return found if isinstance(found, dict) else None


def _location(held: _Held) -> str | None:
    """`Type/id/_history/version` from the header of an answer to a write."""
    if held.answer is None:
        return None
    found = re.search(
        r"[A-Z][A-Za-z]+/[^/]+/_history/[^/]+$", held.answer.headers.get("location", "")
    )
    return found[0] if found else None


def _excerpt(answer: httpx.Response | None) -> str:
    return "" if answer is None else f" ({answer.request.method} {answer.request.url})"
