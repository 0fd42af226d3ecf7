"""Every score can be put into words that add up and show nobody's numbers."""

from typing import get_args

import pytest

from minkang.identity.linkage.cluster import Cause
from minkang.identity.linkage.explain import RULES, Language, explain
from minkang.identity.linkage.guards import GUARDS
from minkang.identity.linkage.guards import RULES as LINKING
from minkang.identity.linkage.score import score

from .by_hand import definition_by_hand
from .registrations import WANG, changed, number

D = definition_by_hand()
STOLEN = changed(WANG, name="张伟", phones=("13900000009",), mother="", cards=(("", "E12345678"),))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_weights_add_up_and_everything_is_named(language: Language) -> None:
    pair = (changed(WANG, cards=(("", "E12345678"),)), STOLEN)
    scored = score(D, *pair)
    found = explain(D, scored, language, pair)
    assert found.prior + sum(line.weight for line in found.lines) == pytest.approx(scored.weight)
    assert len(found.lines) == len(D.written.comparisons)
    for line in found.lines:
        assert line.title in found.text
        assert line.words in found.text
    assert found.outcome in found.text
    assert found.rule in found.text


def test_chinese_comes_first_and_english_is_english() -> None:
    scored = score(D, changed(WANG), STOLEN)
    assert explain(D, scored).rule == "同一身份证号下姓名明显不同，可能冒用或录错"
    assert explain(D, scored).lines[0].title == "姓名"
    english = explain(D, scored, "en", (changed(WANG), STOLEN))
    said = "".join(
        (english.outcome, english.rule, *(line.title + line.words for line in english.lines))
    )
    assert said.isascii()


def test_no_number_telephone_or_name_is_shown_whole() -> None:
    pair = (changed(WANG, cards=(("", "E12345678"),)), STOLEN)
    for language in ("zh", "en"):
        text = explain(D, score(D, *pair), language, pair).text
        for secret in (number("1980-03-05", 11), "13800000001", "13900000009", "E12345678",
                       "王建国", "张伟", "李秀英"):  # fmt: skip
            assert secret not in text
    assert "王**" in text


def test_every_rule_guard_and_cause_has_words() -> None:
    wanted = {*GUARDS, *LINKING, *get_args(Cause), "weights", "merged", "decision"}
    assert wanted <= RULES.keys()
    assert all(zh and en.isascii() for zh, en in RULES.values())
