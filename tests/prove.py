"""`python -m tests.prove`: the long proofs, and a dated table of them in docs/proof/.

Can be interrupted: what is done today stands in test-results/prove.json and is not run again,
unless `--again` is given. Exit code 1 if a promise was not kept.
"""

import json
import os
import platform as machine
import random
import socket
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tests.e2e.browsing import open_record, seen_at, watch_for, windows
from tests.e2e.installation import answer_code, exchange, installation
from tests.e2e.running import chromium, make_cast
from tests.e2e.storm import Row, storm
from tests.prove_access import access_page, access_proofs
from tests.prove_exchange import exchange_page, exchange_proofs
from tests.prove_identity import identity_page, identity_proofs
from tests.prove_pages import pages_page, pages_proofs
from tests.prove_region import region_page, region_proofs
from tests.prove_store import store_page, store_proofs
from tests.region import new_lab_message

STATE = Path("test-results/prove.json")
PAGES = Path("docs/proof")
KILLS, STORMS = 12, 2
MESSAGES, VISIBLE_SECONDS = 30, 2.0

Result = dict[str, Any]


def prove_kills(seed: int) -> Result:
    """One storm: kills under load, then every message accounted for."""
    with installation() as made:
        outcome = storm(made, make_cast(made), KILLS, seed)
        verified = made.command("audit", "verify")
    faults = [*outcome.faults]
    if verified.returncode != 0:
        faults.append(f"audit verify: {verified.stdout}")
    return {
        "seed": seed,
        "seconds": outcome.seconds,
        "pages": outcome.pages,
        "rows": [msgspec.to_builtins(row) for row in outcome.rows],
        "audit": verified.stdout.strip(),
        "faults": faults,
    }


def prove_visible() -> Result:
    """From the frame on the wire to the row in an open page, message by message."""
    times: list[float] = []
    answers: list[float] = []
    pause = random.Random(1)
    with installation() as made, windows(made) as opened:
        cast = make_cast(made)
        page = opened.open("mayi")
        open_record(page, f"/record/{cast.own.person}?tab=results")
        with socket.create_connection(("127.0.0.1", made.mllp_port), 10) as line:
            for number in range(MESSAGES):
                remark = f"第 {number} 条消息"
                raw = new_lab_message(
                    "haibin",
                    cast.truth,
                    datetime.now(UTC),
                    f"VISIBLE{number:03}",
                    {"comment": remark},
                )
                watch_for(page, remark)
                sent = time.time()
                code = answer_code(exchange(line, raw))
                answered = time.time()
                assert code == "AA", code
                times.append(seen_at(page) - sent)
                answers.append(answered - sent)
                page.wait_for_timeout(pause.uniform(200, 900))
        faults = list(opened.complaints)
    faults += [f"message {n}: {t:.2f} s" for n, t in enumerate(times) if t > VISIBLE_SECONDS]
    return {"visible": times, "acknowledged": answers, "faults": faults}


def main() -> int:
    """Run what is missing, write the page."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    state: dict[str, Any] = {}
    if STATE.exists() and "--again" not in sys.argv:
        state = json.loads(STATE.read_text(encoding="utf-8"))
    if state.get("date") != today:
        state = {"date": today, "results": {}}
    proofs: dict[str, Callable[[], Result]] = {
        f"kills-{seed}": lambda seed=seed: prove_kills(seed)  # type: ignore[misc]
        for seed in range(1, STORMS + 1)
    }
    if chromium() is None:
        _say("NOT RUN: 1 browser proof (Chromium is missing; apt-get install chromium)")
    else:
        proofs["visible"] = prove_visible
    proofs |= store_proofs() | exchange_proofs() | region_proofs() | access_proofs()
    proofs |= identity_proofs() | pages_proofs()
    broken: list[str] = []
    for name, prove in proofs.items():
        if name in state["results"]:
            _say(f"{name}: done before today")
            continue
        _say(f"{name}: …")
        try:
            state["results"][name] = prove()
        except Exception as error:  # noqa: BLE001 - the others are still to be run
            traceback.print_exc()
            broken.append(f"{name}: {type(error).__name__}: {error}")
            continue
        STATE.parent.mkdir(parents=True, exist_ok=True)
        STATE.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
    if broken:
        _say("NOT RUN TO ITS END: " + "\nNOT RUN TO ITS END: ".join(broken))
        return 1
    PAGES.mkdir(parents=True, exist_ok=True)
    results: dict[str, Result] = state["results"]
    store = {name: one for name, one in results.items() if name in store_proofs()}
    came_in = {name: one for name, one in results.items() if name in exchange_proofs()}
    region = {name: one for name, one in results.items() if name in region_proofs()}
    access = {name: one for name, one in results.items() if name in access_proofs()}
    identity = {name: one for name, one in results.items() if name in identity_proofs()}
    pages = {name: one for name, one in results.items() if name in pages_proofs()}
    others = store | came_in | region | access | identity | pages
    first = {name: one for name, one in results.items() if name not in others}
    for name, text in (
        ("first-path", _page(today, first)),
        ("store", store_page(today, _machine(), store)),
        ("exchange", exchange_page(today, _machine(), came_in)),
        ("region", region_page(today, _machine(), region)),
        ("access", access_page(today, _machine(), access)),
        ("identity", identity_page(today, _machine(), identity)),
        ("pages", pages_page(today, _machine(), pages)),
    ):
        page = PAGES / f"{today}-{name}.md"
        page.write_text(text, encoding="utf-8")
        _say(f"{text}\n{page}")
    faults = [fault for result in state["results"].values() for fault in result["faults"]]
    for fault in faults:
        _say(f"NOT KEPT: {fault}")
    return 1 if faults else 0


_KILLS = """## kill -9 under load

