"""Small drawings of the pages' own: a series as a line, in the colour of the text around it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

SMALL, WIDE = (132.0, 36.0), (640.0, 240.0)
SIDE, FOOT, LABEL = (
    8.0,
    24.0,
    92.0,
)  # px beside and below the line; of a wide drawing for the numbers at its left


def course(
    times: Sequence[float],
    values: Sequence[float],
    target: float | None,
    labels: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Markup:
    """Return a series as SVG, from its least to its greatest value, with its target as a broken line.

    Parameters
    ----------
    times : sequence of float
        In years, growing.
    values : sequence of float
    target : float or None
    labels : pair of pairs of str, optional
        The first and last date, and the least and greatest value; with them the drawing is a wide one.
    """
    wide = labels is not None
    width, height = WIDE if wide else SMALL
    foot = FOOT if wide else 4.0
    ends = [*values, *([] if target is None else [target])]
    low, high = min(ends), max(ends)
    first, last = times[0], times[-1]
    left = LABEL if wide else SIDE

    def across(time: float) -> float:
        share = (time - first) / (last - first) if last > first else 0.5
        return left + (width - left - SIDE) * share

    def down(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return height - foot - (height - foot - SIDE) * share

    points = [f"{across(time):.1f},{down(value):.1f}" for time, value in zip(times, values, strict=True)]
    x, y = points[-1].split(",")
    parts = [
        f'<polyline class="line" points="{" ".join(points)}"/>',
        f'<circle class="last" cx="{x}" cy="{y}" r="{4 if wide else 2.5}"/>',
    ]
    if target is not None:
        at = f"{down(target):.1f}"
        parts.append(f'<line class="goal" x1="{left}" x2="{width - SIDE}" y1="{at}" y2="{at}"/>')
    texts: list[Markup] = []
    if labels is not None:
        label = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
        (start, end), (least, most) = labels
        texts = [
            label.format(left - SIDE, f"{down(value) + 4:.1f}", "end", text)
            for value, text in ((low, least), (high, most))
        ]
        texts += [
            label.format(f"{across(time):.1f}", height - 5, anchor, text)
            for time, anchor, text in ((first, "start", start), (last, "end", end))
        ]
    body = Markup("".join(parts)) + Markup("").join(texts)
    kind = "wide" if wide else "small"
    return Markup('<svg class="course {}" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        kind, int(width), int(height), body
    )
