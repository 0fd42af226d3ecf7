"""The long proofs of the pages, for `tests.prove`."""

from collections.abc import Callable
from typing import Any

from tests.prove_store import run_suite

SUITES = {
    "every link and button, every account": "tests/e2e/test_crawl.py",
    "no serious fault by axe; typed text, back button": "tests/e2e/test_manners.py",
    "no serious fault by axe, page by page": "tests/e2e/test_axe_pages.py",
    "a clinician's story": "tests/e2e/test_clinician_story.py",
    "the information centre's story": "tests/e2e/test_centre_story.py",
    "the administrators' story": "tests/e2e/test_security_story.py",
    "the story of nurse, CDC, supervisor, 120": "tests/e2e/test_public_health_story.py",
    "a resident's story": "tests/e2e/test_resident_story.py",
    "a planner's story": "tests/e2e/test_planner_story.py",
    "a village doctor's story": "tests/e2e/test_village_story.py",
    "a hostile shared document is text": "tests/e2e/test_document_hostile.py",
    "a hospital's system opens the record": "tests/e2e/test_his_example.py",
    "the first path by hand": "tests/e2e/test_path.py",
    "a source connects itself": "tests/e2e/test_wizard.py",
}

Result = dict[str, Any]

_HEAD = """# The pages, {today}

Written by `make prove`. {said}

{machine}

The crawler logs in as each account of the demonstration, follows every link of every page, presses
every button, and compares what a page opens with what the FHIR base opens. The stories run in
Chromium, at 1366×768 and on a phone.

| suite | result |
|---|---|
"""


def pages_proofs() -> dict[str, Callable[[], Result]]:
    """Name to proof, in the order in which they are run."""
    return {
        f"pages-{name}": lambda folder=folder: run_suite(folder)  # type: ignore[misc]
        for name, folder in SUITES.items()
    }


def pages_page(today: str, machine: str, results: dict[str, Result]) -> str:
    """The page of these proofs."""
    faults = [fault for result in results.values() for fault in result["faults"]]
    said = "**A promise was not kept, see below.**" if faults else "Every promise below was kept."
    text = _HEAD.format(today=today, said=said, machine=machine)
    for name, result in results.items():
        shown = ", ".join(f"{n} {word}" for word, n in result["counts"].items())
        text += f"| {name.removeprefix('pages-')} | {shown or result['said']} |\n"
    if faults:
        text += "\n## Not kept\n\n" + "".join(f"- {fault}\n" for fault in faults)
    return text
