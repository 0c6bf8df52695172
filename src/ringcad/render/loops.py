"""The inner loops that follow light. Plain arithmetic over rays; what each loop means is said where it is called."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ringcad.render.compiled import D1, D2, F1, F2, F3, I1, L1, L2, fast_part, loop, part, smooth

OFFSET_MM = 2e-3
"""Rays start this far off a surface: above float32's error at 50 mm (6e-6), below any detail."""

POOL_MM = 26.0
"""Radius of the light pool on the table: flat sides of the ring mirror it and get a gradient."""

MIRROR_OFFSET_MM = 0.012
"""Mirror rays start this far off metal: above the chord error of the mesh (0.01 mm), so that a ray that grazes
a smooth surface does not hit the neighbouring facets of its own bulge."""

TANGENT = 0.01
"""Least sine between a mirror ray and the facet it starts from (see :func:`mirror`)."""


@fast_part
def environment(texels: Any, size: int, basis: Any, x: float, y: float, z: float) -> Any:
    """Bilinear radiance of an octahedral map along a unit direction."""
    sx = x * basis[0, 0] + y * basis[0, 1] + z * basis[0, 2]
    sy = x * basis[1, 0] + y * basis[1, 1] + z * basis[1, 2]
    sz = x * basis[2, 0] + y * basis[2, 1] + z * basis[2, 2]
    scale = 1.0 / (abs(sx) + abs(sy) + abs(sz))
    u = sx * scale
    v = sz * scale
    if sy < 0.0:
        fu = math.copysign(1.0 - abs(v), u)
        fv = math.copysign(1.0 - abs(u), v)
        u = fu
        v = fv
    u = min(max((u * 0.5 + 0.5) * size - 0.5, 0.0), size - 1.001)
    v = min(max((v * 0.5 + 0.5) * size - 0.5, 0.0), size - 1.001)
    iu = int(u)
    iv = int(v)
    fu = u - iu
    fv = v - iv
    # in the texels' own precision
    a = np.float32((1.0 - fu) * (1.0 - fv))
    b = np.float32(fu * (1.0 - fv))
    c = np.float32((1.0 - fu) * fv)
    d = np.float32(fu * fv)
    r = a * texels[iv, iu, 0] + b * texels[iv, iu + 1, 0] + c * texels[iv + 1, iu, 0] + d * texels[iv + 1, iu + 1, 0]
    g = a * texels[iv, iu, 1] + b * texels[iv, iu + 1, 1] + c * texels[iv + 1, iu, 1] + d * texels[iv + 1, iu + 1, 1]
    e = a * texels[iv, iu, 2] + b * texels[iv, iu + 1, 2] + c * texels[iv + 1, iu, 2] + d * texels[iv + 1, iu + 1, 2]
    return r, g, e


@fast_part
def table_shade(grid: Any, half: float, x: float, y: float) -> float:
    """Bilinear value of the table's occlusion grid; 1 outside it."""
    n = grid.shape[0]
    u = (x + half) * n / (2.0 * half) - 0.5
    v = (y + half) * n / (2.0 * half) - 0.5
    if u < 0.0 or v < 0.0 or u >= n - 1 or v >= n - 1:
        return 1.0
    iu = int(u)
    iv = int(v)
    fu = u - iu
    fv = v - iv
    low = grid[iv, iu] * (1.0 - fu) + grid[iv, iu + 1] * fu
    high = grid[iv + 1, iu] * (1.0 - fu) + grid[iv + 1, iu + 1] * fu
    value: float = low * (1.0 - fv) + high * fv
    return value


@fast_part
def fading(x: float) -> float:
    """exp(-x) for x >= 0, to 1e-4: the eighth power of a series for an eighth of x (four times as fast)."""
    y = min(0.125 * x, 4.0)
    y = 1.0 / (1.0 + y * (1.0 + y * (0.5 + y * (1.0 / 6.0 + y * (1.0 / 24.0)))))
    y *= y
    y *= y
    return y * y


