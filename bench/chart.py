"""Charts as SVG that read on light and on dark pages: bars on a logarithmic scale, and curves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

WIDTH, LEFT, BAR, GAP = 900, 420, 20, 8
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.quiet { fill: #59636e; font-size: 12px }
.bar { fill: #8c959f } .own { fill: #0969da }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.line { fill: none; stroke: #8c959f; stroke-width: 2 } .line.own { fill: none; stroke: #0969da; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .quiet { fill: #9198a1 } .grid { stroke: #3d444d }
  .bar { fill: #656c76 } .own { fill: #4493f8 } .line { stroke: #9198a1 } .line.own { stroke: #4493f8 }
}
</style>"""


def bars(title: str, figures: Sequence[tuple[str, float, str, bool]]) -> str:
    """Bars by length of the logarithm: label, figure, its text, and whether it is ours; figures are above 0."""
    each = [figure for _, figure, _, _ in figures]
    largest, smallest = max(each), min(each)
    lines = [f'<text x="0" y="16" font-weight="600">{escape(title)}</text>']
    for number, (label, figure, text, is_own) in enumerate(figures):
        top = 34 + number * (BAR + GAP)
        length = 4 + (WIDTH - LEFT - 120) * _share(figure, smallest / 2, largest)
        kind = "bar own" if is_own else "bar"
        lines += [
            f'<text x="{LEFT - 10}" y="{top + 15}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" rx="3"/>',
            f'<text x="{LEFT + length + 8:.1f}" y="{top + 15}">{escape(text)}</text>',
        ]
    return _svg(title, 44 + len(figures) * (BAR + GAP), lines)


def curves(title: str, x: str, y: str, lines: Mapping[str, Sequence[tuple[float, float]]], own: str) -> str:
    """Lines over logarithmic axes, points by (x, y), both above 0; the one named `own` stands out."""
    points = [point for line in lines.values() for point in line]
    (left, right), (low, high) = (_span(point[axis] for point in points) for axis in (0, 1))
    height, top, bottom, start, end = 320, 40, 270, 60, WIDTH - 150
    parts = [f'<text x="0" y="16" font-weight="600">{escape(title)}</text>']

    def at(point: tuple[float, float]) -> tuple[float, float]:
        across, up = _share(point[0], left, right), _share(point[1], low, high)
        return start + (end - start) * across, bottom - (bottom - top) * up

    for value in _decades(left, right):
        position = at((value, low))[0]
        parts.append(f'<line class="grid" x1="{position:.1f}" y1="{top}" x2="{position:.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="quiet" x="{position:.1f}" y="{bottom + 18}" text-anchor="middle">{value:,g}</text>')
    for value in _decades(low, high):
        position = at((left, value))[1]
        parts.append(f'<line class="grid" x1="{start}" y1="{position:.1f}" x2="{end}" y2="{position:.1f}"/>')
        parts.append(f'<text class="quiet" x="{start - 8}" y="{position + 4:.1f}" text-anchor="end">{value:,g}</text>')
    for name, line in lines.items():
        path = " ".join(f"{across:.1f},{up:.1f}" for across, up in map(at, sorted(line)))
        kind = "line own" if name == own else "line"
        across, up = at(max(line))
        parts.append(f'<polyline class="{kind}" points="{path}"/>')
        parts.append(f'<text x="{across + 8:.1f}" y="{up + 4:.1f}">{escape(name)}</text>')
    parts.append(
        f'<text class="quiet" x="{(start + end) / 2}" y="{bottom + 40}" text-anchor="middle">{escape(x)}</text>'
    )
    parts.append(f'<text class="quiet" x="0" y="{top - 8}">{escape(y)}</text>')
    return _svg(title, height, parts)


def _share(value: float, low: float, high: float) -> float:
    return math.log(value / low) / math.log(high / low) if high > low else 1.0


def _span(values: Iterable[float]) -> tuple[float, float]:
    """The powers of ten around them."""
    each = list(values)
    low, high = math.floor(math.log10(min(each))), math.ceil(math.log10(max(each)))
    return 10.0**low, 10.0 ** max(high, low + 1)


def _decades(low: float, high: float) -> list[float]:
    return [10.0**power for power in range(round(math.log10(low)), round(math.log10(high)) + 1)]


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
    return "\n".join([head, STYLE, *parts, "</svg>", ""])
