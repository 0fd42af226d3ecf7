"""The report on a training as one HTML page: its charts are SVG, it loads nothing from elsewhere.

What it shows are shares and weights; of names only how many are kept, none itself.
"""

import math
from collections.abc import Iterable
from html import escape
from typing import Final

from minkang.identity.linkage.definition import ComparisonForm, LevelForm, Written
from minkang.identity.linkage.train import Trained

_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;"
    "color:#1d2733}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "td,th{border-bottom:1px solid #d8dee4;padding:.25rem .5rem;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.kept{color:#6b7785}"
    "svg{width:100%;height:auto}text{font:12px system-ui,sans-serif;fill:#1d2733}"
)
_WIDTH, _ROW, _LABEL, _SCALE = 880, 20, 330, 25.0
_COLOURS: Final = {True: "#1f7a5c", False: "#b3423a"}


def page(trained: Trained) -> str:
    """The page, Chinese first."""
    written = trained.written
    parts = [
        "<!doctype html><html lang=zh><meta charset=utf-8>",
        f"<title>关联训练报告 {escape(written.version)}</title><style>{_STYLE}</style>",
        (
            f"<h1>关联训练报告 · Training report</h1><p>{escape(written.version)} · "
            f"{trained.records} 条登记 registrations</p>"
        ),
        (
            "<h2>权重 · Weights</h2><p>log2(m/u)；灰色数字沿用原值：数据不足以估计。"
            " Grey numbers were kept: the data cannot say.</p>"
        ),
        _chart(written.comparisons),
        *(_table(trained, one) for one in written.comparisons),
        _thresholds(written),
        _frequencies(written),
    ]
    return "\n".join(parts) + "</html>\n"


def _chart(comparisons: Iterable[ComparisonForm]) -> str:
    """A bar for each level: to the right what speaks for one person, to the left against it."""
    levels = [(one, level) for one in comparisons for level in one.levels if not level.null]
    middle, unit = _LABEL + (_WIDTH - _LABEL) * 0.4, (_WIDTH - _LABEL) * 0.6 / _SCALE
    rows = []
    for at, (comparison, level) in enumerate(levels):
        weight, y = _weight(level), at * _ROW
        length = min(abs(weight), _SCALE) * unit
        x = middle if weight >= 0 else middle - length
        rows.append(
            f'<text x="0" y="{y + 14}">{escape(comparison.zh)} · {escape(level.zh)}</text>'
            f'<rect x="{x:.1f}" y="{y + 3}" width="{length:.1f}" height="14"'
            f' fill="{_COLOURS[weight >= 0]}"/>'
            f'<text x="{x + length + 4:.1f}" y="{y + 14}">{weight:+.1f}</text>'
        )
    line = f'<line x1="{middle}" x2="{middle}" y1="0" y2="{len(levels) * _ROW}" stroke="#888"/>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {len(levels) * _ROW}" role="img"'
        f' aria-label="权重 weights">{line}{"".join(rows)}</svg>'
    )


def _table(trained: Trained, comparison: ComparisonForm) -> str:
    rows = "".join(
        _row(level, *trained.origins[f"{comparison.name}/{level.name}"])
        for level in comparison.levels
        if not level.null
    )
    return (
        f"<h3>{escape(comparison.zh)} · {escape(comparison.en)}</h3><table><tr><th>水平 Level"
        f"<th>m<th>u<th>log2(m/u)</tr>{rows}</table>"
    )


def _row(level: LevelForm, m_from: str, u_from: str) -> str:
    cells = "".join(
        f'<td class="n {origin}">{value:.3g}'
        for value, origin in ((level.m, m_from), (level.u, u_from))
    )
    return (
        f"<tr><td>{escape(level.zh)} · {escape(level.en)}{cells}"
        f'<td class="n">{_weight(level):+.2f}</tr>'
    )


def _thresholds(written: Written) -> str:
    return (
        f"<h2>阈值 · Thresholds</h2><p>先验 prior {written.prior:.3g}；自动关联 link ≥ "
        f"{written.link:g}；审核 review ≥ {written.review:g}</p>"
    )


def _frequencies(written: Written) -> str:
    rows = "".join(
        f'<tr><td>{escape(column)}<td class="n">{len(known)}<td class="n">{max(known.values()):.3g}'
        for column, known in sorted(written.frequencies.items())
        if known
    )
    return (
        "<h2>常见值 · Frequent values</h2><p>仅保留多人共有的值的频率。"
        " Only values that many bear are kept.</p><table><tr><th>列 Column<th>个数 Values"
        f"<th>最高 Highest</tr>{rows}</table>"
    )


def _weight(level: LevelForm) -> float:
    return math.log2(level.m / level.u)
