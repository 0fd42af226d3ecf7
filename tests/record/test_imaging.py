"""Examinations in words: reports and studies as one."""

from typing import Any

import pytest

from minkang.record.imaging import examinations_of, kind_of
from minkang.store import Stored
from tests.record.stored_facts import NAMES, observation, quantity, stored


def report(number: str, name: str, results: list[str], **more: Any) -> Stored:
    return stored(
        {
            "resourceType": "DiagnosticReport",
            "id": number,
            "status": "final",
            "code": {"text": name},
            "effectiveDateTime": "2026-11-18",
            "result": [{"reference": f"Observation/{one}"} for one in results],
            **more,
        }
    )


def study(address: str) -> Stored:
    return stored(
        {
            "resourceType": "ImagingStudy",
            "id": "st",
            "status": "available",
            "started": "2026-11-18",
            "numberOfInstances": 120,
            "modality": [{"code": "MR"}],
            "contained": [{"resourceType": "Endpoint", "id": "e", "address": address}],
            "endpoint": [{"reference": "#e"}],
        }
    )


SEEN = stored(observation("s", "59776-5", "检查所见", "2026-11-18", valueString="窦性心律"))
SAID = stored(observation("c", "19005-8", "检查结论", "2026-11-18", valueString="正常心电图"))


def test_a_report_in_words_is_an_examination() -> None:
    facts = [report("r", "十二导联心电图", ["s", "c"]), SEEN, SAID]
    (one,) = examinations_of(facts, NAMES)
    assert (one.kind, one.seen, one.concluded) == ("ecg", "窦性心律", "正常心电图")


def test_a_report_of_numbers_is_none() -> None:
    number = stored(observation("n", "14749-6", "葡萄糖", "2026-11-18", **quantity("5", "mmol/L")))
    assert examinations_of([report("r", "血糖", ["n"]), number], NAMES) == ()


def test_a_study_and_its_report_are_one_with_a_link() -> None:
    about = {"imagingStudy": [{"reference": "ImagingStudy/st"}]}
    facts = [report("r", "颅脑平扫", ["s"], **about), SEEN, study("https://pacs.example/st")]
    (one,) = examinations_of(facts, NAMES)
    assert (one.kind, one.images, one.href) == ("mri", 120, "https://pacs.example/st")


def test_an_address_that_would_run_is_no_link() -> None:
    (one,) = examinations_of([study("javascript:alert(1)")], NAMES)
    assert one.href == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [("胸部CT平扫", "ct"), ("腹部彩超", "ultrasound"), ("颈椎MRI平扫", "mri"), ("问卷", "other")],
)
def test_the_name_tells_the_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind
