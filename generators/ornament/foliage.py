"""Foliage along the band: vine, ivy, oak and laurel, each in several habits of growth.

A stem in waves with a leaf in every bend; two stems that cross over and under; a stem along one edge; pairs on a
straight stem; leaves that overlap like scales about a garland; or leaves in file. It runs along the band, or two halves
that mirror each other meet or part in its middle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament import leaves
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.botanical import file_of_leaves
from ringcad.generators.ornament.elements import Drawable, Placement
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.growing import Growth
from ringcad.generators.ornament.habits import HABITS, Course, Fill, Form, GrowthLayer, heart
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.leaves import Maker
from ringcad.generators.ornament.schema import LayerBase

Rng = np.random.Generator
APART_SPRAY = 1.4
"""Gaps between the leaves of a spray."""


class VineLayer(GrowthLayer):
    """Vine: grape leaves and bunches, or plain leaves and berries."""

    family: Literal["vine"] = "vine"
    leaf: Literal["ivy", "almond", "round", "none"] = "ivy"


class IvyLayer(GrowthLayer):
    """Ivy: lobed leaves and berries."""

    family: Literal["ivy"] = "ivy"
    leaf: Literal["common", "young", "heart"] = "common"


class OakLayer(GrowthLayer):
    """Oak: leaves with round lobes and acorns."""

    family: Literal["oak"] = "oak"


class LaurelLayer(GrowthLayer):
    """Evergreen leaves with an even edge, and berries: bay, olive, mistletoe, holly."""

    family: Literal["laurel"] = "laurel"
    leaf: Literal["bay", "olive", "mistletoe", "holly"] = "bay"


@dataclass(frozen=True)
class Plant:
    """What grows in a family: leaves by name, fruit, layouts by how often they are drawn, and its leaves' breadth."""

    layer: type[LayerBase]
    """A :class:`GrowthLayer`, or one of flowers with the same fields."""
    leaves: Mapping[str, Maker]
    fruit: Mapping[str, Maker]
    """Fruit by leaf; ``""`` for all others."""
    forms: Sequence[Form]
    broad: float
    """Breadth of a leaf over its length."""
    flowers: bool = False
    """Whether its fruit are flowers, which are never left out."""

    def leaf(self, layer: GrowthLayer) -> Maker:
        """The maker of a layer's leaves, with its vein."""
        name = getattr(layer, "leaf", "")
        return self.leaves.get(name) or next(iter(self.leaves.values()))

    def fruit_of(self, layer: GrowthLayer) -> Maker:
        """The maker of a layer's fruit."""
        return self.fruit.get(getattr(layer, "leaf", "")) or self.fruit[""]

    # ------------------------------------------------------------ proposing

    def propose(self, room: Room, wish: Attributes, rng: Rng) -> Any:
        """A layer for a room; ``None`` where not even leaves in file fit."""
        space, stroke = 2.0 * room.half, room.stroke
        if space < stroke:
            return None
        fields = self.fields(room, wish, rng)
        if fields is None:
            n = max(1, round(room.length / (max(2.2 * space, 3.4 * stroke) * (1.0 - 0.15 * wish.dense))))
            fields = {"form": "simple", "repeats": n, "stem_mm": round(stroke, 4), "variation": _jitter(rng, n)}
            fields |= {"side": 1 if rng.random() < 0.5 else -1, "vein": 0.3 if wish.soft > 0 else 0.45}
        return self.layer(**fields)

    def fields(self, room: Room, wish: Attributes, rng: Rng) -> dict[str, Any] | None:
        """Fields of a layer that grows on stems; ``None`` where none fits."""
        stem = max(room.stroke, min(0.18 * room.half, 0.5)) * (1.0 + 0.2 * max(0.0, wish.bold))
        fields: dict[str, Any] = {
            "side": 1 if rng.random() < 0.5 else -1,
            "vein": 0.3 if wish.soft > 0 else 0.45,
        }
        if len(self.leaves) > 1:
            names = [name for name in self.leaves if name != "none"]
            picked = names[int(rng.integers(len(names)))]
            fields["leaf"] = wish.leaf if wish.leaf in self.leaves else picked
        forms = [form for form in self.forms if self._fits(form, room, stem)]
        if not forms:
            return None
        form = forms[int(rng.integers(len(forms)))]
        form = next((known for known in forms if known == wish.form), form)
        if form == "torus" and fields.get("leaf") != "bay" and "spray" in forms:
            # Only leaves with an even, pointed edge look like scales of a garland.
            if wish.form == "torus" and wish.leaf is None and "bay" in self.leaves:
                fields["leaf"] = "bay"
            else:
                form = "spray"
        n = self._repeats(form, room, wish, rng)
        fruit = 0
        if self.flowers:
            fruit = int(rng.choice([1, 2, 2, 3])) if n > 3 else 1
        elif wish.berries or wish.leaf == "none" or (rng.random() < 0.55 and n > 3 and wish.balls is not False):
            fruit = 1 if wish.leaf == "none" else int(rng.integers(2, 4))
        fills: tuple[Fill, ...] = ("shoots", "pearls", "shoots", "shoots")
        fill = fills[int(rng.integers(4))] if wish.dense <= 0.0 else "shoots"
        if (wish.balls is False and fill == "pearls") or wish.dense < 0.0 or wish.leaf == "none":
            fill = "none"
        courses: tuple[Course, ...] = ("along", "meet", "part") if form != "twin" else ("along",)
        course = courses[int(rng.integers(len(courses)))]
        if room.periodic or wish.repeats or n < 4:
            course = "along"
        return fields | {
            "form": form,
            "repeats": n,
            "stem_mm": round(stem, 4),
            "leaf_turn_deg": round(9.0 * float(rng.uniform(-1, 1)), 3),
            "leaf_scale": round(1.0 + 0.12 * min(0.0, wish.large), 3),
            "sway": round(float(rng.uniform(0.3, 0.72)), 3),
            "fruit_every": fruit,
            "fill": fill,
            "crowd": round(float(rng.choice([0.0, 0.16, 0.32])), 3),
            "opposed": bool(rng.random() < 0.6),
            "course": course,
            "variation": _jitter(rng, n),
        }

    def _fits(self, form: Form, room: Room, stem: float) -> bool:
        half, stroke, gap = room.half, room.stroke, room.gap
        least = {
            "wave": 0.5 * (stem + gap + 3.0 * stroke),
            "edge": 0.5 * (stem + gap + 3.4 * stroke),
            "twin": stem + gap + 0.5 * max(2.4 * stroke, 2.6 * self.broad * stroke),
            "spray": 0.5 * stroke + (2.3 if self.broad < 0.55 else 4.4) * stroke,
            "torus": 3.2 * stroke,
        }
        return form == "simple" or half >= least[form]

    def _repeats(self, form: Form, room: Room, wish: Attributes, rng: Rng) -> int:
        space, stroke, gap = 2.0 * room.half, room.stroke, room.gap
        dice = 1.0 + 0.16 * float(rng.uniform(-1, 1))
        if form == "wave":
            step = max((0.72 + 0.3 * self.broad) * space, 3.4 * stroke + 2.0 * gap)
        elif form == "twin":
            step = max(0.95 * space, 4.4 * stroke + 2.0 * gap)
        elif form == "edge":
            step = max(min((0.92 * self.broad * space + 1.25 * gap) / 0.8, 1.15 * space), 2.4 * stroke + 1.6 * gap)
        elif form == "torus":
            step = max(0.44 * space, 2.6 * stroke)
        else:
            step = (max(self.broad * 1.5 * room.half, stroke) + APART_SPRAY * gap) / 0.62
        step *= (1.0 - 0.14 * wish.dense) * (1.0 + 0.12 * wish.large) * dice
        n = max(2, round(room.length / step))
        if wish.repeats:
            n = max(2, min(wish.repeats, round(room.length / (0.7 * step))))
        return n + n % 2 if room.periodic else n

    # ------------------------------------------------------------ drawing

    def draw(self, layer: Any, room: Room, flower: Maker | None = None) -> list[Drawable]:
        """Elements of a layer; ``flower`` grows where a fruit would."""
        if layer.form == "simple":
            return file_of_leaves(room, layer.repeats, 2.0 * room.half, layer.stem_mm, layer.vein, layer.variation)
        if layer.course == "along" or room.periodic:
            return self._grown(layer, room, flower)
        middle, apart = (
            0.5 * (room.u0 + room.u1),
            max(min(0.34 * room.half, 1.9 * room.stroke), 0.8 * room.stroke) + 0.5 * room.gap,
        )
        if layer.course == "meet":
            own = replace(room, u1=middle - apart, straight1=middle)
        else:
            own = replace(room, u0=middle + apart, straight0=middle)
        half = self._grown(layer.model_copy(update={"repeats": max(1, round(0.5 * layer.repeats))}), own, flower)
        mirror = Placement(2.0 * middle, 0.0, 180.0, True)
        return [*half, *(element.moved(mirror) for element in half), *heart(room, middle, apart - 0.5 * room.gap)]

    def _grown(self, layer: Any, room: Room, flower: Maker | None) -> list[Drawable]:
        growth = Growth(room)
        make, fruit = self.leaf(layer), flower or self.fruit_of(layer)
        if getattr(layer, "leaf", "") == "none":
            make = fruit
        HABITS[layer.form](layer, growth, make, fruit)
        if layer.fill == "shoots" and layer.form != "torus":
            growth.shoots(make, 1.5 * room.half, 3 * layer.repeats)
        if layer.fill != "none":
            growth.pearls(max(0.75 * room.stroke, 0.12 * room.half), 3 * layer.repeats)
        return [*growth.stems, *growth.elements]

    def family(self, widest_mm: float) -> Family[Any]:
        """The family of the grammar."""
        name = self.layer.model_fields["family"].default
        kin = tuple(k for k in ("vine", "laurel", "ivy") if k != name)[:2]
        return Family(name, self.layer, self.propose, self.draw, "round", "pointed", kin, False, widest_mm)


