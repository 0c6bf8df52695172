"""Time and show the pictures on a stand-in ring (or on a stored scene), processor seconds by part.

    python benchmarks/render.py OUT [--scene scene.npz] [--quality standard] [--size 1600]

The stand-in is a mesh only: a D-shaped shank with a vine between milgrain borders on both
shoulders, four prongs, two rails and a round brilliant of 57 facets plus girdle, enough to judge
light, edges and speed before a real ring exists. A scene file holds ``vertices``, ``triangles`` and
optionally ``corner_normals``; one that ends in ``.pickle`` a whole ``RenderScene``.
"""

from __future__ import annotations

import argparse
import functools
import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.render import RenderScene, StoneInstance, ViewHints, check_exposure, render_views, render_walls
from ringcad.resolved import RoundStone
from ringcad.seats.brilliant import facet_planes, facet_polygons

Array = NDArray[np.float64]

ALLOYS = {
    "yellow": (0.95, 0.74, 0.40),
    "white": (0.76, 0.73, 0.68),
    "rose": (0.93, 0.66, 0.52),
    "silver": (0.96, 0.95, 0.92),
    "platinum": (0.68, 0.65, 0.61),
}


def brilliant(diameter_mm: float) -> RoundStone:
    """A diamond of usual proportions (table 57 %, crown 34.5, pavilion 40.75 degrees)."""
    radius = 0.5 * diameter_mm
    return RoundStone(
        cut="round",
        gem="diamond",
        gem_name="Diamond",
        diameter_mm=diameter_mm,
        table_diameter_mm=0.57 * diameter_mm,
        crown_angle_deg=34.5,
        crown_height_mm=0.43 * radius * np.tan(np.deg2rad(34.5)),
        pavilion_angle_deg=40.75,
        pavilion_depth_mm=radius * np.tan(np.deg2rad(40.75)),
        girdle_mm=0.035 * diameter_mm,
        culet_diameter_mm=0.0,
        weight_ct=1.0,
        density_g_cm3=3.52,
        refractive_index=2.417,
        color_rgb=(1.0, 1.0, 1.0),
    )


def vine(u_mm: Array, v_mm: Array, width_mm: float, length_mm: float) -> Array:
    """Height 0..1 of a vine with leaves between milgrain rows; u along the band from 0, v from -w/2 to w/2."""

    def bump(distance: Array, soft: float) -> Array:
        t = np.clip(0.5 - distance / soft, 0, 1)
        return t * t * (3 - 2 * t)

    period = 4.2
    swing = 0.24 * width_mm
    centre = swing * np.sin(2 * np.pi * u_mm / period)
    slope = swing * 2 * np.pi / period * np.cos(2 * np.pi * u_mm / period)
    h = 0.8 * bump(np.abs(v_mm - centre) / np.sqrt(1 + slope**2) - 0.16, 0.16)
    for k in range(int(length_mm / (period / 2))):
        u0 = (k + 0.62) * period / 2
        sign = -1 if k % 2 else 1
        for du, dv, turn, size in ((0.0, -0.10, 0.9, 0.80), (0.75, -0.62, -0.3, 0.62)):
            angle = sign * turn
            x = (u_mm - u0 - du) * np.cos(angle) + (v_mm - sign * dv * width_mm * 0.45) * np.sin(angle)
            y = -(u_mm - u0 - du) * np.sin(angle) + (v_mm - sign * dv * width_mm * 0.45) * np.cos(angle)
            lens = np.abs(y) - 0.42 * size * np.maximum(1 - (x / size) ** 2, 0) ** 0.8
            vein = 1 - 0.45 * np.exp(-((y / 0.07) ** 2))
            h = np.maximum(h, np.where(np.abs(x) < size, bump(lens, 0.14) * vein, 0))
    edge = 0.5 * width_mm - 0.28
    bead = 0.55
    du = (u_mm + 0.5 * bead) % bead - 0.5 * bead
    r2 = du**2 + (np.abs(v_mm) - edge) ** 2
    h = np.maximum(h, np.sqrt(np.maximum(1 - r2 / 0.25**2, 0)))
    return np.where((u_mm > 0.1) & (u_mm < length_mm - 0.1), h, 0)


