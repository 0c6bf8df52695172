"""The inner loops over a view's pixels: what each shows first and where metal's mirror rays go."""

from __future__ import annotations

import math
from typing import Any

from ringcad.render.compiled import D1, F1, F2, F3, I1, I2, L1, U1, fast_part, loop
from ringcad.render.loops import bounced

UNKNOWN, OPEN, MET = 0, 1, 2
"""What became of a pixel's mirror ray: not followed, left the ring, met some part of it."""


@fast_part
def pixel_ray(camera: Any, column: float, row: float) -> Any:
    """Point on the target plane and unit direction of the ray through a pixel position.

    ``camera``: target, right, up, back (3 each), width, height, pixels per mm, distance (0 = orthographic).
    """
    sx = (column - 0.5 * camera[12]) / camera[14]
    sy = (0.5 * camera[13] - row) / camera[14]
    x = camera[0] + sx * camera[3] + sy * camera[6]
    y = camera[1] + sx * camera[4] + sy * camera[7]
    z = camera[2] + sx * camera[5] + sy * camera[8]
    distance = camera[15]
    if distance <= 0.0:
        return x, y, z, -camera[9], -camera[10], -camera[11]
    dx = x - (camera[0] + distance * camera[9])
    dy = y - (camera[1] + distance * camera[10])
    dz = z - (camera[2] + distance * camera[11])
    s = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
    return x, y, z, dx * s, dy * s, dz * s


@loop(F1, F1, D1, "float64", F2, F2)
def rays(columns: Any, rows: Any, camera: Any, lead: float, origins: Any, directions: Any) -> None:
    """Rays through pixel positions; they start ``lead`` mm before the target plane."""
    for i in range(len(columns)):
        x, y, z, dx, dy, dz = pixel_ray(camera, columns[i], rows[i])
        origins[i, 0], origins[i, 1], origins[i, 2] = x - lead * dx, y - lead * dy, z - lead * dz
        directions[i, 0], directions[i, 1], directions[i, 2] = dx, dy, dz


@loop(F2, D1, F2, D1)
def project(vertices: Any, camera: Any, out: Any, bounds: Any) -> None:
    """Pixel column and row of each vertex, and a nearness that is linear on the screen (greater = nearer).

    ``bounds`` (least column and row, greatest column and row) grow to hold them all.
    """
    distance = camera[15]
    for i in range(len(vertices)):
        lx, ly, lz = vertices[i, 0] - camera[0], vertices[i, 1] - camera[1], vertices[i, 2] - camera[2]
        x = lx * camera[3] + ly * camera[4] + lz * camera[5]
        y = lx * camera[6] + ly * camera[7] + lz * camera[8]
        z = lx * camera[9] + ly * camera[10] + lz * camera[11]
        scale = camera[14]
        near = z
        if distance > 0.0:
            near = 1.0 / (1.0 - z / distance)
            scale *= near
        column, row = 0.5 * camera[12] + x * scale, 0.5 * camera[13] - y * scale
        out[i, 0], out[i, 1], out[i, 2] = column, row, near
        bounds[0], bounds[1] = min(bounds[0], column), min(bounds[1], row)
        bounds[2], bounds[3] = max(bounds[2], column), max(bounds[3], row)


@loop(F2, I2, "int64", "int64", "int64", F2, I2)
def visible(points: Any, triangles: Any, first: int, left: int, top: int, nearness: Any, prim: Any) -> None:
    """Put each triangle into the pixels whose centres it covers, where it is the nearest so far.

    ``points`` as from :func:`project`; numbers in ``prim`` count from ``first``. An edge belongs to both of
    its triangles and its test is the same number but for the sign, so that no centre falls between them.
    """
    height, width = prim.shape
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0 = float(points[a, 0]) - left, float(points[a, 1]) - top
        x1, y1 = float(points[b, 0]) - left, float(points[b, 1]) - top
        x2, y2 = float(points[c, 0]) - left, float(points[c, 1]) - top
        low = max(math.ceil(min(x0, x1, x2) - 0.5), 0)
        high = min(math.floor(max(x0, x1, x2) - 0.5), width - 1)
        upper = max(math.ceil(min(y0, y1, y2) - 0.5), 0)
        lower = min(math.floor(max(y0, y1, y2) - 0.5), height - 1)
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if low > high or upper > lower or area == 0.0:
            continue
        q0, q1, q2 = points[a, 2] / area, points[b, 2] / area, points[c, 2] / area
        sign = 1.0 if area > 0.0 else -1.0
        for row in range(upper, lower + 1):
            y = row + 0.5
            for column in range(low, high + 1):
                x = column + 0.5
                e0 = (x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)
                e1 = (x2 - x) * (y0 - y) - (x0 - x) * (y2 - y)
                e2 = (x0 - x) * (y1 - y) - (x1 - x) * (y0 - y)
                if sign * e0 >= 0.0 and sign * e1 >= 0.0 and sign * e2 >= 0.0:
                    near = e0 * q0 + e1 * q1 + e2 * q2
                    if near > nearness[row, column]:
                        nearness[row, column] = near
                        prim[row, column] = first + t


