"""Reports of imaging, ECG, endoscopy and pathology: findings and impression from keys.

`STUDIES` is the catalogue; a finding's key may end in -left, -right or -bilateral, which fixes the
side, else the side is the one that is handed in. Sizes in the findings are the ones drawn, a study
never says one side in the findings and the other in the impression.
"""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Final

import msgspec

from minkang.synth.texts.imaging_tables import FINDINGS_TABLE, NORMAL, NOTHING, STUDIES_TABLE

SIDES: Final = {"left": "左", "right": "右", "bilateral": "双"}


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What is seen instead of the normal sentence of `part`, and what it is called."""

    part: int
    seen: tuple[str, ...]
    impression: tuple[str, ...]


class Kind(msgspec.Struct, frozen=True, gc=False):
    """One kind of study. `modality` is DICOM's where it has one; `minutes` from order to report."""

    key: str
    name: str
    modality: str
    part: str
    cents: int
    minutes: int
    normal: tuple[tuple[str, ...], ...]
    findings: Mapping[str, Finding]


def _findings() -> dict[str, dict[str, Finding]]:
    found: dict[str, dict[str, Finding]] = {}
    for line in FINDINGS_TABLE.strip().splitlines():
        study, key, part, seen, impression = line.split("|")
        found.setdefault(study, {})[key] = Finding(
            int(part), tuple(seen.split(";")), tuple(impression.split(";"))
        )
    return found


def _studies() -> Iterator[Kind]:
    found = _findings()
    for line in STUDIES_TABLE.strip().splitlines():
        key, name, modality, part, yuan, minutes = line.split("|")
        yield Kind(
            key, name, modality, part, int(yuan) * 100, int(minutes), NORMAL[key],
            found.get(key, {}),
        )  # fmt: skip


STUDIES: Final = {study.key: study for study in _studies()}


def finding_of(study: str, key: str) -> tuple[Finding | None, str]:
    """The finding of that key and the side it names ("" where it names none).

    None for a key that the study does not have; `STUDIES[study].findings` has those it has.
    """
    findings = STUDIES[study].findings
    found = findings.get(key)
    if found is not None:
        return found, ""
    stem, _, end = key.rpartition("-")
    if end in SIDES and stem in findings:
        return findings[stem], SIDES[end]
    return None, ""


def report(
    random: Random, study: str, finding: str, *, side: str = "", pulse: int | None = None,
    diagnosis: str = "",
) -> tuple[str, str]:  # fmt: skip
    """Findings and impression. `finding` "" is nothing abnormal; `side` 左, 右 or 双 where known.

    `pulse` is the rate that an ECG counts; `diagnosis` is what an unknown finding is put down to.
    """
    kind = STUDIES[study]
    found, named = finding_of(study, finding) if finding else (None, "")
    draw = random.random
    slots = {
        "s": named or side or ("左" if draw() < 0.5 else "右"),
        "a": 6 + int(draw() * 16),
        "b": 5 + int(draw() * 10),
        "n": 2 + int(draw() * 7),
        "c": f"{2 + draw() * 4:.1f}",
        "r": _rate(study, pulse, draw()),
        "part": kind.part,
    }
    if kind.key == "echo":
        slots["e"] = 60 + int(draw() * 9)
    texts = [ways[int(draw() * len(ways))] for ways in kind.normal]
    if found is not None:
        share = draw()
        texts[found.part] = found.seen[int(share * len(found.seen))]
        if kind.key == "echo" and found.part != 1 and "LVEF" in texts[found.part]:
            texts[1] = ""  # one report tells one ejection fraction
        if study == "pathology" or finding == "asystole":
            texts = [texts[found.part]]  # the rest is of a healthy one
        other = draw()  # what is seen and what it is called go together where there are as many
        share = share if len(found.impression) == len(found.seen) else other
        impression = found.impression[int(share * len(found.impression))]
    elif finding and diagnosis:
        texts[0] = f"所见异常改变，符合{diagnosis}表现。"
        impression = f"考虑{diagnosis}，请结合临床。"
    else:
        ways = NOTHING.get(kind.modality, NOTHING[""])
        impression = ways[int(draw() * len(ways))]
    whole = "".join(texts)
    if "{" in whole:
        whole = whole.format_map(slots)
    return whole, impression.format_map(slots) if "{" in impression else impression


def _rate(study: str, pulse: int | None, share: float) -> int:
    if study == "obstetric-ultrasound":
        return 132 + int(share * 24)
    return pulse if pulse is not None else 62 + int(share * 28)