@loop(L1, F2, F2, F3, D2, "float64", "float64", F2, F2, fast=True)
def surroundings(
    which: Any,
    origins: Any,
    directions: Any,
    texels: Any,
    basis: Any,
    ground_z: float,
    half: float,
    grid: Any,
    out: Any,
) -> None:
    """Studio light for the rays ``which``, darkened where the table below lies in the ring's shade."""
    size = texels.shape[0]
    for k in range(len(which)):
        i = which[k]
        x, y, z = directions[i, 0], directions[i, 1], directions[i, 2]
        r, g, b = environment(texels, size, basis, x, y, z)
        if half > 0.0 and z < -1e-3:
            t = (ground_z - origins[i, 2]) / z
            px, py = origins[i, 0] + t * x, origins[i, 1] + t * y
            pool = 0.40 + 0.85 * fading((px * px + py * py) / (POOL_MM * POOL_MM))
            shade = table_shade(grid, half, px, py) * (1.0 + smooth(-z / 0.25) * (pool - 1.0))
            r *= shade
            g *= shade
            b *= shade
        out[i, 0] = r
        out[i, 1] = g
        out[i, 2] = b


@part
def _hash(a: int, b: int, c: int, salt: int) -> float:
    """Noise of unit variance from integer coordinates."""
    h = (a * 73856093) ^ (b * 19349663) ^ (c * 83492791) ^ (salt * 1013904223)
    h &= 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
    return ((h ^ (h >> 16)) & 0xFFFF) / 18918.0 - 1.732


@fast_part
def bounced(
    corners: Any,
    p: int,
    b1: float,
    b2: float,
    dx: float,
    dy: float,
    dz: float,
    ax: float,
    ay: float,
    az: float,
    fx: float,
    fy: float,
    fz: float,
    roughness: float,
) -> Any:
    """Mirror ray of one ray (d) off triangle ``p`` at a point (a) with its facet's normal (f, any length).

    A smooth normal on a flat facet can send the mirror ray into the facet; it is lifted to the tangent.
    ``roughness`` tilts the normal by noise fixed to the metal at a 0.02 mm raster (the as-cast skin).
    """
    b0 = 1.0 - b1 - b2
    s = 1.0 / math.sqrt(fx * fx + fy * fy + fz * fz + 1e-30)
    if fx * dx + fy * dy + fz * dz > 0.0:
        s = -s
    fx *= s
    fy *= s
    fz *= s
    nx = b0 * corners[p, 0, 0] + b1 * corners[p, 1, 0] + b2 * corners[p, 2, 0]
    ny = b0 * corners[p, 0, 1] + b1 * corners[p, 1, 1] + b2 * corners[p, 2, 1]
    nz = b0 * corners[p, 0, 2] + b1 * corners[p, 1, 2] + b2 * corners[p, 2, 2]
    if roughness > 0.0:
        s = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-20)
        cx, cy, cz = math.floor(ax * 50.0), math.floor(ay * 50.0), math.floor(az * 50.0)
        nx = nx * s + roughness * _hash(cx, cy, cz, 1)
        ny = ny * s + roughness * _hash(cx, cy, cz, 2)
        nz = nz * s + roughness * _hash(cx, cy, cz, 3)
    s = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-20)
    nx *= s
    ny *= s
    nz *= s
    cosine = -(nx * dx + ny * dy + nz * dz)
    rx = dx + 2.0 * cosine * nx
    ry = dy + 2.0 * cosine * ny
    rz = dz + 2.0 * cosine * nz
    sunk = rx * fx + ry * fy + rz * fz - TANGENT
    if sunk < 0.0:
        rx -= sunk * fx
        ry -= sunk * fy
        rz -= sunk * fz
    s = 1.0 / math.sqrt(rx * rx + ry * ry + rz * rz + 1e-20)
    g = min(max(1.0 - cosine, 0.0), 1.0)
    off = MIRROR_OFFSET_MM
    return ax + off * fx, ay + off * fy, az + off * fz, rx * s, ry * s, rz * s, g * g * g * g * g


