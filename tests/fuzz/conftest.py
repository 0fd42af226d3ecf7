"""A server of the fuzz tests' own: what they do to it is nobody else's concern."""

from collections.abc import Iterator

import httpx
import pytest

from minkang.fhir import encode
from tests.conformance.serving import Serving, serving
from tests.fuzz.catalogue import PATIENT

SECONDS = 60
"""Within this time the server must have answered anything."""


@pytest.fixture(scope="session")
def fuzzed_server() -> Iterator[Serving]:
    """`minkang serve --open`."""
    with serving("--open") as made:
        yield made


@pytest.fixture
def fuzzed(fuzzed_server: Serving) -> Iterator[httpx.Client]:
    """A client at its FHIR base; afterwards the same processes must be alive and answer."""
    before = [one for one in fuzzed_server.own_processes() if "minkang.app.process" in one.command]
    with httpx.Client(
        base_url=fuzzed_server.base, trust_env=False, verify=False, timeout=SECONDS
    ) as made:
        made.put(
            "Patient/fuzz",
            content=encode(PATIENT),
            headers={"content-type": "application/fhir+json"},
        )
        yield made
    assert before
    assert all(one.alive for one in before), fuzzed_server.log
    assert fuzzed_server.whole()
