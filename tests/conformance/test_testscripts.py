"""TestScripts of others, and two of ours for what theirs leave out, against a running server."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from minkang.fhir import decode
from tests.conformance.runner import run

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "testscripts"
OWN = Path(__file__).parent / "scripts"

FOREIGN = sorted(SHARED.rglob("*.json"))
MISSES: dict[str, str] = {}
"""Scripts that fail, by id, with the reason."""


def parameters() -> list[Any]:
    """One case a script."""
    scripts = [*FOREIGN, *sorted(OWN.glob("*.json"))]
    cases = []
    for path in scripts:
        name = path.stem if path.parent == OWN else "/".join(path.relative_to(SHARED).parts)
        known = MISSES.get(name.removesuffix(".json"))
        marks = [pytest.mark.xfail(reason=known, strict=True)] if known else []
        cases.append(pytest.param(path, id=name.removesuffix(".json"), marks=marks))
    return cases


def test_the_foreign_testscripts_are_there() -> None:
    if not FOREIGN:
        pytest.skip("NOT RUN: ../shared/data/testscripts is missing")
    assert len(FOREIGN) == 29


@pytest.mark.parametrize("path", parameters())
def test_script(path: Path, client: httpx.Client) -> None:
    report = run(decode(path.read_bytes()), client, path.parent)
    assert report.asserted
    assert report.failures == []
