"""`minkang synth` from end to end: files, a life, wrong usage."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from minkang.cli import main
from minkang.synth.dirt.kinds import KINDS as DIRT
from minkang.synth.outbreaks.request import KINDS as OUTBREAKS
from minkang.synth.truth.columns import TABLES

_DAYS = ["--years", "1", "--today", "2026-11-01"]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth") / "region"
    options = ["--residents", "20", "--formats", "hl7v2,cda", "--processes", "1", "--seed", "11"]
    assert main(["synth", *options, *_DAYS, "--out", str(folder)]) == 0
    return folder


def test_the_folder_has_what_was_sent_and_the_truth_of_it(out: Path) -> None:
    assert (out / "sent" / "sources.yaml").exists()
    messages = pq.read_table(out / "truth" / "messages.parquet").to_pylist()
    written = [path.read_bytes() for path in (out / "sent").rglob("*.hl7")]
    assert sum(raw.count(b"MSH|") for raw in written) == sum(
        row["channel"] == "mllp" for row in messages
    )
    told = json.loads((out / "region.json").read_text(encoding="utf-8"))
    assert "合成数据" in told["notice"]
    assert sum(told["sent"].values()) == len(messages) > 0


def test_a_folder_that_holds_something_is_left_alone(out: Path) -> None:
    before = sorted(out.rglob("*"))
    assert main(["synth", "--residents", "20", *_DAYS, "--out", str(out)]) == 2
    assert sorted(out.rglob("*")) == before


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--dirt", "mud"],
        ["--outbreak", "plague@auto@2026-03-02"],
        ["--outbreak", "norovirus@auto@2001-03-02"],
    ],
)
def test_wrong_usage_is_told(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = ["--residents", "20", "--out", str(tmp_path / "x")] if options else []
    assert main(["synth", *needed, *_DAYS, *options]) == 2
    assert "minkang:" in capsys.readouterr().err


def test_a_life_is_told_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["synth", "life", "3", *_DAYS]) == 0
    page = capsys.readouterr().out
    assert page.startswith("# ")
    assert "合成数据" in page
    assert "## 经过" in page
    assert main(["synth", "life", "3.99", *_DAYS]) == 2


def test_the_page_names_every_kind_of_dirt_outbreak_and_table() -> None:
    page = (Path(__file__).parents[2] / "docs/users/practice-region.md").read_text("utf-8")
    for name in (*DIRT, *OUTBREAKS, *TABLES):
        assert f"`{name}`" in page, name
    for kind in DIRT.values():
        if kind.expected.startswith("refused:"):
            assert f"拒绝：`{kind.expected.removeprefix('refused:')}`" in page
