"""Other people's resources that validation is tested with, read where they lie."""

import bz2
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from minkang.fhir import decode

_SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def _archive(name: str) -> Path:
    path = _SHARED / name
    if not path.exists():
        pytest.skip(f"NOT RUN: ../shared/data/{name} is not there")
    return path


@cache
def official_examples() -> dict[str, bytes]:
    """HL7's example resources of R4, by file name."""
    with tarfile.open(_archive("fhir-r4-examples.tar.gz")) as archive:
        return {
            Path(member.name).name: held.read()
            for member in archive
            if (held := archive.extractfile(member)) is not None
        }


def synthea_resources(bundles: int) -> Iterator[Any]:
    """Resources of the first of Synthea's bundles."""
    with tarfile.open(_archive("synthea-122-bundles.tar")) as archive:
        members = sorted((m for m in archive if m.isfile()), key=lambda m: m.name)[:bundles]
        for member in members:
            held = archive.extractfile(member)
            assert held is not None
            for entry in decode(bz2.decompress(held.read()))["entry"]:
                yield entry["resource"]