def stand_in(accents: int = 0) -> tuple[Array, NDArray[np.int32], tuple[StoneInstance, ...]]:
    """Vertices, triangles and the stones of the stand-in ring; ``accents`` flush stones on each shoulder."""
    import manifold3d as m3

    bore = 8.66
    n = 1800
    phi = np.arange(n) / n * 2 * np.pi
    turn = np.abs((phi + np.pi) % (2 * np.pi) - np.pi)
    share = np.clip((turn - 0.9) / 1.9, 0, 1)
    share = share * share * (3 - 2 * share)
    width, thick = 4.8 + (2.9 - 4.8) * share, 2.0 + (1.7 - 2.0) * share
    across = np.linspace(-1, 1, 150)
    outer_t = np.sin(across * np.pi / 2) * 0.35 + across * 0.65
    section_inner = np.linspace(1, -1, 24)
    rows = []
    start, length = np.deg2rad(24), np.deg2rad(100) * 10.6
    for i in range(n):
        half = 0.5 * width[i]
        v = outer_t * half
        rise = 0.45 * (1 - (v / half) ** 2)
        round_edge = 0.42
        inset = np.maximum(np.abs(v) - (half - round_edge), 0)
        drop = round_edge - np.sqrt(np.maximum(round_edge**2 - inset**2, 0))
        u = np.full_like(v, (turn[i] - start) * 10.6)
        zone = np.clip((half - 0.35 - np.abs(v)) / 0.15, 0, 1)
        relief = 0.34 * vine(u, v * (4.0 / (2 * half - 0.8)), 4.0, length) * zone
        outer = np.stack([bore + thick[i] - 0.45 + rise - drop + relief, v], axis=1)
        w = section_inner * (half - 0.3)
        inner = np.stack([bore + 0.30 * np.abs(section_inner) ** 6, w], axis=1)
        rows.append(np.concatenate([outer, inner]))
    grid = np.array(rows)
    k = grid.shape[1]
    x = grid[..., 0] * np.sin(phi)[:, None]
    z = grid[..., 0] * np.cos(phi)[:, None]
    points = np.stack([x, grid[..., 1], z], axis=-1).reshape(-1, 3)
    a = np.arange(n * k).reshape(n, k)
    b, d = np.roll(a, -1, 0), np.roll(a, -1, 1)
    c = np.roll(b, -1, 1)
    tri = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([a, d, c], -1).reshape(-1, 3)])
    mesh = m3.Manifold(m3.Mesh(vert_properties=points.astype(np.float32), tri_verts=tri.astype(np.uint32)))
    if mesh.volume() < 0:
        tri = tri[:, ::-1]
        mesh = m3.Manifold(m3.Mesh(vert_properties=points.astype(np.float32), tri_verts=tri.astype(np.uint32)))
    girdle_z = bore + 2.0 + 2.9
    parts = [mesh]
    for j in range(4):
        az = np.pi / 4 + j * np.pi / 2
        foot = np.array([1.5 * np.cos(az), 1.5 * np.sin(az), bore + 0.6])
        top = np.array([3.45 * np.cos(az), 3.45 * np.sin(az), girdle_z + 1.0])
        axis = top - foot
        height = float(np.linalg.norm(axis))
        profile = [(0, 0), (0.62, 0), (0.50, 0.9), (0.47, height)]
        profile += [(0.47 * np.cos(t), height + 0.55 * np.sin(t)) for t in np.linspace(0.1, np.pi / 2 - 0.01, 14)]
        profile += [(0, height + 0.55)]
        prong = m3.Manifold.revolve(m3.CrossSection([np.array(profile)]), 72)
        direction = axis / height
        side = np.cross([0, 0, 1.0], direction)
        side /= np.linalg.norm(side)
        matrix = np.stack([side, np.cross(direction, side), direction, foot], axis=1)
        parts.append(prong.transform(matrix))
    for z_rail, r_rail in ((bore + 2.45, 1.95), (bore + 3.9, 2.55)):
        t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        ellipse = np.stack([r_rail + 0.36 * np.cos(t), 0.45 * np.sin(t)], axis=1)
        parts.append(m3.Manifold.revolve(m3.CrossSection([ellipse]), 180).translate((0, 0, z_rail)))
    ring = m3.Manifold.batch_boolean(parts, m3.OpType.Add)
    round_stone = brilliant(6.5)
    stone = StoneInstance(
        *facet_planes(round_stone),
        2.417,
        (1.0, 1.0, 1.0),
        (0.0, 0.0, girdle_z),
        (0.0, 0.0, 1.0),
        22.5,
        polygons=tuple(facet_polygons(round_stone)),
    )
    seat = m3.Manifold.hull_points(_hull_points(stone))
    ring = ring - seat
    stones = [stone]
    small = brilliant(1.3)
    planes, facets = facet_planes(small), tuple(facet_polygons(small))
    cutter = m3.Manifold.revolve(
        m3.CrossSection([np.array([(0, -3.5), (0.35, -3.5), (0.35, -0.27), (0.648, 0.0), (0.648, 2.0), (0, 2.0)])]), 64
    )
    level = bore + 2.0 - small.crown_height_mm - small.girdle_mm
    for side in (1, -1):
        for k in range(accents):
            angle = side * np.deg2rad(38 + 11 * k)
            axis = np.array([np.sin(angle), 0.0, np.cos(angle)])
            cross = np.array([np.cos(angle), 0.0, -np.sin(angle)])
            ring = ring - cutter.transform(np.stack([cross, np.cross(axis, cross), axis, level * axis], axis=1))
            stones.append(
                StoneInstance(
                    *planes, 2.417, (1.0, 1.0, 1.0), tuple(level * axis), tuple(axis), 7.0 * k, polygons=facets
                )
            )
    out = ring.to_mesh()
    return np.asarray(out.vert_properties[:, :3], float), np.asarray(out.tri_verts, np.int32), tuple(stones)