def _jitter(rng: Rng, n: int) -> tuple[float, ...]:
    return tuple(round(float(x), 4) for x in rng.uniform(-1, 1, n))


IVY = Plant(
    IvyLayer,
    {"common": leaves.ivy_leaf, "young": leaves.young_ivy_leaf, "heart": leaves.heart_leaf},
    {"": leaves.berries},
    ("wave", "wave", "twin", "edge"),
    1.2,
)
OAK = Plant(OakLayer, {"oak": leaves.oak_leaf}, {"": leaves.acorn}, ("wave", "wave", "twin", "edge"), 0.74)
VINE = Plant(
    VineLayer,
    {"ivy": leaves.grape_leaf, "almond": leaves.bay_leaf, "round": leaves.heart_leaf, "none": leaves.grape_leaf},
    {"": leaves.berries, "ivy": leaves.grapes, "none": leaves.grapes},
    ("wave", "wave", "twin", "edge"),
    0.9,
)
LAUREL = Plant(
    LaurelLayer,
    {
        "bay": leaves.bay_leaf,
        "olive": leaves.olive_leaf,
        "mistletoe": leaves.spoon_leaf,
        "holly": leaves.holly_leaf,
    },
    {"": leaves.berry, "mistletoe": leaves.berries, "holly": leaves.berries},
    ("spray", "spray", "torus", "wave", "edge"),
    0.42,
)
FAMILIES: tuple[Family[Any], ...] = (VINE.family(6.2), IVY.family(6.2), OAK.family(6.2), LAUREL.family(5.0))
