"""A definition is data: it comes back as written, says where it is broken, and is documented."""

from pathlib import Path

import msgspec
import pytest

from minkang.identity.linkage.definition import (
    DefinitionBrokenError,
    Written,
    dumped,
    load_definition,
)
from minkang.identity.linkage.features import Features
from minkang.identity.linkage.guards import GUARDS, RULES

PAGE = Path(__file__).parents[3] / "docs" / "operators" / "linkage.md"


def test_a_definition_comes_back_as_it_was_written(tmp_path: Path) -> None:
    own = load_definition()
    file = tmp_path / "region.yaml"
    file.write_bytes(dumped(own.written))
    again = load_definition(file)
    assert again.written == own.written
    assert again.prior == own.prior


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("when: [equal sex]", "when: [resembles sex]", "sex/equal: no such test: resembles"),
        ("when: [equal sex]", "when: [equal]", "sex/equal: equal needs other columns"),
        ("m: 0.997", "m: 1.997", "sex/equal: m and u must be"),
        ("m: 0.997", "m: many", "comparisons"),
        ("prior: 5.0e-7", "prior: 1.5", "prior"),
        ("review: 2.0", "review: 20.0", "review"),
        ("version: ", "colour: red\nversion: ", "colour"),
        ("  - twins\n", "  - triplets\n", "triplets"),
        ("[id-number, card]", "[id-number, star-sign]", "star-sign"),
        ("id: [id_number]", "id: []", "blocking/id"),
    ],
)
def test_a_broken_definition_says_where(tmp_path: Path, old: str, new: str, place: str) -> None:
    whole = resource()
    assert old in whole
    file = tmp_path / "broken.yaml"
    file.write_text(whole.replace(old, new, 1))
    with pytest.raises(DefinitionBrokenError, match=place):
        load_definition(file)


def resource() -> str:
    """The definition of tests: the built-in one in a form that does not change with training."""
    return """
version: test
prior: 5.0e-7
link: 9.0
review: 2.0
rules: [id-number, card]
guards:
  - twins
comparisons:
  - name: sex
    zh: 性别
    en: Sex
    levels:
      - {name: equal, zh: 相同, en: same, when: [equal sex], m: 0.997, u: 0.5}
      - {name: different, zh: 不同, en: different, when: [always], m: 0.003, u: 0.5}
blocking:
  id: [id_number]
"""


def test_the_page_names_every_guard_rule_key_and_entry() -> None:
    page, written = PAGE.read_text(), load_definition().written
    wanted = {*GUARDS, *RULES, *written.blocking, *msgspec.structs.asdict(written)}
    assert not {one for one in wanted if f"`{one}`" not in page}
    assert set(written.guards) == set(GUARDS)


def test_levels_and_keys_read_columns_that_there_are() -> None:
    columns = set(Features.__struct_fields__)
    written: Written = load_definition().written
    tests = [w for c in written.comparisons for level in c.levels for w in level.when]
    words = {word for test in tests for word in test.split()[1:] if not word.isdigit()}
    assert words <= columns
    assert {one for some in written.blocking.values() for one in some} <= columns
    assert {level.frequency for c in written.comparisons for level in c.levels} - {""} <= columns
