"""Helpers of the tests that prove rings: nets to evaluate, shipped specs to build once, cones to fit."""

from __future__ import annotations

import pickle
import shutil
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.optimize import least_squares

from ringcad.fit.limb import LimbNets, LimbStations, build_nets, station_angles

Array = NDArray[np.float64]
ROOT = Path(__file__).resolve().parents[1]
SPECS = ROOT / "templates/solitaire/specs"
SHIPPED = ("slim", "classic_basket", "six_prong", "cathedral", "flush_shoulders")


# -- nets ---------------------------------------------------------------------------------------------------


def plain_nets(
    count: int = 72,
    rows: int = 34,
    *,
    bore: float = 8.6,
    height: float = 2.0,
    width: float = 4.0,
    rise: float = 0.0,
    comfort: float = 0.0,
    outer_edge: float = 0.45,
    inner_edge: float = 0.4,
    knife: bool = False,
    density: Array | None = None,
) -> LimbNets:
    """A shank of constant section (lengths in mm)."""
    ones = np.ones(count)
    phi = station_angles(count, np.ones(181) if density is None else density)
    return build_nets(
        LimbStations(
            phi_deg=phi,
            height_mm=height * ones,
            width_mm=width * ones,
            crown_rise_mm=rise * ones,
            outer_radius_mm=outer_edge * ones,
            inner_radius_mm=inner_edge * ones,
            comfort_rise_mm=comfort * ones,
            bore_radius_mm=bore,
            knife=knife,
        ),
        rows,
    )


def evaluate(net: Array, knots_v: Array, u: Array, v: Array) -> Array:
    """Points (len(u), len(v), 3) of a net (periodic along axis 0, clamped along axis 1), by scipy.

    ``u`` counts stations: station ``i`` lies at ``u = i``.
    """
    across = BSpline(knots_v, np.moveaxis(net, 1, 0), 3)(v)  # (len(v), n, 3)
    count = net.shape[0]
    index = np.arange(-2, count + 4) % count
    # the coefficient i belongs to the basis function centred on the knot i
    knots_u = np.arange(-4.0, count + 6.0)
    along = BSpline(knots_u, np.moveaxis(across, 1, 0)[index], 3)
    return np.asarray(along(np.asarray(u)))


