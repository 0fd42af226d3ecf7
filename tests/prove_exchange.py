"""The long proofs of Exchange, for `tests.prove`."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from tests.e2e.exchange_storm import CHANNELS, Row, exchange_storm
from tests.e2e.installation import installation

KILLS, STORMS = 25, 8

Result = dict[str, Any]


def exchange_proofs() -> dict[str, Callable[[], Result]]:
    """Name to proof, in the order in which they are run."""
    return {
        f"exchange-kills-{seed}": lambda seed=seed: _kills(seed)  # type: ignore[misc]
        for seed in range(1, STORMS + 1)
    }


def _kills(seed: int) -> Result:
    with installation() as made:
        outcome = exchange_storm(made, KILLS, seed)
    return {
        "rows": [msgspec.to_builtins(row) for row in outcome.rows],
        "resources": outcome.resources,
        "seconds": outcome.seconds,
        "left_out": list(outcome.left_out),
        "faults": list(outcome.faults),
    }


_KILLS = """## kill -9 while every channel sends

{count} kills at random moments while seven senders send over MLLP, `/exchange` (FHIR Bundles and
shared documents), SOAP and a front-end table, one message in ten wrong, some sent twice, every one
sent again until it is answered. A row counts as acknowledged when the source's own database has it.
Afterwards each message is looked up: **{acknowledged} acknowledged, {lost} lost, {doubled}
doubled.** The good ones are stored, {resources} resources, each as version 1; the wrong ones lie in
quarantine with the reason, and made nothing.

On the way: sent and not answered at that moment. Waiting: acknowledged and not yet in the store,
both on average. Sent again: the answer did not arrive, or said to try again. Back: until every
process ran and answered again.

| killed | kills | on the way | waiting | acknowledged | sent again | back, median | back, longest |
|---|--:|--:|--:|--:|--:|--:|--:|
"""


def exchange_page(today: str, machine: str, results: dict[str, Result]) -> str:
    """The page of these proofs."""
    faults = [fault for result in results.values() for fault in result["faults"]]
    said = "**A promise was not kept, see below.**" if faults else "Every promise below was kept."
    text = f"# Exchange, {today}\n\nWritten by `make prove`. {said}\n\n{machine}\n\n"
    rows = [msgspec.convert(row, Row) for result in results.values() for row in result["rows"]]
    text += _KILLS.format(
        count=len(rows),
        acknowledged=sum(sum(row.answered.values()) for row in rows),
        lost=sum(row.lost for row in rows),
        doubled=sum(row.doubled for row in rows),
        resources=sum(result["resources"] for result in results.values()),
    )
    for what in sorted({row.kill.what for row in rows}):
        own = [row for row in rows if row.kill.what == what]
        back = sorted(row.kill.back for row in own)
        cells = (
            what,
            len(own),
            f"{sum(row.kill.flying for row in own) / len(own):.1f}",
            f"{sum(row.kill.waiting for row in own) / len(own):.0f}",
            sum(sum(row.answered.values()) for row in own),
            sum(row.resent for row in own),
            f"{back[len(back) // 2]:.1f} s",
            f"{back[-1]:.1f} s",
        )
        text += f"| {' | '.join(map(str, cells))} |\n"
    text += "\n| channel | acknowledged |\n|---|--:|\n"
    total = sum((Counter(row.answered) for row in rows), Counter[str]())
    for channel in CHANNELS:
        text += f"| {channel} | {total[channel]} |\n"
    left_out = sorted({one for result in results.values() for one in result["left_out"]})
    text += "".join(f"\n{one}\n" for one in left_out)
    if faults:
        text += "\n## Not kept\n\n" + "".join(f"- {fault}\n" for fault in faults)
    return text
