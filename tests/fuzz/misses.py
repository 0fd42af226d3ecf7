"""Requests that the server once did not answer as it should, each with what was wrong."""

import msgspec

from minkang.fhir import encode
from tests.fuzz.asked import Asked


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was mended; `reason` is what was wrong."""

    asked: Asked
    reason: str


def _patch(text: str) -> Asked:
    return Asked(
        name=f"patch {text[:60]}",
        method="PATCH",
        target="Patient/fuzz",
        headers=(("content-type", "application/json-patch+json"),),
        body=text.encode(),
    )


_NO_PLACE = "the refusal of a patch does not say which operation or path"
_BOMB = ",".join(['{"op":"copy","from":"/name","path":"/name/-"}'] * 40)
_MANY = {"resourceType": "Patient", "name": [{"family": f"a{n}"} for n in range(50_000)]}

MISSES = (
    *(
        Miss(asked=_patch(text), reason=_NO_PLACE)
        for text in (
            '[{"op":"add","path":"/name/99","value":{}}]',
            '[{"op":"add","path":"/name/01","value":{}}]',
            '[{"op":"remove","path":"/nothing"}]',
            '[{"op":"remove","path":""}]',
            '[{"op":"replace","path":"","value":null}]',
            '[{"op":"replace","path":"","value":{"resourceType":"Basic"}}]',
            '[{"op":"replace","path":"/resourceType","value":"Basic"}]',
            '[{"op":"replace","path":"/id","value":"other"}]',
            '[{"op":"test","path":"/name/0/family","value":"not this"}]',
            '[{"op":"move","from":"/name","path":"/name/0"}]',
            f'[{{"op":"add","path":"/{"a/" * 3_000}","value":1}}]',
        )
    ),
    Miss(
        asked=_patch(f"[{_BOMB}]"),
        reason="40 copies, each of everything so far: 2^40 names; the process stands still",
    ),
    Miss(
        asked=Asked(
            name="50,000 names",
            method="POST",
            target="Patient",
            body=encode(_MANY),
            expected="answered",
        ),
        reason="0.8 ms for each name, in one go: nobody else is answered for 40 seconds",
    ),
    Miss(
        asked=Asked(name="Arabic digits in a date", target="Patient?birthdate=%D9%A2024-01-01"),
        reason="digits of other scripts count as digits of a date",
    ),
)
