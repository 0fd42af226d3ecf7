"""Training: what the data say is taken over, what they cannot say is kept, names are statistics."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from minkang.identity.linkage.definition import dumped, load_definition, make_definition
from minkang.identity.linkage.report import page
from minkang.identity.linkage.train import Trained, Wish, train
from tests.identity.linkage.registers import some_features

pytestmark = pytest.mark.filterwarnings("ignore")  # of Splink and what it stands on


@pytest.fixture(scope="module")
def trained() -> Trained:
    flat = msgspec.structs.replace(load_definition().written, frequencies={})
    return train(make_definition(flat), some_features(), Wish("of-a-test", pairs=3e5))


def test_what_comes_out_is_a_definition(trained: Trained, tmp_path: Path) -> None:
    file = tmp_path / "definition.yaml"
    file.write_bytes(dumped(trained.written))
    read = load_definition(file)
    assert read.written == trained.written
    assert read.written.version == "of-a-test"
    assert trained.records == len(some_features())


def test_m_and_u_are_shares_that_the_data_show(trained: Trained) -> None:
    levels = {
        f"{one.name}/{level.name}": level
        for one in trained.written.comparisons
        for level in one.levels
    }
    sexes = levels["sex/equal"]
    assert 0.4 < sexes.u < 0.6
    assert sexes.m > 0.98
    assert 0.5 < levels["phone/shared"].m < 0.85  # a fifth has changed, both of a pair may have
    assert trained.origins["phone/shared"][0] == "trained"
    assert levels["id/equal"].m > 0.85


def test_what_chance_never_shows_is_kept(trained: Trained) -> None:
    before = {
        f"{one.name}/{level.name}": level
        for one in load_definition().written.comparisons
        for level in one.levels
    }
    after = {
        f"{one.name}/{level.name}": level
        for one in trained.written.comparisons
        for level in one.levels
    }
    assert trained.origins["id/equal"][1] == "kept"
    assert after["id/equal"].u == before["id/equal"].u
    assert after["cards/shared"] == before["cards/shared"]


def test_only_names_of_many_are_kept(trained: Trained) -> None:
    count = Counter(one.mother for one in some_features() if one.mother)
    assert all(count[name] >= 20 for name in trained.written.frequencies["mother"])
    names = Counter(one.name for one in some_features() if one.name)
    rare = {name for name, times in names.items() if times < 20}
    assert rare
    assert not rare & trained.written.frequencies["name"].keys()


def test_the_report_shows_every_level_and_no_name(trained: Trained) -> None:
    text = page(trained)
    for one in trained.written.comparisons:
        assert one.zh in text
        assert one.en in text
    assert text.count("<rect") == sum(
        not level.null for one in trained.written.comparisons for level in one.levels
    )
    assert "<script" not in text
    assert "http" not in text
    assert not [one.name for one in some_features() if one.name and one.name in text]
