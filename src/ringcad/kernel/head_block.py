"""A head's block from a quarter of it, and the whole ring from block, decorated hoop and flush seats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding
from ringcad.fit.flush import tiles_across
from ringcad.kernel.boolean import check, cut
from ringcad.kernel.closed_net import closed_faces
from ringcad.kernel.limb import joined, mirrored, wall_faces, without_caps
from ringcad.kernel.mesh import measured_mesh, tessellate
from ringcad.kernel.surfaces import NamedShape
from ringcad.seats.places import StoneInstance
from ringcad.template import BuiltRing, Core, Emit, RingPlan

#: Bodies whose edges meet within about a micrometre by chance can defeat a boolean: then its parts are tried
#: again, moved apart by this much (of no account on metal).
LIFTS_MM = (0.0, 0.002, -0.003, 0.012)
#: The mesh that tells whether every face can be meshed: the delivered one at its normal chord and angle.
_TRIAL_CHORD_MM, _TRIAL_ANGLE_DEG = 0.01, 10.0


def core_of(
    quarter_head: Callable[[float], NamedShape], mirror_names: Callable[[int], dict[str, str]], half: bool = False
) -> Core:
    """The block of a head that is symmetric about x = 0 and y = 0, cut and ready to be joined.

    Parameters
    ----------
    quarter_head : makes the quarter x >= 0, y >= 0, closed by caps; its argument is how far (mm) parts are moved
        apart where a boolean failed
    mirror_names : what faces are called in the mirror square to an axis (0: x, 1: y)
    half : the head is symmetric about x = 0 alone, and ``quarter_head`` makes the half x >= 0

    Raises
    ------
    Refused
        Where every try fails.
    """
    body = first_sound([partial(quarter_head, lift_mm) for lift_mm in LIFTS_MM])
    first = without_caps(body)
    if half:
        return Core((first, mirrored(first, 0, mirror_names(0))))
    across = mirrored(first, 1, mirror_names(1))
    there = mirror_names(0)
    return Core((first, across, mirrored(first, 0, there), mirrored(across, 0, there)))


def first_sound(tries: Sequence[Callable[[], NamedShape]]) -> NamedShape:
    """The first of some ways to make a body that the kernel finds sound; raises ``Refused`` where none is."""
    for make in tries[:-1]:
        try:
            body = make()
        except Refused:
            continue
        if not (check(body) or _unmeshed(body)):
            return body
    body = tries[-1]()
    if faults := check(body) or _unmeshed(body):
        raise Refused(faults)
    return body


def _unmeshed(body: NamedShape) -> list[Finding]:
    """What the mesher cannot do with a body: a sliver of a face that the kernel's own check lets pass."""
    try:
        tessellate(body, _TRIAL_CHORD_MM, _TRIAL_ANGLE_DEG)
    except Refused as refused:
        return list(refused.findings)
    return []


def whole_ring(
    plan: RingPlan,
    made: Core,
    hoop_stations: Sequence[int],
    flush_seats: list[NamedShape],
    stones: list[StoneInstance],
    emit: Emit,
    skin_stations: Sequence[Sequence[int]] = (),
) -> BuiltRing:
    """Solid and mesh of block, hoop and flush seats; raises ``Refused`` where a check of the kernel fails.

    ``skin_stations`` are stretches whose other walls are the block's: of them the skin alone is made.
    """
    ring = plan.resolved
    emit("solids")
    across = tiles_across(ring, plan.nets)
    hoop = wall_faces(plan.nets, plan.skin, hoop_stations, across)
    for stretch in skin_stations:
        hoop["skin"] = hoop["skin"] + wall_faces(plan.nets, plan.skin, stretch, across)["skin"]
    hoop |= {name: closed_faces(net) for name, net in plan.closed_nets.items()}
    metal = joined(list(made.parts), hoop)
    if flush_seats:
        emit("cut")
        metal = cut(metal, flush_seats)
    emit("mesh")
    mesh, measures = measured_mesh(metal, ring.export.chord_mm, ring.export.angle_deg)
    return BuiltRing(metal, mesh, tuple(stones), (), measures)
