"""Which words go with which disease: phrases and signs that would mislead with another diagnosis.

A symptom has several ways of being told; most suit any cause, some belong to one disease only
(pain that nitroglycerin relieves, a lump that moves with swallowing). The tables are by the first
letters of ICD-10.
"""

from collections.abc import Sequence
from typing import Final

from minkang.synth.record import Diagnosis

_NEEDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("测血压时偏高", ("I10", "I11", "I13", "I15")),
    ("血压升高时明显", ("I10", "I11", "I13", "I15")),
    ("硝酸甘油", ("I20", "I21", "I25")),
    ("压榨样", ("I20", "I21", "I25")),
    ("每于秋冬季节", ("J40", "J41", "J42", "J43", "J44", "J47")),
    ("随吞咽上下移动", ("C73", "D34", "E0")),
    ("颈前", ("C73", "D34", "E0")),
    ("行走约300米", ("E10", "E11", "I70", "I73", "I74")),
    ("屈伸时弹响", ("M65",)),
    ("突发听力下降", ("H91.2",)),
    ("簇集", ("A60", "B00", "B02")),
    ("伴肠鸣", ("K",)),
    ("发作前曾饮酒", ("M10",)),
    ("为黄色脓痰", ("J1", "J2", "J4", "J85")),
    ("为全程无痛性", ("C6", "D41", "N0", "N3", "R31")),
    ("夜间哭闹", ("H6",)),
)
"""Parts of phrases, and the diagnoses that they may be written with."""

_SIGNS: Final[dict[str, tuple[tuple[tuple[str, ...], str], ...]]] = {
    # By sign: for which diagnoses which sign is written instead, the first row that fits; a
    # last row with () is for all others.
    "arrhythmia": ((("I44", "I45", "I47", "I48", "I49"), "arrhythmia"), ((), "")),
    "leg-swelling": ((("I8",), "leg-swelling"), (("S", "T"), "wound"), ((), "oedema")),
    "rectal": ((("C20", "C21"), "rectal-mass"), (("C18", "C19"), "rectal-blood"),
               (("D12", "K57", "K62", "K63", "K92", "K51"), "rectal-blood")),
    "thyroid": ((("I88", "L04", "C8", "B27", "R59"), "nodes"),),
    "throat": ((("B08", "B34"), "herpangina"),),
    "hearing": ((("H61",), "cerumen"),),
    "pulse": ((("E10", "E11", "I70", "I73", "I74"), "pulse"), (("S", "T"), "leg-injury"),
              ((), "")),
    "blisters": ((("S", "T"), "burn"),),
    "weakness": ((("C71", "G", "I6", "M50", "S06", "Z50", "S1"), "weakness"), ((), "gait")),
    "ear": ((("H61",), "cerumen"),),
    "hand": ((("M65",), "hand"), ((), "hand-injury")),
}  # fmt: skip


def said_of(
    ways: Sequence[str], diagnoses: Sequence[Diagnosis], otherwise: Sequence[str] = ()
) -> Sequence[str]:
    """The ways that go with the diagnoses; `otherwise`, or all of them, where none is left."""
    kept = [way for way in ways if all(_goes(way, *need, diagnoses) for need in _NEEDS)]
    return kept or otherwise or ways


def _goes(
    way: str, part: str, codes: tuple[str, ...], diagnoses: Sequence[Diagnosis]
) -> bool:  # fmt: skip
    return part not in way or any(one.code.startswith(codes) for one in diagnoses)


def sign_of(sign: str, diagnoses: Sequence[Diagnosis]) -> str:
    """The sign to look for with these diagnoses; empty where nothing would be found."""
    for codes, instead in _SIGNS.get(sign, ()):
        if not codes or any(one.code.startswith(codes) for one in diagnoses):
            return instead
    return sign
