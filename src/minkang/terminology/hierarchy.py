"""How codes tell their parents: by their digits, or said beside them."""

from collections.abc import Mapping, Sequence

from minkang.terminology.concepts import Detail, Hierarchy


def parents(
    kind: Hierarchy,
    codes: Sequence[str],
    positions: Mapping[str, int],
    details: Mapping[str, Detail],
) -> list[int]:
    """The position of each code's parent; -1 at the top."""
    if kind == "none":
        return [-1] * len(codes)
    if kind == "explicit":
        return [
            positions.get(parent, -1) if (parent := _detail_parent(details, code)) else -1
            for code in codes
        ]
    if kind == "tens":
        tens = [code[:-1] + "0" for code in codes]
        return [
            positions.get(ten, -1) if ten != code else -1
            for ten, code in zip(tens, codes, strict=True)
        ]
    if kind == "prefix":
        ups = (longest_prefix(code, positions) for code in codes)
        return [-1 if up is None else up for up in ups]
    return [
        next((positions[one] for one in _division_above(code) if one in positions), -1)
        for code in codes
    ]


def _detail_parent(details: Mapping[str, Detail], code: str) -> str | None:
    detail = details.get(code)
    return detail.parent if detail else None


def longest_prefix(code: str, positions: Mapping[str, int]) -> int | None:
    """The position of the longest code that a code begins with, itself apart."""
    for end in range(len(code) - 1, 0, -1):
        at = positions.get(code[:end])
        if at is not None:
            return at
    return None


def _division_above(code: str) -> list[str]:
    """371002004 lies in 371002, that in 371000, that in 370000."""
    above = [code[:6]] if len(code) > len("371002") else []
    for kept in (4, 2):
        higher = code[:kept] + "0" * (6 - kept)
        if higher != code:
            above.append(higher)
    return above
