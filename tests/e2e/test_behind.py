"""A demonstration with more residents than its first ones: the others come behind its pages.

Whatever is killed meanwhile, all of them arrive, once.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from pyarrow import parquet

from minkang.app.demonstration.growth import Progress, parts, parts_folder, progress
from minkang.app.demonstration.story import region_folder
from minkang.app.platform import Platform
from minkang.identity import Resident, find_residents
from minkang.store import Scope
from tests.e2e.installation import Installation, installation
from tests.e2e.processes import becomes

pytestmark = pytest.mark.prove

FIRST, PORTION, ALL = 12, 8, 44
_ARRIVE_SECONDS = 120
_LOADING = re.compile(rf"演练区域正在装入：(\d+) / {ALL} 名居民")
_SEX = {"M": "male", "F": "female"}
_SHOWN = ("/centre/messages", "/centre/messages/live", "/centre/store", "/centre/store/live")


class Seen(msgspec.Struct, frozen=True):
    """What was to be seen from `ready` until all residents had arrived.

    Attributes:
        at_ready: how far it was, and what the terminal said.
        before: pages by address, as soon as they were there; `after` at the end.
        kills: how often the loading process was killed, each time in the midst of a portion.
        answers: of the log-in page meanwhile.
    """

    at_ready: tuple[Progress | None, str]
    before: dict[str, str]
    after: dict[str, str]
    kills: int
    answers: Counter[int]


class Grown(msgspec.Struct, frozen=True):
    """The installation after that."""

    platform: Installation
    seen: Seen

    def truth(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of the truth, of all parts."""
        home = self.platform.home
        folders = [region_folder(home), *(one.folder for one in parts(home))]
        return [
            row
            for one in folders
            for row in parquet.read_table(one / "truth" / f"{table}.parquet").to_pylist()
        ]


@pytest.fixture(scope="module")
def grown() -> Iterator[Grown]:
    """Started with its first residents, killed and stopped while it grew, and then whole."""
    sizes = {"residents": ALL, "first": FIRST, "portion": PORTION, "years": 1}
    with installation(*(f"--{name}={value}" for name, value in sizes.items())) as platform:
        said = (platform.home / "output.txt").read_text(encoding="utf-8")
        at_ready = progress(platform.home), said
        before = _pages(platform)
        answers: Counter[int] = Counter()
        kills = sum(_killed(platform, moment) for moment in (_making, _made, _arriving))
        platform.stop()
        platform.start()
        with platform.browser() as visitor:

            def arrived() -> bool:
                answers[visitor.get("/login").status_code] += 1
                return progress(platform.home) == Progress(ALL, ALL)

            assert becomes(arrived, _ARRIVE_SECONDS), platform.log
        assert becomes(lambda: platform.waiting() == 0, 30)
        yield Grown(platform, Seen(at_ready, before, _pages(platform), kills, answers))


def _pages(platform: Installation) -> dict[str, str]:
    with platform.browser() as visitor:
        found = {"/login": visitor.get("/login").text}
    with platform.logged_in("xinxi") as visitor:
        return found | {page: visitor.get(page).text for page in _SHOWN}


def _killed(platform: Installation, moment: Callable[[Installation], bool]) -> bool:
    """Kill the loading process at such a moment, and wait for the next."""
    assert becomes(lambda: moment(platform), 60, 0.02), platform.log
    loading = platform.role("behind")
    killed = loading is not None and loading.kill()
    assert becomes(lambda: platform.role("behind") not in (None, loading), 10)
    return killed


def _making(platform: Installation) -> bool:
    """Files of a portion are being made."""
    whole = len(parts(platform.home))
    return len(list(parts_folder(platform.home).glob("*/sent"))) > 0 and whole < _portions()


def _made(platform: Installation) -> bool:
    """They are made."""
    return any(
        (one.parent / "region.json").exists() for one in parts_folder(platform.home).glob("*/sent")
    )


def _arriving(platform: Installation) -> bool:
    """Messages of it wait, or its rows stand in their tables."""
    return _made(platform) and platform.waiting() > 0


