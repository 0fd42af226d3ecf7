"""One open server for all conformance tests: each uses ids of its own."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conformance.serving import Serving, serving


@pytest.fixture(scope="session")
def open_server() -> Iterator[Serving]:
    """`minkang serve --open`."""
    with serving("--open") as made:
        yield made


@pytest.fixture(scope="session")
def client(open_server: Serving) -> Iterator[httpx.Client]:
    """A client at its FHIR base."""
    headers = {"content-type": "application/fhir+json", "accept": "application/fhir+json"}
    with httpx.Client(
        base_url=open_server.base, headers=headers, trust_env=False, verify=False, timeout=60
    ) as made:
        yield made
