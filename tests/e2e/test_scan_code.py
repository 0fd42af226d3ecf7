"""One resident's code, scanned through the API, opens the linked record: the example, run."""

import json
import subprocess
import sys
from pathlib import Path

from tests.e2e.installation import Installation
from tests.e2e.running import ELSEWHERE, Cast

EXAMPLE = Path(__file__).parents[2] / "examples" / "scan_code.py"


def token(platform: Installation, *arguments: str) -> str:
    issued = platform.command("token", *arguments)
    assert issued.returncode == 0, issued.stderr
    return issued.stdout.strip()


def test_the_example_opens_the_linked_record_once(platform: Installation, cast: Cast) -> None:
    resident = token(platform, "--role", "resident", "--person", cast.own.person)
    doctor = token(platform, "--role", "doctor", "--org", ELSEWHERE)
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), platform.address, resident, doctor],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"NO_PROXY": "127.0.0.1", "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["person"], told["activated"]) == (cast.own.person, True)
    assert set(told["visits"]) == {f"Patient/{one}" for one in cast.own.patients}
    assert sum(told["visits"].values()) >= 1
    status, text = told["again"]
    assert (status, "[code-stale]" in text) == (403, True)