def volume_of(vertices: Array, triangles: NDArray[Any]) -> float:
    """Volume enclosed by a closed outward mesh, mm3."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def limb_volume(nets: LimbNets, skin: Array, per_span: int = 3) -> float:
    """Volume of a limb from dense numpy samples of its four walls, mm3."""
    from ringcad.fit.spline import clamped_knots

    u = np.arange(0.0, nets.outer.shape[0], 1.0 / per_span)
    walls = []
    for net in (skin, nets.right, nets.inner, nets.left):
        knots = clamped_knots(net.shape[1])
        v = np.linspace(0.0, knots[-1], per_span * (net.shape[1] - 3) + 1)
        walls.append(evaluate(net, knots, u, v)[:, :-1])
    loop = np.concatenate(walls, axis=1)
    rows, columns = loop.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index, np.roll(index, -1, axis=0)
    c, d = np.roll(b, -1, axis=1), np.roll(index, -1, axis=1)
    quads = np.stack([a, b, c, d], axis=-1).reshape(-1, 4)
    return abs(volume_of(loop.reshape(-1, 3), np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])))


def edge_use(triangles: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """How often each directed edge occurs, and how often its reverse does: (1, 1) everywhere when watertight."""
    directed = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    size = int(triangles.max()) + 1
    there, back = directed[:, 0] * size + directed[:, 1], directed[:, 1] * size + directed[:, 0]
    keys, counts = np.unique(there, return_counts=True)
    at = np.searchsorted(keys, back).clip(max=len(keys) - 1)
    return counts, np.where(keys[at] == back, counts[at], 0)


# -- rings ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """One built spec: its result and where its files lie."""

    result: Any
    folder: Path

    @property
    def resolved(self) -> Any:
        return self.result.resolved

    @property
    def names(self) -> NDArray[Any]:
        """Name of the face that each triangle belongs to."""
        return np.asarray(self.result.face_names, dtype=object)[self.result.arrays["face_index"]]

    def labelled(self, name: str) -> Array:
        """Vertices of the triangles whose face is called ``name``, (n, 3)."""
        triangles = self.result.arrays["triangles"][self.names == name]
        return np.asarray(self.result.arrays["vertices"])[np.unique(triangles)]

    def corners(self, name: str) -> tuple[Array, Array]:
        """Corners (m, 3, 3) and surface normals at them (m, 3, 3) of the triangles called ``name``."""
        chosen = self.names == name
        vertices = np.asarray(self.result.arrays["vertices"])
        return vertices[self.result.arrays["triangles"][chosen]], self.result.arrays["corner_normals"][chosen]


def build_text(text: str, name: str, folder: Path, **options: Any) -> Made:
    """Build a spec given as text in a folder of its own, in this process."""
    import ringcad

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    settings: dict[str, Any] = {"pictures": False, "cache": False, **options}
    result = ringcad.build(path, folder / "out", **settings)
    return Made(result, folder)


class Rings:
    """The shipped specs, each built once per test session, at most two at a time.

    ``kept`` is a folder whose rings are used instead of new ones, and where new ones are left: for work on
    the tests themselves, never for judging the program.
    """

    def __init__(self, folder: Path, kept: Path | None = None) -> None:
        self._folder, self._kept = folder, kept
        self._pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
        self._futures: dict[str, Future[Made]] = {}

    @property
    def cache(self) -> Path:
        """Cache folder of these builds."""
        return self._folder / "cache"

    def start(self, names: list[str]) -> None:
        """Begin with the rings that will be asked for."""
        for name in names:
            if name in self._futures:
                continue
            stored = None if self._kept is None else self._kept / f"{name}.pickle"
            if stored is not None and stored.exists():
                self._futures[name] = Future()
                self._futures[name].set_result(pickle.loads(stored.read_bytes()))
                continue
            text = (SPECS / f"{name}.yaml").read_text(encoding="utf-8")
            folder = (self._kept or self._folder) / name
            self._futures[name] = self._pool.submit(build_text, text, name, folder, cache=self.cache)

    def get(self, name: str) -> Made:
        """A built ring; waits for it."""
        self.start([name])
        made = self._futures[name].result()
        if self._kept is not None:
            (self._kept / f"{name}.pickle").write_bytes(pickle.dumps(made))
        return made

    def close(self) -> None:
        """End the pool and remove what was cached."""
        self._pool.shutdown(cancel_futures=True)
        shutil.rmtree(self.cache, ignore_errors=True)


# -- fits -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cone:
    """A cone of revolution about a known kind of axis, fitted to points: radius = at_origin + slope * height."""

    origin: Array
    """Where the axis meets the plane through the given origin square to the axis, (3,)."""
    axis: Array
    slope: float
    radius_at_origin_mm: float
    residual_mm: float
    """Root mean square distance of the points."""

    @property
    def half_angle_deg(self) -> float:
        """Of the flank from the axis."""
        return float(np.degrees(np.arctan(self.slope)))


def fit_cone(points: Array, origin: Array, axis: Array) -> Cone:
    """Least-squares cone (or cylinder): axis direction, its place, radius and slope are all free."""
    axis = axis / np.linalg.norm(axis)
    helper = np.array([0.0, 1.0, 0.0]) if abs(axis[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    one = np.cross(helper, axis)
    one /= np.linalg.norm(one)
    two = np.cross(axis, one)

    def place(x: Array) -> tuple[Array, Array]:
        direction = axis + x[0] * one + x[1] * two
        return origin + x[2] * one + x[3] * two, direction / np.linalg.norm(direction)

    def residual(x: Array) -> Array:
        at, direction = place(x)
        offset = points - at
        height = offset @ direction
        radius = np.linalg.norm(offset - height[:, None] * direction, axis=1)
        return (radius - x[4] - x[5] * height) / np.hypot(1.0, x[5])

    offset = points - origin
    height = offset @ axis
    radius = np.linalg.norm(offset - height[:, None] * axis, axis=1)
    slope, start = np.polyfit(height, radius, 1) if np.ptp(height) > 1e-3 else (0.0, float(radius.mean()))
    found = least_squares(residual, np.array([0.0, 0.0, 0.0, 0.0, start, slope]), x_scale="jac", xtol=1e-14, ftol=1e-14)
    at, direction = place(found.x)
    return Cone(at, direction, float(found.x[5]), float(found.x[4]), float(np.sqrt(np.mean(found.fun**2))))
