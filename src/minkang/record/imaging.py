"""Imaging, electrocardiograms and other examinations: what was done, seen and concluded."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from minkang.fhir import Resource, local_reference
from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.store import Stored

TYPES: Final = ("DiagnosticReport", "Endpoint", "ImagingStudy", "Media", "Observation")
_SEEN: Final = frozenset({"59776-5", "18782-3"})
_CONCLUDED: Final = frozenset({"19005-8", "55110-1"})
_NEVER_WAS: Final = frozenset({"entered-in-error", "cancelled"})
# Kinds by words of the name, in the order they are looked for; modalities of DICOM besides.
_KINDS: Final = (
    ("ecg", ("心电", "ECG", "Holter")),
    ("ultrasound", ("超声", "彩超", "B超")),
    ("ct", ("CT",)),
    ("mri", ("MRI", "磁共振", "核磁")),
    ("endoscopy", ("胃镜", "肠镜", "内镜", "喉镜")),
    ("pathology", ("病理",)),
    ("xray", ("X线", "DR", "胸片", "平片", "钼靶", "造影")),
)
_MODALITIES: Final = {
    "ECG": "ecg", "US": "ultrasound", "CT": "ct", "MR": "mri", "ES": "endoscopy", "SM": "pathology",
    "DX": "xray", "CR": "xray", "RF": "xray", "MG": "xray", "XA": "xray",
}  # fmt: skip


class Examination(msgspec.Struct, frozen=True):
    """One examination.

    Attributes:
        kind: `ecg`, `ultrasound`, `ct`, `mri`, `endoscopy`, `pathology`, `xray` or `other`.
        seen, concluded: 检查所见 and 检查结论, as they were written.
        href: where the images can be opened; empty without an endpoint on https or http.
        images: how many images the study has; None if it was not told.
        waveforms: how many leads were sent as numbers.
    """

    kind: str
    name: str
    at: datetime | None
    status: str
    seen: str
    concluded: str
    href: str
    images: int | None
    waveforms: int
    origin: Origin


def examinations_of(stored: Sequence[Stored], names: Names) -> tuple[Examination, ...]:
    """Reports in words and studies, newest first; a study that a report names is one with it.

    `stored` holds resources of `TYPES`.
    """
    by_id = {(one.type, one.id): one for one in stored}
    found, told = [], set()
    for one in stored:
        if one.type != "DiagnosticReport" or one.resource.get("status") in _NEVER_WAS:
            continue
        study = _study_of(one.resource, by_id)
        if made := _report(one, study, by_id, names):
            found.append(made)
            told |= {study.id} if study else set()
    for one in stored:
        was = one.resource.get("status") not in _NEVER_WAS
        if one.type == "ImagingStudy" and one.id not in told and was:
            found.append(_study(one, by_id, names))
    return tuple(sorted(found, key=lambda e: (e.at is not None, e.at), reverse=True))


ById = Mapping[tuple[str, str], Stored]


def _report(report: Stored, study: Stored | None, by_id: ById, names: Names) -> Examination | None:
    """A report in words; None if it is one of numbers."""
    resource = report.resource
    results = [
        by_id[target].resource
        for reference in resource.get("result", [])
        if (target := _target(reference)) in by_id
    ]
    seen = _said(results, _SEEN)
    concluded = _said(results, _CONCLUDED) or str(resource.get("conclusion", ""))
    name = concept_text(resource.get("code"))
    kind = kind_of(name, _modalities(study))
    waveforms = sum("valueSampledData" in part for one in results for part in _parts(one))
    if not (seen or study or waveforms or (kind != "other" and concluded)):
        return None
    return Examination(
        kind,
        name,
        moment(resource.get("effectiveDateTime") or resource.get("issued")),
        str(resource.get("status", "")),
        seen,
        concluded,
        _endpoint(study, by_id) if study else "",
        _images(study) if study else None,
        waveforms,
        origin_of(report, names),
    )


def _study(study: Stored, by_id: ById, names: Names) -> Examination:
    resource = study.resource
    codes = resource.get("procedureCode") or [{}]
    name = str(resource.get("description", "")) or concept_text(codes[0])
    return Examination(
        kind_of(name, _modalities(study)),
        name,
        moment(resource.get("started")),
        str(resource.get("status", "")),
        "",
        "",
        _endpoint(study, by_id),
        _images(study),
        0,
        origin_of(study, names),
    )


def kind_of(name: str, modalities: Iterable[str] = ()) -> str:
    """The kind of an examination by its modality, else by its name."""
    for one in modalities:
        if one in _MODALITIES:
            return _MODALITIES[one]
    return next((kind for kind, words in _KINDS if any(word in name for word in words)), "other")


def _study_of(report: Resource, by_id: ById) -> Stored | None:
    targets = [_target(one) for one in report.get("imagingStudy", [])]
    return next((by_id[one] for one in targets if one in by_id), None)


def _target(reference: Any) -> tuple[str, str]:
    found = local_reference(reference)
    return (found[0], found[1]) if found else ("", "")


def _said(results: Iterable[Resource], codes: frozenset[str]) -> str:
    told = []
    for one in results:
        own = {coding.get("code") for coding in (one.get("code") or {}).get("coding", [])}
        if own & codes:
            told.append(
                str(one.get("valueString") or concept_text(one.get("valueCodeableConcept")))
            )
    return "\n".join(dict.fromkeys(text for text in told if text))


def _parts(observation: Resource) -> list[Resource]:
    return [observation, *observation.get("component", [])]


def _modalities(study: Stored | None) -> list[str]:
    if study is None:
        return []
    resource = study.resource
    codings = [*resource.get("modality", [])]
    codings += [one["modality"] for one in resource.get("series", []) if "modality" in one]
    return [str(one.get("code", "")) for one in codings]


def _images(study: Stored) -> int | None:
    told = study.resource.get("numberOfInstances")
    return None if told is None else int(told)


def _endpoint(study: Stored, by_id: ById) -> str:
    """The address of the first endpoint that a browser can open; nothing else becomes a link.

    Endpoints stand within the study or beside it.
    """
    own = {f"#{one.get('id')}": one for one in study.resource.get("contained", [])}
    for reference in study.resource.get("endpoint", []):
        beside = by_id.get(_target(reference))
        endpoint = beside.resource if beside else own.get(str(reference.get("reference")), {})
        address = str(endpoint.get("address", ""))
        if urlsplit(address).scheme in ("http", "https"):
            return address
    return ""