def _portions() -> int:
    return -(-(ALL - FIRST) // PORTION)


def test_the_pages_are_there_before_all_residents_are(grown: Grown) -> None:
    found, said = grown.seen.at_ready
    assert found is not None
    assert (found.residents, found.loaded < ALL) == (ALL, True)
    assert "invented residents" in said
    assert re.search(r"\d+ more are brought in behind the pages", said)
    assert set(grown.seen.answers) == {200}


def test_the_pages_say_how_far_it_is_until_all_are_there(grown: Grown) -> None:
    for page, text in grown.seen.before.items():
        assert _LOADING.search(text), page
    for page, text in grown.seen.after.items():
        assert "演练区域正在装入" not in text, page


def test_who_is_killed_goes_on_and_ends_when_all_is_done(grown: Grown) -> None:
    platform = grown.platform
    assert grown.seen.kills == 3
    assert becomes(lambda: platform.role("behind") is None, 10)
    left = {one.name for one in parts_folder(platform.home).iterdir()}
    assert left == {one.folder.name for one in parts(platform.home)}
    assert not list(parts_folder(platform.home).glob("*/sent"))


def test_every_message_is_there_and_none_twice(grown: Grown) -> None:
    told = [row for row in grown.truth("messages") if row["channel"] == "mllp"]
    rows = grown.platform.fetch(
        "select source, control_id, state from exchange.message where channel = 'mllp'"
    )
    kept = Counter((row["source"], row["control_id"]) for row in rows)
    assert max(kept.values()) == 1
    assert set(kept) <= {(row["source"], row["number"]) for row in told}
    assert set(kept) >= {
        (row["source"], row["number"])
        for row in told
        if row["expected"] == "ok" and row["at"] < _settled()
    }
    fine = {(row["source"], row["number"]) for row in told if row["expected"] == "ok"}
    assert {
        (row["source"], row["control_id"]) for row in rows if row["state"] != "stored"
    }.isdisjoint(fine)


def test_every_row_is_in_its_table_and_was_read(grown: Grown) -> None:
    told = [row for row in grown.truth("messages") if row["channel"] == "table"]
    tables = grown.platform.fetch(
        "select source, count(*) as n from exchange.front_row where not gone group by source"
    )
    read = {row["source"]: row["n"] for row in tables}
    for source, n in read.items():
        name = source.replace("-", "_")
        (row,) = grown.platform.fetch(f"select count(*) as n from front.{name}")
        assert (source, row["n"]) == (source, n)
        numbers = {one["number"] for one in told if one["source"] == source}
        past = {one["number"] for one in told if one["source"] == source and one["at"] < _settled()}
        assert len(past) <= n <= len(numbers), source
    assert sum(read.values()) >= 2 * ALL


def test_every_resident_is_one_person(grown: Grown) -> None:
    """A desk that wrote down another sex made somebody else of them, who is not counted."""
    grown_up = (_settled() - timedelta(days=90)).date()  # newborns are registered some weeks later
    living = [
        row
        for row in grown.truth("people")
        if not row["death"] and not row["left"] and row["birth"] < grown_up
    ]
    assert len(living) >= ALL * 0.8

    async def look(platform: Platform) -> dict[str, list[Resident]]:
        found = {}
        for row in living:
            several = await find_residents(platform.store, Scope.whole(), row["id_number"])
            found[row["id_number"]] = [
                one
                for one in several.residents
                if (one.birth_date, one.sex) == (row["birth"].isoformat(), _SEX[row["sex"]])
            ]
        return found

    assert {number: len(found) for number, found in grown.platform.inside(look).items()} == {
        row["id_number"]: 1 for row in living
    }


def test_sources_have_told_of_all_that_is_held(grown: Grown) -> None:
    def surplus() -> list[Any]:
        return grown.platform.fetch(
            """select source, day, kind from exchange.reconciled
               where surplus > 0 and reported is not null and kind in ('visits', 'admissions')"""
        )

    assert becomes(lambda: not surplus(), 30), surplus()


def test_the_audit_log_is_whole(grown: Grown) -> None:
    verified = grown.platform.command("audit", "verify")
    said = verified.stdout + verified.stderr
    assert (verified.returncode, "intact" in verified.stdout) == (0, True), said


def _settled() -> datetime:
    """What left before has arrived by now."""
    return datetime.now(UTC) - timedelta(minutes=10)