@loop(L1, F2, F2, F1, F1, F2, F1, I1, F3, "float64", F2, F2, F1, fast=True)
def mirror(
    which: Any,
    origins: Any,
    directions: Any,
    u: Any,
    v: Any,
    flat: Any,
    distance: Any,
    prim: Any,
    corners: Any,
    roughness: float,
    start: Any,
    reflected: Any,
    grazing: Any,
) -> None:
    """Mirror rays off metal: start, direction and Schlick's (1 - cos)^5 for the rays ``which`` (:func:`bounced`)."""
    for k in range(len(which)):
        i = which[k]
        dx, dy, dz = directions[i, 0], directions[i, 1], directions[i, 2]
        ax = origins[i, 0] + distance[i] * dx
        ay = origins[i, 1] + distance[i] * dy
        az = origins[i, 2] + distance[i] * dz
        sx, sy, sz, rx, ry, rz, share = bounced(
            corners, prim[i], u[i], v[i], dx, dy, dz, ax, ay, az, flat[i, 0], flat[i, 1], flat[i, 2], roughness
        )
        start[k, 0], start[k, 1], start[k, 2] = sx, sy, sz
        reflected[k, 0], reflected[k, 1], reflected[k, 2] = rx, ry, rz
        grazing[k] = share


@loop(L1, F2, F1, D1, F2)
def tint(which: Any, arriving: Any, grazing: Any, f0: Any, out: Any) -> None:
    """Multiply the arriving light by the metal's reflectance (Schlick 1994, doi:10.1111/1467-8659.1330233)."""
    for k in range(len(which)):
        i = which[k]
        for c in range(3):
            out[i, c] = arriving[k, c] * (f0[c] + (1.0 - f0[c]) * grazing[k])


@loop(L1, F1, D1, F2)
def tint_all(which: Any, grazing: Any, f0: Any, light: Any) -> None:
    """:func:`tint` in place, for arrays in step."""
    for k in range(len(which)):
        i = which[k]
        for c in range(3):
            light[i, c] *= f0[c] + (1.0 - f0[c]) * grazing[i]


@loop(F2, I1, "float64")
def dim(arriving: Any, blocked: Any, share: float) -> None:
    """Darken the light of rays that would have met metal again."""
    for k in range(len(blocked)):
        if blocked[k] >= 0:
            for c in range(3):
                arriving[k, c] *= share


@fast_part
def _fresnel(cos_in: float, eta: float) -> Any:
    """Reflectance of unpolarised light and the cosine behind the surface; eta = n before / n behind."""
    sin2 = eta * eta * (1.0 - cos_in * cos_in)
    if sin2 >= 1.0:
        return 1.0, 0.0
    cos_out = math.sqrt(1.0 - sin2)
    parallel = (cos_in - eta * cos_out) / (cos_in + eta * cos_out)
    perpendicular = (eta * cos_in - cos_out) / (eta * cos_in + cos_out)
    return 0.5 * (parallel * parallel + perpendicular * perpendicular), cos_out


