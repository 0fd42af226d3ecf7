"""`python -m tests.prove`: the long proofs, and a dated table of them in docs/proof/.

`python -m tests.prove access identity` runs what two of the pages need. Can be interrupted: what is
done today stands in test-results/prove.json and is not run again, unless `--again` is given. Exit
code 1 if a promise was not kept, or a proof broke off.
"""

import json
import os
import platform
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
Proofs = dict[str, Callable[[], Result]]


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
    """Run what is missing of the pages that are asked for, write those that are whole."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    wanted = [one for one in sys.argv[1:] if one != "--again"]
    state: dict[str, Any] = {}
    if STATE.exists() and "--again" not in sys.argv:
        state = json.loads(STATE.read_text(encoding="utf-8"))
    if state.get("date") != today:
        state = {"date": today, "results": {}}
    broken: list[str] = []
    faults: list[str] = []
    for title, (proofs, written) in _pages().items():
        if wanted and title not in wanted:
            continue
        broken += _run(proofs, state)
        results = {name: state["results"][name] for name in proofs if name in state["results"]}
        faults += [fault for result in results.values() for fault in result["faults"]]
        if len(results) < len(proofs):
            continue
        text = written(today, _machine(), results)
        PAGES.mkdir(parents=True, exist_ok=True)
        page = PAGES / f"{today}-{title}.md"
        page.write_text(text, encoding="utf-8")
        _say(f"{text}\n{page}")
    for fault in faults:
        _say(f"NOT KEPT: {fault}")
    for name in broken:
        _say(f"NOT RUN TO ITS END: {name}")
    return 1 if faults or broken else 0


def _pages() -> dict[str, tuple[Proofs, Callable[[str, str, dict[str, Result]], str]]]:
    """The pages of docs/proof/ in their order: what is run for each, and how it is written."""
    first: Proofs = {
        f"kills-{seed}": lambda seed=seed: prove_kills(seed)  # type: ignore[misc]
        for seed in range(1, STORMS + 1)
    }
    if chromium() is None:
        _say("NOT RUN: 1 browser proof (Chromium is missing; apt-get install chromium)")
    else:
        first["visible"] = prove_visible
    return {
        "first-path": (first, _page),
        "store": (store_proofs(), store_page),
        "exchange": (exchange_proofs(), exchange_page),
        "region": (region_proofs(), region_page),
        "access": (access_proofs(), access_page),
        "identity": (identity_proofs(), identity_page),
        "pages": (pages_proofs(), pages_page),
    }


def _run(proofs: Proofs, state: dict[str, Any]) -> list[str]:
    """Run what has no result of today yet; what broke off, with the reason."""
    broken = []
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
    return broken


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


def _page(today: str, machine: str, results: dict[str, Result]) -> str:
    faults = [fault for result in results.values() for fault in result["faults"]]
    storms = [result for name, result in results.items() if name.startswith("kills-")]
    said = "**A promise was not kept, see below.**" if faults else "Every promise below was kept."
    text = (
        f"# The first path, {today}\n\n"
        f"Written by `make prove`; the code is `tests/prove.py` and `tests/e2e/`. {said}\n\n"
        f"{machine}\n\n"
    )
    text += _kills(storms)
    text += _visible(results["visible"]) if "visible" in results else "NOT RUN: no Chromium.\n"
    if faults:
        text += "\n## Not kept\n\n" + "".join(f"- {fault}\n" for fault in faults)
    return text


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, embedded PostgreSQL 18; "
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
