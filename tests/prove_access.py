"""The long proofs of who may see what, for `tests.prove`."""

from collections.abc import Callable
from typing import Any

from tests.prove_store import run_suite

SUITES = {
    "every role, resident and institution at every door": "tests/api/test_policy_doors.py",
    "hidden facts in two worlds": "tests/api/test_inference.py",
}

Result = dict[str, Any]

_HEAD = """# Access, {today}

Written by `make prove`. {said}

{machine}

The doors: each role asks at each door of the FHIR base about each resident of a small region (three
institutions in two districts; consents none, given, narrowed and withdrawn; visit, contract,
referral, shown code, broken glass, guardian; plain, notifiable and sensitive rows of each). What
comes out is compared, row by row and number by number, with a naive evaluation of the tables in
`tests/policy/oracle`, which were written from the laws and know nothing of the policy's file.

Hidden facts: two regions that differ in nothing but rows of another institution, sensitive rows, a
resident, or (for researchers) in whatever names somebody. Random questions (parameters, modifiers,
chains, `_has`, sorts, totals, pages, includes, history) must be answered alike, but for times and
the numbers of rows inside a page's place.

| suite | result |
|---|---|
"""


def access_proofs() -> dict[str, Callable[[], Result]]:
    """Name to proof, in the order in which they are run."""
    return {
        f"access-{name}": lambda folder=folder: run_suite(folder)  # type: ignore[misc]
        for name, folder in SUITES.items()
    }


def access_page(today: str, machine: str, results: dict[str, Result]) -> str:
    """The page of these proofs."""
    faults = [fault for result in results.values() for fault in result["faults"]]
    said = "**A promise was not kept, see below.**" if faults else "Every promise below was kept."
    text = _HEAD.format(today=today, said=said, machine=machine)
    for name, result in results.items():
        shown = ", ".join(f"{n} {word}" for word, n in result["counts"].items())
        text += f"| {name.removeprefix('access-')} | {shown or result['said']} |\n"
    if faults:
        text += "\n## Not kept\n\n" + "".join(f"- {fault}\n" for fault in faults)
    return text