@fast_part
def _next_facet(planes: Any, begin: int, end: int, skip: int, place: Any, reach: Any) -> Any:
    """Number of the plane that the ray meets next, and how far; -1 for none.

    ``place`` holds the ray's point and direction (float32: eight planes at a time), ``reach`` gets the distance
    to each plane (1e30 = behind).
    """
    nx, ny, nz, far = planes[0, begin:end], planes[1, begin:end], planes[2, begin:end], planes[3, begin:end]
    x, y, z, dx, dy, dz = place[0], place[1], place[2], place[3], place[4], place[5]
    tiny, none = np.float32(1e-9), np.float32(1e30)
    for j in range(end - begin):
        slope = nx[j] * dx + ny[j] * dy + nz[j] * dz
        room = far[j] - (nx[j] * x + ny[j] * y + nz[j] * z)
        reach[j] = room / slope if slope > tiny else none
    if begin <= skip < end:
        reach[skip - begin] = none
    best = none
    for j in range(end - begin):
        best = min(best, reach[j])
    if best >= np.float32(1e29):
        return -1, 1e30
    hit = 0
    while hit < end - begin - 1 and reach[hit] != best:
        hit += 1
    return begin + hit, max(float(best), 0.0)


@loop(L1, F2, F2, I1, I1, I1, D2, F2, F1, L1, L1, D2, L2, D1, D1, D2, "int64", L1, F2, F2, F2, F2, F2, result=True)
def through_stones(
    which: Any,
    origins: Any,
    directions: Any,
    facet: Any,
    plane_of: Any,
    stone_of: Any,
    planes: Any,
    planes_float: Any,
    reach: Any,
    first: Any,
    belt: Any,
    core: Any,
    door: Any,
    index: Any,
    fire: Any,
    loss: Any,
    bounces: int,
    owner: Any,
    exit_at: Any,
    exit_to: Any,
    exit_red: Any,
    exit_blue: Any,
    exit_weight: Any,
) -> int:
    """Follow each ray of ``which`` into its stone and list where light comes from.

    The first entry of a ray is the mirror image on the facet it met; the others are the places where
    its path inside would leave (traced backwards). One path is followed at the mean index; the
    colours part at the exit, where both refractions' dispersion is charged. ``planes`` (4, P) holds unit
    normals and offsets, ``planes_float`` the same in float32, ``reach`` is room for one stone's planes and
    six numbers. A place within the ``core`` about a stone's axis lies inside all planes of its ``belt``
    (:class:`ringcad.render.gems.Gems`). Through a stone's ``door`` a path goes on into another body of the same gem.
    Returns the entries written.
    """
    count = 0
    capacity = len(owner)
    place = reach[len(reach) - 6 :]
    for k in range(len(which)):
        i = which[k]
        f = facet[i]
        s = stone_of[f]
        p = plane_of[f]
        n = index[s]
        dx, dy, dz = float(directions[i, 0]), float(directions[i, 1]), float(directions[i, 2])
        x, y, z = float(origins[i, 0]), float(origins[i, 1]), float(origins[i, 2])
        nx, ny, nz = planes[0, p], planes[1, p], planes[2, p]
        toward = -(nx * dx + ny * dy + nz * dz)
        # negative over negative for a ray that starts inside, a hair from metal
        distance = (nx * x + ny * y + nz * z - planes[3, p]) / (toward if abs(toward) > 1e-9 else 1e-9)
        cosine = max(toward, 1e-3)
        x += distance * dx
        y += distance * dy
        z += distance * dz
        share, cos_out = _fresnel(cosine, 1.0 / n)
        if count + bounces + 1 > capacity:
            break
        owner[count] = i
        exit_at[count, 0] = x + OFFSET_MM * nx
        exit_at[count, 1] = y + OFFSET_MM * ny
        exit_at[count, 2] = z + OFFSET_MM * nz
        for c in range(3):
            to = directions[i, c] + 2.0 * cosine * planes[c, p]
            exit_to[count, c] = to
            exit_red[count, c] = to
            exit_blue[count, c] = to
            exit_weight[count, c] = share
        count += 1
        eta = 1.0 / n
        q = eta * cosine - cos_out
        dx = eta * dx + q * nx
        dy = eta * dy + q * ny
        dz = eta * dz + q * nz
        weight = 1.0 - share
        path = 0.0
        at = p
        for _ in range(bounces):
            place[0], place[1], place[2], place[3], place[4], place[5] = x, y, z, dx, dy, dz
            hit, best = _next_facet(planes_float, first[s], belt[s], at, place, reach)
            if belt[s] < first[s + 1]:
                ox, oy, oz = x + best * dx - core[s, 0], y + best * dy - core[s, 1], z + best * dz - core[s, 2]
                along = ox * core[s, 3] + oy * core[s, 4] + oz * core[s, 5]
                if ox * ox + oy * oy + oz * oz - along * along > core[s, 6]:
                    other, nearer = _next_facet(planes_float, belt[s], first[s + 1], at, place, reach)
                    if nearer < best:
                        hit, best = other, nearer
            if hit < 0:
                break
            x += best * dx
            y += best * dy
            z += best * dz
            path += best
            at = hit
            if hit == door[s, 0]:
                s = door[s, 1]
                at = door[s, 0]
                continue
            nx, ny, nz = planes[0, at], planes[1, at], planes[2, at]
            cosine = min(max(nx * dx + ny * dy + nz * dz, 0.0), 1.0)
            share, cos_out = _fresnel(cosine, n)
            leaving = weight * (1.0 - share)
            if leaving > 0.004:
                owner[count] = i
                exit_at[count, 0] = x + OFFSET_MM * nx
                exit_at[count, 1] = y + OFFSET_MM * ny
                exit_at[count, 2] = z + OFFSET_MM * nz
                for c in range(3):
                    m, kept, c_out = n, share, cos_out
                    if c != 1:
                        m = n + (fire[s] if c == 2 else -fire[s])
                        kept, c_out = _fresnel(cosine, m)
                    left = weight * (1.0 - kept)
                    if loss[s, c] > 0.0:
                        left *= math.exp(-loss[s, c] * path)
                    exit_weight[count, c] = left
                    # of unit length by Snell's law
                    q = c_out - m * cosine
                    target = exit_red if c == 0 else (exit_to if c == 1 else exit_blue)
                    target[count, 0] = m * dx + q * nx
                    target[count, 1] = m * dy + q * ny
                    target[count, 2] = m * dz + q * nz
                count += 1
            weight *= share
            if weight < 0.02:
                break
            dx -= 2.0 * cosine * nx
            dy -= 2.0 * cosine * ny
            dz -= 2.0 * cosine * nz
            r = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
            dx *= r
            dy *= r
            dz *= r
    return count