@fast_part
def on_triangle(
    vertices: Any, triangles: Any, p: int, x: float, y: float, z: float, dx: float, dy: float, dz: float
) -> Any:
    """Where a ray meets a triangle: second and third barycentric coordinate, held inside, the place, and the normal
    of the facet times twice its area (Moeller and Trumbore 1997, doi:10.1080/10867651.1997.10487468)."""
    a, b, c = triangles[p, 0], triangles[p, 1], triangles[p, 2]
    ax, ay, az = vertices[a, 0], vertices[a, 1], vertices[a, 2]
    ex, ey, ez = vertices[b, 0] - ax, vertices[b, 1] - ay, vertices[b, 2] - az
    gx, gy, gz = vertices[c, 0] - ax, vertices[c, 1] - ay, vertices[c, 2] - az
    px, py, pz = dy * gz - dz * gy, dz * gx - dx * gz, dx * gy - dy * gx
    scale = ex * px + ey * py + ez * pz
    scale = 1.0 / scale if scale != 0.0 else 0.0
    tx, ty, tz = x - ax, y - ay, z - az
    u = min(max((tx * px + ty * py + tz * pz) * scale, 0.0), 1.0)
    qx, qy, qz = ty * ez - tz * ey, tz * ex - tx * ez, tx * ey - ty * ex
    v = min(max((dx * qx + dy * qy + dz * qz) * scale, 0.0), 1.0 - u)
    hx, hy, hz = ax + u * ex + v * gx, ay + u * ey + v * gy, az + u * ez + v * gz
    return u, v, hx, hy, hz, ey * gz - ez * gy, ez * gx - ex * gz, ex * gy - ey * gx


@loop(I2, "int64", "int64", "int64", D1, F2, I2, F3, "float64", I1, F2, F2, F1, fast=True)
def first_mirrors(
    prim: Any,
    metal: int,
    left: int,
    top: int,
    camera: Any,
    vertices: Any,
    triangles: Any,
    corners: Any,
    roughness: float,
    kind: Any,
    start: Any,
    reflected: Any,
    grazing: Any,
) -> None:
    """What every pixel shows: nothing, metal (the first ``metal`` triangles) or a stone, as 0, 1, 2; and for metal
    what :func:`ringcad.render.loops.mirror` tells."""
    height, width = prim.shape
    for row in range(height):
        for column in range(width):
            p = prim[row, column]
            i = row * width + column
            kind[i] = 0 if p < 0 else (1 if p < metal else 2)
            if p < 0 or p >= metal:
                continue
            x, y, z, dx, dy, dz = pixel_ray(camera, left + column + 0.5, top + row + 0.5)
            u, v, hx, hy, hz, fx, fy, fz = on_triangle(vertices, triangles, p, x, y, z, dx, dy, dz)
            sx, sy, sz, rx, ry, rz, share = bounced(corners, p, u, v, dx, dy, dz, hx, hy, hz, fx, fy, fz, roughness)
            start[i, 0], start[i, 1], start[i, 2] = sx, sy, sz
            reflected[i, 0], reflected[i, 1], reflected[i, 2] = rx, ry, rz
            grazing[i] = share


@loop(I2, "int64", L1, result=True)
def lattice(prim: Any, metal: int, out: Any) -> int:
    """List the metal pixels of every other row and column; returns how many."""
    height, width = prim.shape
    count = 0
    for row in range(0, height, 2):
        for column in range(0, width, 2):
            if 0 <= prim[row, column] < metal:
                out[count] = row * width + column
                count += 1
    return count


