"""The long proofs of the store and the FHIR base, for `tests.prove`."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from tests.e2e.fhir_storm import Row, fhir_storm
from tests.e2e.installation import installation
from tests.store.test_standby import take_over

KILLS, STORMS = 25, 8
_SHOWN, _MOST = 400, 40
SUITES = {
    "search against a naive evaluation; restore, standby, purging": "tests/store",
    "hostile requests": "tests/fuzz",
    "official examples through the server": "tests/conformance",
    "parts of the official examples": "tests/api/test_summary.py",
    "invariants of the official examples": "tests/fhir",
    "Synthea by `minkang load`": "tests/app",
    "kills": "tests/e2e/test_fhir_kill.py",
    "kills on the first path": "tests/e2e/test_kill.py",
    "two servers": "tests/e2e/test_two_servers.py",
    "one changed entry": "tests/e2e/test_audit_change.py",
    "a growing demonstration": "tests/e2e/test_behind.py",
    "HTTPS": "tests/e2e/test_https.py",
}

Result = dict[str, Any]


def store_proofs() -> dict[str, Callable[[], Result]]:
    """Name to proof, in the order in which they are run."""
    proofs: dict[str, Callable[[], Result]] = {
        f"fhir-kills-{seed}": lambda seed=seed: _kills(seed)  # type: ignore[misc]
        for seed in range(1, STORMS + 1)
    }
    for synchronous in (True, False):
        name = f"takeover-{'synchronous' if synchronous else 'asynchronous'}"
        proofs[name] = lambda synchronous=synchronous: _takeover(  # type: ignore[misc]
            synchronous=synchronous
        )
    for name, folder in SUITES.items():
        proofs[f"suite-{name}"] = lambda folder=folder: run_suite(folder)  # type: ignore[misc]
    return proofs


def _kills(seed: int) -> Result:
    with installation() as made:
        outcome = fhir_storm(made, KILLS, seed)
        verified = made.command("audit", "verify")
    faults = list(outcome.faults)
    if verified.returncode != 0:
        faults.append(f"audit verify: {verified.stdout}")
    return {
        "rows": [msgspec.to_builtins(row) for row in outcome.rows],
        "lost": outcome.lost,
        "doubled": outcome.doubled,
        "halves": outcome.halves,
        "seconds": outcome.seconds,
        "faults": faults,
    }


def _takeover(*, synchronous: bool) -> Result:
    with TemporaryDirectory(prefix="minkang-prove-") as folder:
        Path(folder).chmod(0o711)
        found = take_over(Path(folder), synchronous=synchronous)
    faults = [f"{found.lost} acknowledged writes lost"] if synchronous and found.lost else []
    return {"takeover": msgspec.to_builtins(found), "faults": faults}


def run_suite(folder: str, *, marked: str = "prove", more: tuple[str, ...] = ()) -> Result:
    """The tests of a folder or a file that are so marked: the long ones."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", folder, "-m", marked, "--no-header", "-rs", *more],
        capture_output=True,
        text=True,
    )
    last = run.stdout.strip().splitlines()[-1] if run.stdout.strip() else ""
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped|error)", last)}
    lines = run.stdout.splitlines()
    why = [line[:_SHOWN] for line in lines if line.startswith(("E  ", "FAILED", "ERROR"))]
    faults = [] if run.returncode == 0 else [f"{folder}: {last}", *why[:_MOST]]
    skipped = [line for line in run.stdout.splitlines() if "NOT RUN" in line]
    return {"counts": counts, "said": last, "skipped": skipped, "faults": faults}


_KILLS = """## kill -9 while systems write to the FHIR base

{count} kills at random moments while six systems create, update (with If-Match) and send
transactions of three, each again until it is answered. Afterwards every write is looked up:
**{acknowledged} acknowledged, {lost} lost, {doubled} doubled, {halves} transactions half there.**
No index row is left that belongs to nothing. Acknowledged, sent again: since the kill before, which
was of another kind. Back: until every process ran and answered again.

| killed | kills | acknowledged | sent again | back, median | back, longest |
|---|--:|--:|--:|--:|--:|
"""


def store_page(today: str, machine: str, results: dict[str, Result]) -> str:
    """The page of these proofs."""
    faults = [fault for result in results.values() for fault in result["faults"]]
    said = "**A promise was not kept, see below.**" if faults else "Every promise below was kept."
    text = f"# The store, {today}\n\nWritten by `make prove`. {said}\n\n{machine}\n\n"
    storms = [one for name, one in results.items() if name.startswith("fhir-kills-")]
    rows = [msgspec.convert(row, Row) for storm in storms for row in storm["rows"]]
    text += _KILLS.format(
        count=len(rows),
        acknowledged=sum(row.acknowledged for row in rows),
        **{name: sum(one[name] for one in storms) for name in ("lost", "doubled", "halves")},
    )
    for what in sorted({row.kill.what for row in rows}):
        own = [row for row in rows if row.kill.what == what]
        back = sorted(row.kill.back for row in own)
        cells = (
            what,
            len(own),
            sum(row.acknowledged for row in own),
            sum(row.resent for row in own),
            f"{back[len(back) // 2]:.1f} s",
            f"{back[-1]:.1f} s",
        )
        text += f"| {' | '.join(map(str, cells))} |\n"
    text += "\n## The standby takes over\n\n"
    for name, result in results.items():
        if name.startswith("takeover-"):
            told = result["takeover"]
            text += (
                f"- {name.removeprefix('takeover-')}: {told['acknowledged']} commits answered, "
                f"{told['lost']} lost, writable after {told['seconds']:.2f} s\n"
            )
    text += "\n## Long suites\n\n| suite | result |\n|---|---|\n"
    for name, result in results.items():
        if name.startswith("suite-"):
            shown = ", ".join(f"{n} {word}" for word, n in result["counts"].items())
            text += f"| {name.removeprefix('suite-')} | {shown or result['said']} |\n"
    if faults:
        text += "\n## Not kept\n\n" + "".join(f"- {fault}\n" for fault in faults)
    return text