@loop("int64", L1, F2, F2, F2, F2, I1, F2, F3, D2, "float64", D1, "float64", F2, fast=True)
def gather(
    count: int,
    owner: Any,
    to: Any,
    red: Any,
    blue: Any,
    weight: Any,
    prim: Any,
    metal_light: Any,
    texels: Any,
    basis: Any,
    gain: float,
    eye: Any,
    eye_dark: float,
    out: Any,
) -> None:
    """Add up the light that a stone's entries bring: metal where the ray met some, else the studio.

    The photographer stands dark in front of the lamps (``eye``), which draws a brilliant's arrows.
    """
    size = texels.shape[0]
    for k in range(count):
        i = owner[k]
        if prim[k] >= 0:
            for c in range(3):
                out[i, c] += weight[k, c] * metal_light[k, c]
            continue
        toward = to[k, 0] * eye[0] + to[k, 1] * eye[1] + to[k, 2] * eye[2]
        dark = gain * (1.0 - eye_dark * min(max((toward - 0.962) / 0.02, 0.0), 1.0))
        r, _, _ = environment(texels, size, basis, red[k, 0], red[k, 1], red[k, 2])
        _, g, _ = environment(texels, size, basis, to[k, 0], to[k, 1], to[k, 2])
        _, _, b = environment(texels, size, basis, blue[k, 0], blue[k, 1], blue[k, 2])
        out[i, 0] += weight[k, 0] * r * dark
        out[i, 1] += weight[k, 1] * g * dark
        out[i, 2] += weight[k, 2] * b * dark
