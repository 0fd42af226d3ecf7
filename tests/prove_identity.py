"""The long proofs of who is who, for `tests.prove`."""

from collections.abc import Callable
from typing import Any

from minkang.app.linkage_trial import Trial, tried
from minkang.identity.linkage.definition import load_definition
from tests.prove_store import run_suite

SEEDS = 12
TRIALS = (("stated", 30_000, 5501), ("judging", 30_000, 5502))
PRECISION = 0.9995
SUITES = {
    "two matchers at once": "tests/identity/test_two_matchers.py",
    "registers, cards, newborns, twins, shared cards, merges sent and undone": (
        "tests/identity/test_special_cases.py"
    ),
    "FEBRL 3 and 4": "tests/identity/linkage/test_febrl.py",
}

Result = dict[str, Any]

_HEAD = """# Identity, {today}

Written by `make prove`. {said}

{machine}

Merging and undoing: registrations of few people, with each other's numbers and phones, come, change
and go, steps of many decisions between; after undoing all of them in another order the links are
those of never having decided, and those of linking everything anew ({seeds} seeds).

| suite | result |
|---|---|
"""

_TRIALS = """
## Invented registers with hard dirt

Links made without a person against the truth, on seeds and at a size used nowhere in development.
Kept here is precision {precision}. The marks for precision (0.9999), recall (0.985) and review
(0.5 % of registrations) are figures to reach, on 480,000 registrations; these are as measured.

| mix | registrations | precision | wrong pairs | recall | to review |
|---|--:|--:|--:|--:|--:|
"""


def identity_proofs() -> dict[str, Callable[[], Result]]:
    """Name to proof, in the order in which they are run."""
    proofs: dict[str, Callable[[], Result]] = {
        f"identity-{name}": lambda folder=folder: run_suite(  # type: ignore[misc]
            folder, marked="not prove"
        )
        for name, folder in SUITES.items()
    }
    for seed in range(1, SEEDS + 1):
        proofs[f"identity-undone-{seed}"] = lambda seed=seed: run_suite(  # type: ignore[misc]
            "tests/identity/test_links_property.py",
            marked="not prove",
            more=(f"--hypothesis-seed={seed}",),
        )
    for mix, people, seed in TRIALS:
        proofs[f"identity-trial-{mix}"] = lambda mix=mix, people=people, seed=seed: _trial(  # type: ignore[misc]
            mix, people, seed
        )
    return proofs


def _trial(mix: str, people: int, seed: int) -> Result:
    found = tried(load_definition(None), Trial(mix, people, seed))
    short = found.precision < PRECISION
    return {
        "cells": [
            f"{mix}, seed {seed}",
            f"{found.records:,}",
            f"{found.precision:.6f}",
            str(found.wrong),
            f"{found.recall:.5f}",
            f"{found.review_share:.3%}",
        ],
        "faults": [f"{mix}, seed {seed}: precision {found.precision:.6f}"] if short else [],
    }


def identity_page(today: str, machine: str, results: dict[str, Result]) -> str:
    """The page of these proofs."""
    faults = [fault for result in results.values() for fault in result["faults"]]
    said = "**A promise was not kept, see below.**" if faults else "Every promise below was kept."
    text = _HEAD.format(today=today, said=said, machine=machine, seeds=SEEDS)
    undone: dict[str, int] = {}
    for name, result in results.items():
        if name.startswith("identity-undone-"):
            for word, n in result["counts"].items():
                undone[word] = undone.get(word, 0) + n
        elif "counts" in result:
            shown = ", ".join(f"{n} {word}" for word, n in result["counts"].items())
            text += f"| {name.removeprefix('identity-')} | {shown or result['said']} |\n"
    text += f"| merged and undone | {', '.join(f'{n} {word}' for word, n in undone.items())} |\n"
    text += _TRIALS.format(precision=PRECISION)
    for result in results.values():
        if "cells" in result:
            text += f"| {' | '.join(result['cells'])} |\n"
    if faults:
        text += "\n## Not kept\n\n" + "".join(f"- {fault}\n" for fault in faults)
    return text
