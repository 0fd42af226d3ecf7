"""How far a demonstration is that is brought in part by part, and the figures that sources tell."""

from datetime import date
from pathlib import Path

import pytest

from minkang.app.demonstration.figures import add_figures
from minkang.app.demonstration.growth import (
    Growth,
    Part,
    Progress,
    next_part,
    parts,
    progress,
    write_growth,
)
from minkang.app.demonstration.story import Story, region_folder, write_story
from minkang.synth.people import households_for

FIRST = 12
STORY = Story("key", "person", "name", FIRST, 1, date(2026, 11, 22))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A demonstration whose first residents are there, and which shall have three times as many."""
    region_folder(tmp_path).mkdir()
    write_story(tmp_path, STORY)
    write_growth(tmp_path, Growth(3 * FIRST, 8))
    return tmp_path


def bring(part: Part) -> None:
    part.folder.mkdir(parents=True)
    part.later.touch()


def test_parts_follow_one_another_until_all_who_were_wanted_are_there(home: Path) -> None:
    assert progress(home) == Progress(FIRST, 3 * FIRST)
    reached, loaded = households_for(FIRST), FIRST
    while (part := next_part(home, STORY)) is not None:
        assert (part.begin, part.end > part.begin) == (reached, True)
        bring(part)
        reached = part.end
        found = progress(home)
        assert found is not None
        assert found.loaded > loaded
        loaded = found.loaded
    assert reached == households_for(3 * FIRST)
    assert progress(home) == Progress(3 * FIRST, 3 * FIRST)
    assert [one.end for one in parts(home)][-1] == reached


def test_a_part_that_was_cut_off_comes_again_whatever_lies_in_its_folder(home: Path) -> None:
    part = next_part(home, STORY)
    assert part is not None
    part.folder.mkdir(parents=True)
    (part.folder / "later.made").touch()
    assert next_part(home, STORY) == part
    assert parts(home) == []


def test_another_size_of_portions_goes_on_behind_the_parts_that_are_there(home: Path) -> None:
    part = next_part(home, STORY)
    assert part is not None
    bring(part)
    write_growth(home, Growth(3 * FIRST, 100))
    after = next_part(home, STORY)
    assert after is not None
    assert (after.begin, after.end) == (part.end, households_for(3 * FIRST))


def test_who_has_all_that_was_wanted_has_nothing_more_to_come(home: Path) -> None:
    write_growth(home, Growth(FIRST, 8))
    assert next_part(home, STORY) is None
    assert progress(home) == Progress(FIRST, FIRST)


def test_a_folder_without_a_demonstration_has_no_progress(tmp_path: Path) -> None:
    assert progress(tmp_path) is None


def test_figures_of_a_part_are_added_to_those_before_it(tmp_path: Path) -> None:
    head = "day,type,department,count,sum,items\r\n"
    before, own, out = (tmp_path / name for name in ("before", "own", "out"))
    before.mkdir()
    own.mkdir()
    (before / "h.csv").write_text(
        f"{head}2026-11-01,fees,,1,10.50,a/费用\r\n2026-11-01,visits,,1,,a\r\n", newline=""
    )
    (own / "h.csv").write_text(
        f"{head}2026-11-01,fees,,2,0.75,b/费用;c/费用\r\n2026-11-01,visits,,0,,\r\n"
        "2026-11-02,reports,,1,,r\r\n",
        newline="",
    )
    (own / "new.csv").write_text(f"{head}2026-11-01,visits,,1,,x\r\n", newline="")
    add_figures(before, own, out)
    assert (out / "h.csv").read_text(encoding="utf-8").splitlines() == [
        head.strip(),
        "2026-11-01,fees,,3,11.25,a/费用;b/费用;c/费用",
        "2026-11-01,visits,,1,,a",
        "2026-11-02,reports,,1,,r",
    ]
    assert (out / "new.csv").read_bytes() == (own / "new.csv").read_bytes()