def _hull_points(stone: StoneInstance) -> Array:
    from ringcad.render.gems import gems

    return np.asarray(gems((stone,)).vertices, float)


class Parts:
    """Processor seconds of the compiled loops, Embree's work and the PNG files, measured in the threads themselves."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def add(self, name: str, seconds: float, count: int = 1) -> None:
        with self._lock:
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds
            self.counts[name] = self.counts.get(name, 0) + count

    def timed(self, function: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        """The function, its seconds booked under the name that its arguments give."""

        def run(*values: Any, **named: Any) -> Any:
            start = time.thread_time()
            try:
                return function(*values, **named)
            finally:
                self.add(name(*values), time.thread_time() - start)

        return run

    def install(self) -> None:
        """Watch everything that is drawn from now on in this process."""
        from ringcad.render import compiled, develop, tracing

        parts = self
        compiled.Loop.__call__ = self.timed(  # type: ignore[method-assign]
            compiled.Loop.__call__, lambda loop, *_: f"loop {loop.function.__name__}"
        )
        packer = develop.zlib.compressobj

        def watched_packer(*values: Any) -> Any:
            pack = packer(*values)
            return SimpleNamespace(compress=self.timed(pack.compress, lambda *_: "PNG files"), flush=pack.flush)

        develop.zlib.compressobj = watched_packer  # type: ignore[assignment]
        build = tracing.Tracer.embree.func

        class Rays:
            """Embree with its rays counted."""

            def __init__(self, embree: Any) -> None:
                self.embree = embree

            def run(self, origins: Any, directions: Any, **named: Any) -> Any:
                start = time.thread_time()
                found = self.embree.run(origins, directions, **named)
                parts.add("rays", time.thread_time() - start, len(origins))
                return found

        def sorted_scene(tracer: Any) -> Rays:
            start = time.thread_time()
            embree = build(tracer)
            embree.run(np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32))  # sorts at the first query
            parts.add("sorting triangles", time.thread_time() - start, len(tracer.metal.triangles))
            return Rays(embree)

        watched = functools.cached_property(sorted_scene)
        watched.__set_name__(tracing.Tracer, "embree")
        tracing.Tracer.embree = watched  # type: ignore[assignment]

    def lines(self, total: float) -> list[str]:
        """What took longest first, then what nobody watched."""
        found = sorted(self.seconds.items(), key=lambda item: -item[1])
        rows = [f"  {name:26s} {seconds:6.3f} s  {self.counts[name]:9d}" for name, seconds in found if seconds > 0.004]
        return [*rows, f"  {'everything else':26s} {total - sum(self.seconds.values()):6.3f} s"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scene", type=Path)
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--size", type=int, default=1600)
    parser.add_argument("--alloy", default="yellow", choices=list(ALLOYS))
    parser.add_argument("--finish", default="polished", choices=["polished", "as_cast"])
    parser.add_argument("--accents", type=int, default=0, help="flush stones on each shoulder of the stand-in")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # the renderer and its compiled loops came with the imports above
    print(f"start      {time.process_time():6.2f} s of processor")
    corner_normals = None
    stones: tuple[StoneInstance, ...] = ()
    whole: RenderScene | None = None
    start = time.perf_counter()
    if options.scene and options.scene.suffix == ".pickle":
        whole = pickle.loads(options.scene.read_bytes())  # written by whoever runs this
        vertices, triangles, corner_normals = whole.vertices, whole.triangles, whole.corner_normals
    elif options.scene:
        data = np.load(options.scene)
        vertices, triangles = data["vertices"], data["triangles"]
        corner_normals = data["corner_normals"] if "corner_normals" in data else None
    else:
        vertices, triangles, stones = stand_in(options.accents)
    print(f"model      {time.perf_counter() - start:6.2f} s  {len(triangles)} triangles")
    if corner_normals is None:
        from ringcad.render.normals import crease_normals

        start = time.perf_counter()
        corner_normals = crease_normals(vertices, triangles)
        print(f"normals    {time.perf_counter() - start:6.2f} s")
    scene = whole or RenderScene(
        vertices,
        triangles,
        ALLOYS[options.alloy],
        corner_normals,
        options.finish,
        stones,
        ViewHints(shoulder_phi_deg=74.0, shoulder_span_deg=100.0, bore_radius_mm=8.66, band_width_mm=4.8),
    )
    parts = Parts()
    parts.install()
    start, cpu = time.perf_counter(), time.process_time()
    pictures = render_views(scene, options.out, size_px=options.size, quality=options.quality)
    seconds = time.process_time() - cpu
    print(f"pictures   {time.perf_counter() - start:6.2f} s wall, {seconds:6.2f} s of processor")
    thickness = 0.6 + np.abs(scene.vertices[:, 1]) / 2.0
    start, cpu = time.perf_counter(), time.process_time()
    pictures.append(render_walls(scene, thickness, 0.8, options.out, size_px=min(1200, options.size)))
    walls = time.process_time() - cpu
    print(f"wall map   {time.perf_counter() - start:6.2f} s wall, {walls:6.2f} s of processor")
    print(f"together   {seconds + walls:6.2f} s of processor, by part and how often:")
    print("\n".join(parts.lines(seconds + walls)))
    for p in pictures:
        finding = check_exposure(p) if p.name != "wall" else None
        print(
            f"{p.name:9s} {p.width_px}x{p.height_px} at {p.pixels_per_mm:.1f} px/mm, {p.path.stat().st_size >> 10} kB, "
            f"metal {p.metal_p05:.2f} {p.metal_median:.2f} {p.metal_p95:.2f}: {finding.message if finding else 'ok'}"
        )


if __name__ == "__main__":
    main()
