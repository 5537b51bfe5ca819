"""A chart redrawn for a narrow screen: as wide as a telephone, with letters of the same size.

What is drawn stays as it is; what changes is the room it has: fewer panels and labels beside one another, longer lines of
text broken, labels that stood beside the drawing set above their row. Nothing of a chart is cut, and none needs a thumb
to move it.
"""

from __future__ import annotations

import json
import textwrap
from copy import deepcopy
from typing import Any

Spec = dict[str, Any]

WIDTH = 336  # px: the text column of a telephone of 376
AXIS, GAP = 46, 14  # px for the labels of an axis, and between panels
PANEL = 80  # px: a panel of a small multiple is not made smaller
LETTERS = 50  # of 11 px, in one line
LABEL = 64  # of a label of mixed letters, in one line
ROW = 2.8  # times a row's height, where its labels stand above and below it


def narrowed(spec: Spec, width: int = WIDTH) -> Spec:
    """Return a Vega-Lite specification of the same chart, `width` px wide in all.

    Examples
    --------
    >>> narrowed({"mark": "line", "width": 700, "encoding": {}})["width"]
    336
    """
    made = {name: value if name in ("data", "datasets") else deepcopy(value) for name, value in spec.items()}
    if "facet" in made:
        fit_panels(made, width)
    else:
        lift_labels(made)
        made["width"] = width
        made["autosize"] = {"type": "fit-x", "contains": "padding"}
    made["padding"] = {
        "left": 4,
        "top": 4,
        "right": 9,
        "bottom": 4,
    }  # the label of a last column reaches beyond it
    loosen(made, width)
    return made


def fit_panels(spec: Spec, width: int) -> None:
    """Set how many panels stand beside one another, and how wide each is."""
    panel = spec["spec"]
    own_axis = spec.get("resolve", {}).get("scale", {}).get("y") == "independent"
    axes = AXIS if own_axis else 0
    room = width - 13 - (0 if own_axis else AXIS)
    least = PANEL if panel["width"] < 2 * PANEL else panel["width"]
    columns = max(1, int(room + GAP) // (int(least) + axes + GAP))
    spec["columns"] = columns
    panel["width"] = (room - (columns - 1) * GAP) / columns - axes
    spec["spacing"] = {"row": 12, "column": GAP}


def lift_labels(spec: Spec) -> None:
    """Set texts that stand left of the drawing above their row, and those on its right below it."""
    width, lifted = spec.get("width", WIDTH), False
    for layer in spec.get("layer", []):
        x = layer.get("encoding", {}).get("x", {}).get("value")
        if isinstance(x, int | float) and layer["mark"].get("type") == "text" and not 0 <= x <= width:
            layer["encoding"]["x"] = {"value": 0 if x < 0 else {"expr": "width"}}
            layer["mark"]["dy"] = -13 if x < 0 else 13
            lifted = True
            if x < 0 and "field" in layer["encoding"].get("text", {}):
                break_label(layer)
    if lifted:
        spec["height"] *= ROW


def break_label(layer: Spec) -> None:
    """Set a label that is too long for one line in two, the first of them above where a single one would stand."""
    text = f"datum[{json.dumps(layer['encoding']['text']['field'])}]"
    at = f"lastindexof(slice({text}, 0, {LABEL}), ' ')"
    broken = f"slice({text}, 0, {at}) + '\\n' + slice({text}, {at} + 1)"
    layer.setdefault("transform", []).append(
        {"calculate": f"length({text}) > {LABEL} ? {broken} : {text}", "as": "in_lines"}
    )
    layer["encoding"]["text"] = {"field": "in_lines", "type": "nominal"}
    layer["mark"] |= {"lineBreak": "\n", "dy": {"expr": f"length({text}) > {LABEL} ? -25 : -13"}}


def loosen(part: Any, width: int) -> None:
    """Break long titles, set legends one below the other and drop labels that have no room, wherever they stand."""
    if isinstance(part, list):
        for one in part:
            loosen(one, width)
    if not isinstance(part, dict):
        return
    for channel in ("x", "y"):
        if "field" in (of := part.get("encoding", {}).get(channel, {})):
            loosen_axis(of, channel)
    if isinstance(legend := part.get("legend"), dict):
        for name in ("legendX", "legendY", "titleOrient"):
            legend.pop(name, None)
        legend |= {"orient": "bottom", "labelLimit": width, "titleLimit": width}
        legend |= {"columns": 1} if "columns" in legend or "direction" in legend else {"columns": 2}
        legend.pop("direction", None)
        if isinstance(legend.get("title"), str):
            legend["title"] = textwrap.wrap(legend["title"], LETTERS)
    if isinstance(mark := part.get("mark"), dict) and mark.get("fontSize", 11) < 10:
        mark["fontSize"] = 8
    for name, one in part.items():
        if name not in ("data", "datasets", "config"):
            loosen(one, width)


def loosen_axis(of: Spec, channel: str) -> None:
    """Break the title of one axis, and let labels that would touch be left out."""
    if of.get("axis", {}) is None:
        return
    axis = of.setdefault("axis", {})
    said = axis.get("title", of.get("title"))
    if said:
        lines = [
            line
            for text in ([said] if isinstance(said, str) else said)
            for line in textwrap.wrap(text, LETTERS)
        ]
        axis["title"] = lines
        if channel == "y":
            axis["titleY"] = -12 - 13 * (len(lines) - 1)
    if channel == "x":
        if axis.get("titleAnchor") == "start":
            axis["titleAnchor"] = (
                "end"  # there is more room under the labels on the left than beside the drawing
            )
        axis["labelOverlap"] = True
        if isinstance(axis.get("tickCount"), int):
            axis["tickCount"] = min(axis["tickCount"], 4)
