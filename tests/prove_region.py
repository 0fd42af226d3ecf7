"""The long proof of the practice region, for `tests.prove`."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.config import Settings
from tests.synth.region_proof import MEMORY, Outcome, memory, prove_region

RESIDENTS, YEARS = 150, 3
SMALL, LARGE = 100, 400

Result = dict[str, Any]


def region_proofs() -> dict[str, Callable[[], Result]]:
    """Name to proof, in the order in which they are run."""
    return {"region-truth": _truth, "region-memory": _memory}


def _truth() -> Result:
    with TemporaryDirectory(prefix="minkang-prove-") as folder:
        home = Path(folder)
        home.chmod(0o711)  # as root the database runs as another user, who must walk in
        settings = Settings(home=home)
        with database(settings) as url:
            outcome = prove_region(settings, url, home / "region", RESIDENTS, YEARS)
    return {"outcome": msgspec.to_builtins(outcome), "faults": outcome.faults}


def _memory() -> Result:
    with TemporaryDirectory(prefix="minkang-prove-") as folder:
        found = {str(n): memory(n, YEARS, Path(folder) / str(n)) for n in (SMALL, LARGE)}
    more = found[str(LARGE)] / found[str(SMALL)]
    faults = [f"{LARGE} residents took {more:.2f} times the memory"] if more > MEMORY else []
    return {"memory": found, "faults": faults}


_TRUTH = """## What becomes of it is what its truth says

A region of {residents} residents and {years} years with all its dirt, loaded from its files as
`minkang load` does: {messages} messages, documents and rows, {resources} resources.

- **Refused is what must be, for the recorded reason.** {expected}.
- **Reconciliation finds exactly what was lost.** The sources told their own figures of every day
  ({days} days of a source). Lost on the way: {lost}. Refused, and so missing as well:
  {without}. Held of another day than told, because they were corrected later: {surplus}. Whatever
  else is missing or too much stands below.
- **Nobody is treated after death**: {dead} people died, {dated} resources with a date were looked
  at. **Nothing is given before it is prescribed**: {given} times.

"""

_MEMORY = """## Memory

The most that the process which makes the files ever had, {years} years, one process; promised is
at most {most:.2f} times as much for four times the residents.

| residents | MB |
|--:|--:|
"""


def region_page(today: str, machine: str, results: dict[str, Result]) -> str:
    """The page of this proof."""
    faults = [fault for result in results.values() for fault in result["faults"]]
    said = "**A promise was not kept, see below.**" if faults else "Every promise below was kept."
    text = f"# The practice region, {today}\n\nWritten by `make prove`. {said}\n\n{machine}\n\n"
    if "region-truth" in results:
        text += _told(msgspec.convert(results["region-truth"]["outcome"], Outcome))
    if "region-memory" in results:
        text += _MEMORY.format(years=YEARS, most=MEMORY)
        for residents, megabytes in results["region-memory"]["memory"].items():
            text += f"| {residents} | {megabytes:.0f} |\n"
    if faults:
        text += "\n## Not kept\n\n" + "".join(f"- {fault}\n" for fault in faults)
    return text


def _told(outcome: Outcome) -> str:
    return _TRUTH.format(
        residents=outcome.residents,
        years=outcome.years,
        messages=sum(outcome.messages.values()),
        resources=outcome.resources,
        expected=_counted(outcome.messages),
        days=outcome.days,
        lost=_counted(outcome.lost),
        without=_counted(outcome.without),
        surplus=_counted(outcome.surplus),
        dead=outcome.dead,
        dated=outcome.dated,
        given=outcome.given,
    )


def _counted(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in sorted(numbers.items())) or "nothing"