@loop(I2, "int64", F2, "float64", U1, L1, result=True)
def calm(prim: Any, metal: int, reflected: Any, cone: float, state: Any, out: Any) -> int:
    """Pixels whose mirror rays must be followed after those of the :func:`lattice`; returns how many.

    Not those of a cell of the lattice that shows metal alone, whose corners' mirror rays all left the ring,
    and whose nine directions lie within ``cone`` (a cosine) of their mean: theirs leave as well (``OPEN``).
    """
    height, width = prim.shape
    for row in range(0, height - 2, 2):
        for column in range(0, width - 2, 2):
            i = row * width + column
            k = i + 2 * width
            if state[i] != OPEN or state[i + 2] != OPEN or state[k] != OPEN or state[k + 2] != OPEN:
                continue
            x = reflected[i, 0] + reflected[i + 2, 0] + reflected[k, 0] + reflected[k + 2, 0]
            y = reflected[i, 1] + reflected[i + 2, 1] + reflected[k, 1] + reflected[k + 2, 1]
            z = reflected[i, 2] + reflected[i + 2, 2] + reflected[k, 2] + reflected[k + 2, 2]
            least = cone * math.sqrt(x * x + y * y + z * z)
            even = True
            for dy in range(3):
                for dx in range(3):
                    p = prim[row + dy, column + dx]
                    j = i + dy * width + dx
                    if not 0 <= p < metal or reflected[j, 0] * x + reflected[j, 1] * y + reflected[j, 2] * z < least:
                        even = False
                        break
                if not even:
                    break
            if even:
                state[i + 1] = OPEN
                state[i + width] = OPEN
                state[i + width + 1] = OPEN
    count = 0
    for row in range(height):
        for column in range(width):
            i = row * width + column
            if state[i] == UNKNOWN and 0 <= prim[row, column] < metal:
                out[count] = i
                count += 1
    return count


@loop(L1, U1, "int64", F2, F2, "float64", "float64", U1)
def smooth_places(
    which: Any, state: Any, width: int, start: Any, reflected: Any, cone: float, bend_mm: float, out: Any
) -> None:
    """1 for pixels amid one smooth mirror whose rays leave the ring, so that samples may lie between them; else 0.

    The eight neighbours' mirror rays leave too, within ``cone`` (a cosine) of their own, and start on a surface
    that bends by less than ``bend_mm`` from pixel to pixel.
    """
    last = len(state) - width - 1
    for k in range(len(which)):
        i = which[k]
        out[k] = 0
        if i <= width or i >= last or i % width == 0 or i % width == width - 1 or state[i] != OPEN:
            continue
        found = 1
        for step in (1, width - 1, width, width + 1):
            a, b = i - step, i + step
            if state[a] != OPEN or state[b] != OPEN:
                found = 0
                break
            bend = 0.0
            here = 0.0
            there = 0.0
            for c in range(3):
                turn = start[a, c] + start[b, c] - 2.0 * start[i, c]
                bend += turn * turn
                here += reflected[a, c] * reflected[i, c]
                there += reflected[b, c] * reflected[i, c]
            if bend > bend_mm * bend_mm or here < cone or there < cone:
                found = 0
                break
        out[k] = found


@loop(L1, "float64", "float64", "int64", F2, F2, F1, F2, F2, F1)
def between(
    which: Any,
    dx: float,
    dy: float,
    width: int,
    start: Any,
    reflected: Any,
    grazing: Any,
    at: Any,
    to: Any,
    share: Any,
) -> None:
    """Mirror rays at a place off the centre of each pixel, bilinear between its neighbours'."""
    side = 1 if dx > 0.0 else -1
    below = width if dy > 0.0 else -width
    u, v = abs(dx), abs(dy)
    a, b, c, d = (1.0 - u) * (1.0 - v), u * (1.0 - v), (1.0 - u) * v, u * v
    for k in range(len(which)):
        i = which[k]
        i1, i2 = i + side, i + below
        i3 = i2 + side
        length = 0.0
        for n in range(3):
            at[k, n] = a * start[i, n] + b * start[i1, n] + c * start[i2, n] + d * start[i3, n]
            x = a * reflected[i, n] + b * reflected[i1, n] + c * reflected[i2, n] + d * reflected[i3, n]
            to[k, n] = x
            length += x * x
        length = 1.0 / math.sqrt(length)
        for n in range(3):
            to[k, n] *= length
        share[k] = a * grazing[i] + b * grazing[i1] + c * grazing[i2] + d * grazing[i3]