{count} kills at random moments while six connections send laboratory messages over MLLP (some
malformed, some sent twice, every one sent again until it is answered) and a doctor keeps opening
a record. Afterwards each message is looked up in the database:
**{answered} answered, {lost} lost, {doubled} doubled.** Accepted ones are stored with their results
once, as version 1, with the right patient, once in the change feed, once on the doctor's page;
refused ones lie in quarantine with the reason.

In flight: sent and not answered at that moment. Waiting: acknowledged and not yet in the record.
Messages count with the first kill after their answer. Resent: the answer did not arrive, or said
to try again. Back: until every process ran and answered again.

| # | killed | in flight | waiting | accepted | refused | resent | lost | doubled | back |
|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""

_VISIBLE = """## From the wire to an open page

{count} laboratory messages, one after the other; a doctor has the record open in Chromium. Measured
from before the frame is sent, to its answer and to the row being in the page. Promised: at most
{seconds:.0f} s.

| | median | 95 % | longest |
|---|--:|--:|--:|
"""


def _page(today: str, results: dict[str, Result]) -> str:
    faults = [fault for result in results.values() for fault in result["faults"]]
    storms = [result for name, result in results.items() if name.startswith("kills-")]
    said = "**A promise was not kept, see below.**" if faults else "Every promise below was kept."
    text = (
        f"# The first path, {today}\n\n"
        f"Written by `make prove`; the code is `tests/prove.py` and `tests/e2e/`. {said}\n\n"
        f"{_machine()}\n\n"
    )
    text += _kills(storms)
    text += _visible(results["visible"]) if "visible" in results else "NOT RUN: no Chromium.\n"
    if faults:
        text += "\n## Not kept\n\n" + "".join(f"- {fault}\n" for fault in faults)
    return text


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, Python {machine.python_version()}, embedded PostgreSQL 18; "
        "platform, database, senders and browser on the same machine."
    )


def _kills(storms: list[Result]) -> str:
    rows = [msgspec.convert(row, Row) for result in storms for row in result["rows"]]
    text = _KILLS.format(
        count=len(rows),
        answered=sum(row.acknowledged + row.refused for row in rows),
        lost=sum(row.lost for row in rows),
        doubled=sum(row.doubled for row in rows),
    )
    for number, row in enumerate(rows, 1):
        kill = row.kill
        counts = (row.acknowledged, row.refused, row.resent, row.lost, row.doubled)
        cells = (number, kill.what, kill.in_flight, kill.waiting, *counts, f"{kill.back:.1f} s")
        text += f"| {' | '.join(map(str, cells))} |\n"
    text += "\n"
    for result in storms:
        text += (
            f"- Storm {result['seed']}: {result['seconds']:.0f} s; {result['pages']} record pages "
            "were given out, each with its audit entry; `minkang audit verify`: "
            f"{result['audit'].splitlines()[0]}.\n"
        )
    return text + "\n"


def _visible(result: Result) -> str:
    text = _VISIBLE.format(count=len(result["visible"]), seconds=VISIBLE_SECONDS)
    for words, name in (("acknowledged", "acknowledged"), ("in the open page", "visible")):
        times = sorted(result[name])
        shown = (statistics.median(times), statistics.quantiles(times, n=20)[-1], times[-1])
        text += f"| {words} | {' | '.join(f'{one * 1000:.0f} ms' for one in shown)} |\n"
    return text


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
