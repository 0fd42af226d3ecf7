"""Diagnoses of a visit by what they are for, in the ways in which the documents of a stay say them.

| | |
|---|---|
| `coded` | the code alone (C0009, C0020, admission in C0049 and C0050) |
| `named` | the code nested in the name (C0045, C0049, C0050) |
| `worded` | words of an element of its own (C0015, C0016) |
| `stated` | the code in the name, with date and rank; a syndrome nested in its disease (C0034) |

Syndromes are told from diseases by their code (GB/T 15657: those of syndromes begin with Z) or
their label.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final

from minkang.exchange.documents.layouts import Piece, element
from minkang.exchange.mappings.cda.diagnoses import (
    AFTER_BIRTH,
    BEFORE_BIRTH,
    CHINESE_CODE,
    CHINESE_NAME,
    CODE,
    NAME,
    RANK,
    role_in,
)
from minkang.exchange.mappings.cda.said import said
from minkang.fhir import Resource

Pair = tuple[str, Resource]
"""Reference and Condition."""

_CHINESE: Final = "2.16.156.10011.2.3.3.14"
_ADMISSION: Final = frozenset({"AD", "A", "W"})
_USES: Final = {
    "入院诊断": _ADMISSION,
    "初步诊断": _ADMISSION,
    "出院诊断": frozenset({"DD", "F"}),
    "术前诊断": frozenset({"pre-op"}),
    "术后诊断": frozenset({"post-op"}),
}
"""Codes of R4's diagnosis-role and of HL7 v2 table 0052."""
_WORDED: Final = {"产前诊断": BEFORE_BIRTH, "产后诊断": AFTER_BIRTH}
_COMMON: Final = ("", "入院诊断", "出院诊断")
"""Labels of diagnoses of the visit itself, not of one document's statement."""
_REFUTED: Final = frozenset({"refuted", "entered-in-error"})


def diagnoses(
    how: str, role: str, label: str, conditions: Sequence[Pair], encounter: Resource
) -> Iterator[Piece]:
    """The data elements of the diagnoses of a role; without a role of those that have none."""
    found = _in_role(role, conditions, encounter)
    if how == "coded":
        for reference, one in found:
            if CODE in said(one) and not _is_chinese(one):
                yield element(CODE, label, reference)
        return
    if how == "worded":
        for reference, _ in found[-1:]:
            yield element(_WORDED[role], label, reference)
        return
    western = [pair for pair in found if not _is_chinese(pair[1])]
    chinese = [pair for pair in found if _is_chinese(pair[1])]
    for reference, one in western:
        more = _rank(reference, one) if how == "stated" else []
        yield _western(reference, one, label, more, dated=how == "stated")
    syndromes = [pair for pair in chinese if _is_syndrome(pair[1])]
    diseases = [pair for pair in chinese if not _is_syndrome(pair[1])]
    if how == "stated":
        for disease, syndrome in zip_longest(diseases, syndromes):
            yield _chinese(disease or syndrome, label, syndrome if disease else None)
    else:
        for what, pairs in (("病名", diseases), ("证候", syndromes)):
            for reference, one in pairs:
                yield from _apart(reference, one, f"{label}-中医{what}")


def _in_role(role: str, conditions: Sequence[Pair], encounter: Resource) -> list[Pair]:
    """Diagnoses that stand in a role, in the order of the visit."""
    listed = encounter.get("diagnosis", ())
    order = [one["condition"].get("reference") for one in listed]
    uses: dict[Any, set[str]] = {}
    for one in listed:
        codings = one.get("use", {}).get("coding", ())
        codes = uses.setdefault(one["condition"].get("reference"), set())
        codes |= {coding.get("code", "") for coding in codings}
    standing = [
        pair for pair in conditions if not _REFUTED & _codes(pair[1].get("verificationStatus"))
    ]
    found = [pair for pair in standing if role and _labelled(pair[1]) == role]
    if not found or role in _COMMON:
        found += [
            (reference, one)
            for reference, one in standing
            if (not role or _labelled(one) != role)
            and _fits(role, _labelled(one), uses.get(reference, set()))
        ]
    return sorted(found, key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))


def _fits(role: str, labelled: str, codes: set[str]) -> bool:
    """Whether a diagnosis of the visit that is not labelled so has a role by its use there.

    What is neither of admission nor of discharge was so when the patient left.
    """
    if labelled not in _COMMON:
        return False
    if not role:
        return True
    unsaid = role == "出院诊断" and not labelled and not codes & _ADMISSION
    return unsaid or bool(_USES.get(role, frozenset()) & codes)


def _labelled(one: Resource) -> str:
    return role_in(next((group.get("text", "") for group in one.get("category", ())), ""))


def _codes(concept: Any) -> set[str]:
    return {one.get("code", "") for one in (concept or {}).get("coding", ())}


def _is_chinese(one: Resource) -> bool:
    systems = [coding.get("system", "") for coding in one.get("code", {}).get("coding", ())]
    label = next((group.get("text", "") for group in one.get("category", ())), "")
    return any(system.endswith(_CHINESE) for system in systems) or "中医" in label


def _is_syndrome(one: Resource) -> bool:
    label = next((group.get("text", "") for group in one.get("category", ())), "")
    codes = _codes(one.get("code"))
    return "证候" in label or "症候" in label or any(code.startswith("Z") for code in codes)


def _western(reference: str, one: Resource, label: str, more: list[Piece], *, dated: bool) -> Piece:
    has = said(one)
    inner = [element(CODE, f"{label}-西医诊断编码", reference)] if CODE in has else []
    time = one.get("recordedDate") if dated else None
    return element(NAME, f"{label}-西医诊断名称", reference, [*inner, *more], time=time)


def _chinese(disease: Pair, label: str, syndrome: Pair | None) -> Piece:
    """A disease with its syndrome; a syndrome alone stands where the disease would."""
    reference, one = disease
    inner = _code_of(reference, one, f"{label}-中医病名代码")
    if syndrome is not None:
        inner.append(element(CHINESE_NAME, f"{label}-中医证候名称", syndrome[0]))
        inner += _code_of(*syndrome, f"{label}-中医证候代码")
    inner += _rank(reference, one)
    what = "证候" if _is_syndrome(one) else "病名"
    time = one.get("recordedDate")
    return element(CHINESE_NAME, f"{label}-中医{what}名称", reference, inner, time=time)


def _apart(reference: str, one: Resource, label: str) -> Iterator[Piece]:
    """Name and code beside each other."""
    yield element(CHINESE_NAME, f"{label}名称", reference)
    yield from _code_of(reference, one, f"{label}代码")


def _code_of(reference: str, one: Resource, label: str) -> list[Piece]:
    return [element(CHINESE_CODE, label, reference)] if CHINESE_CODE in said(one) else []


def _rank(reference: str, one: Resource) -> list[Piece]:
    return [element(RANK, "入院诊断顺位", reference)] if RANK in said(one) else []
