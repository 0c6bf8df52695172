"""The inner loops over images: the studio's map, tone curve, uneven pixels, blur, enlarging, bytes."""

from __future__ import annotations

import math
from typing import Any

from ringcad.render.compiled import D1, D2, F1, F2, F3, I1, I2, L1, U2, U3, loop, part, smooth
from ringcad.render.loops import table_shade
from ringcad.render.loops_frame import on_triangle, pixel_ray


@loop(F2, I1, "int64", "float64", "float64", "float64", "float64", F2)
def expose(
    light: Any, kind: Any, metal_kind: int, gain: float, pivot: float, exponent: float, knee: float, out: Any
) -> None:
    """Scene light to linear display light: metal by its exposure and contrast, then the tone curve.

    Where nothing was met (kind 0) ``out`` keeps what it holds, the paper behind.
    """
    room = 1.0 - knee
    for i in range(len(light)):
        if kind[i] == 0:
            continue
        r, g, b = light[i, 0], light[i, 1], light[i, 2]
        if kind[i] == metal_kind:
            r *= gain
            g *= gain
            b *= gain
            if exponent != 1.0:
                level = max(0.2126 * r + 0.7152 * g + 0.0722 * b, 1e-6)
                lift = math.pow(level / pivot, exponent - 1.0)
                r *= lift
                g *= lift
                b *= lift
        peak = max(r, g, b)
        if peak > knee:
            over = peak - knee
            rolled = knee + room * over / (over + room)
            factor = rolled / peak
            bleach = min(max((peak - 1.0) * 0.14, 0.0), 0.6)
            r = r * factor + bleach * (rolled - r * factor)
            g = g * factor + bleach * (rolled - g * factor)
            b = b * factor + bleach * (rolled - b * factor)
        out[i, 0] = r
        out[i, 1] = g
        out[i, 2] = b


@loop(D2, D2, F3)
def paint(panels: Any, lamps: Any, image: Any) -> None:
    """Fill an octahedral map: pale table below, dark room with a faint horizon above, panels, lamps."""
    size = image.shape[0]
    for row in range(size):
        for column in range(size):
            x = (column + 0.5) / size * 2.0 - 1.0
            z = (row + 0.5) / size * 2.0 - 1.0
            y = 1.0 - abs(x) - abs(z)
            if y < 0.0:
                fx = math.copysign(1.0 - abs(z), x)
                z = math.copysign(1.0 - abs(x), z)
                x = fx
            scale = 1.0 / math.sqrt(x * x + y * y + z * z)
            x *= scale
            y *= scale
            z *= scale
            if y >= 0.0:
                level = 0.032 + 0.045 * (0.5 + 0.5 * z) + 0.22 * math.exp(-y / 0.13)
                r, g, b = 1.04 * level, 0.99 * level, 0.94 * level
            else:
                level = 0.295 + 0.03 * z - 0.17 * smooth(-y / 0.12) + 0.42 * smooth((-y - 0.05) * 1.8)
                r, g, b = 1.03 * level, 1.0 * level, 0.96 * level
            for k in range(panels.shape[0]):
                t = x * panels[k, 0] + y * panels[k, 1] + z * panels[k, 2]
                if t < 0.05:
                    continue
                soft = panels[k, 12]
                u = (x * panels[k, 3] + y * panels[k, 4] + z * panels[k, 5]) / t
                if abs(u) > 1.0 + 0.5 * soft:
                    continue
                v = (x * panels[k, 6] + y * panels[k, 7] + z * panels[k, 8]) / t
                if abs(v) > 1.0 + 0.5 * soft:
                    continue
                mask = smooth((1.0 - abs(u)) / soft + 0.5) * smooth((1.0 - abs(v)) / soft + 0.5)
                if mask > 0.0:
                    level = 1.0 - panels[k, 13] * (0.5 - 0.5 * min(max(v, -1.0), 1.0))
                    r += mask * (level * panels[k, 9] - r)
                    g += mask * (level * panels[k, 10] - g)
                    b += mask * (level * panels[k, 11] - b)
            for k in range(lamps.shape[0]):
                t = x * lamps[k, 0] + y * lamps[k, 1] + z * lamps[k, 2]
                if t > lamps[k, 3] - 0.0003:
                    mask = smooth((t - lamps[k, 3]) / 0.0006 + 0.5)
                    r += mask * lamps[k, 4]
                    g += mask * lamps[k, 5]
                    b += mask * lamps[k, 6]
            image[row, column, 0] = r
            image[row, column, 1] = g
            image[row, column, 2] = b


@loop(F3, U2, F1, "int64", U3, L1)
def eight_bit(display: Any, metal: Any, table: Any, top: int, pixels: Any, histogram: Any) -> None:
    """Code, dither and quantise rows from ``top`` on; count the luminance of metal pixels into the histogram's bins
    over 0..1."""
    steps = len(table) - 1
    bins = len(histogram)
    for y in range(display.shape[0]):
        for x in range(display.shape[1]):
            h = (x * 73856093) ^ ((top + y) * 19349663)
            h &= 0xFFFFFFFF
            h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
            h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
            h ^= h >> 16
            noise = ((h & 0xFF) + ((h >> 8) & 0xFF)) / 512.0
            r = table[int(math.sqrt(min(max(display[y, x, 0], 0.0), 1.0)) * steps + 0.5)]
            g = table[int(math.sqrt(min(max(display[y, x, 1], 0.0), 1.0)) * steps + 0.5)]
            b = table[int(math.sqrt(min(max(display[y, x, 2], 0.0), 1.0)) * steps + 0.5)]
            if metal[y, x]:
                level = 0.2126 * r + 0.7152 * g + 0.0722 * b
                histogram[min(int(level * bins), bins - 1)] += 1
            pixels[y, x, 0] = min(max(int(r * 255.0 + noise), 0), 255)
            pixels[y, x, 1] = min(max(int(g * 255.0 + noise), 0), 255)
            pixels[y, x, 2] = min(max(int(b * 255.0 + noise), 0), 255)


@loop(F2, I1, "int64", "float64", F1, L1, result=True)
def uneven(display: Any, kind: Any, width: int, threshold: float, level: Any, out: Any) -> int:
    """List the pixels that differ from one of their four neighbours in kind or, on the display, by more than the
    threshold; returns how many. ``level`` gets the root of linear luminance: about even steps for the eye."""
    total = len(kind)
    for i in range(total):
        luminance = 0.2126 * display[i, 0] + 0.7152 * display[i, 1] + 0.0722 * display[i, 2]
        level[i] = math.sqrt(min(max(luminance, 0.0), 1.0))
    count = 0
    for i in range(total):
        column = i % width
        what, own = kind[i], level[i]
        if (
            (column > 0 and (kind[i - 1] != what or abs(level[i - 1] - own) > threshold))
            or (column < width - 1 and (kind[i + 1] != what or abs(level[i + 1] - own) > threshold))
            or (i >= width and (kind[i - width] != what or abs(level[i - width] - own) > threshold))
            or (i + width < total and (kind[i + width] != what or abs(level[i + width] - own) > threshold))
        ):
            out[count] = i
            count += 1
    return count


@loop(L1, F2, F2, F1, F1, F1)
def add_samples(which: Any, shown: Any, total: Any, taken: Any, low: Any, high: Any) -> None:
    """One more sample for each of the pixels ``which``; ``low, high`` hold their darkest and brightest so far."""
    for k in range(len(which)):
        i = which[k]
        r, g, b = shown[k, 0], shown[k, 1], shown[k, 2]
        total[i, 0] += r
        total[i, 1] += g
        total[i, 2] += b
        taken[i] += 1.0
        level = math.sqrt(min(max(0.2126 * r + 0.7152 * g + 0.0722 * b, 0.0), 1.0))
        low[i] = min(low[i], level)
        high[i] = max(high[i], level)


@loop("int64", "float64", "float64", F1, D2, D1, F2, F2, L1, result=True)
def shade_rays(
    cells: int, half: float, z: float, turn: Any, fan: Any, bounds: Any, origins: Any, directions: Any, which: Any
) -> int:
    """Rays up from the cells of a square table that meet the box ``bounds`` (least x, y, z, greatest x, y, z).

    ``fan`` (n, 3) are the directions at each cell, turned by its own angle; ``which`` gets the cells. Returns how
    many rays there are.
    """
    count = 0
    for i in range(cells * cells):
        x = ((i % cells + 0.5) / cells * 2.0 - 1.0) * half
        y = ((i // cells + 0.5) / cells * 2.0 - 1.0) * half
        cosine, sine = math.cos(turn[i]), math.sin(turn[i])
        for k in range(len(fan)):
            dx = cosine * fan[k, 0] - sine * fan[k, 1]
            dy = sine * fan[k, 0] + cosine * fan[k, 1]
            dz = fan[k, 2]
            ax, bx = (bounds[0] - x) / dx, (bounds[3] - x) / dx
            ay, by = (bounds[1] - y) / dy, (bounds[4] - y) / dy
            enter = max(min(ax, bx), min(ay, by), (bounds[2] - z) / dz, 0.0)
            leave = min(max(ax, bx), max(ay, by), (bounds[5] - z) / dz)
            if enter > leave:
                continue
            origins[count, 0], origins[count, 1], origins[count, 2] = x, y, z
            directions[count, 0], directions[count, 1], directions[count, 2] = dx, dy, dz
            which[count] = i
            count += 1
    return count


@loop(D1, "float64", "float64", "float64", F2, D1, F3, F2, F2, L1, result=True)
def paper(
    camera: Any,
    step: float,
    ground_z: float,
    half: float,
    grid: Any,
    warmth: Any,
    image: Any,
    at: Any,
    mirrored: Any,
    which: Any,
) -> int:
    """Fill an image, ``step`` times smaller than the view, with pale paper that the ring shades.

    Also lists the pixels on the table with their place and the mirrored ray; returns how many.
    """
    height, width = image.shape[0], image.shape[1]
    count = 0
    for row in range(height):
        for column in range(width):
            u = ((column + 0.5) / width - 0.5) / 0.62
            v = ((row + 0.5) / height - 0.52) / 0.58
            glow = math.exp(-(u * u + v * v))
            base = 0.58 + 0.27 * glow
            r = base * 0.988 + glow * 0.014
            g = base * 0.99 + glow * 0.0098
            b = base + glow * 0.0028
            if half > 0.0:
                x, y, z, dx, dy, dz = pixel_ray(camera, (column + 0.5) * step, (row + 0.5) * step)
                if dz < -1e-4:
                    t = (ground_z - z) / dz
                    x += t * dx
                    y += t * dy
                    far = max(abs(x), abs(y))
                    if far < half:
                        edge = min(max((1.0 - far / half) / 0.25, 0.0), 1.0)
                        lost = (1.0 - math.pow(table_shade(grid, half, x, y), 1.25)) * edge
                        r *= 1.0 - lost + lost * warmth[0]
                        g *= 1.0 - lost + lost * warmth[1]
                        b *= 1.0 - lost + lost * warmth[2]
                        at[count, 0], at[count, 1], at[count, 2] = x, y, ground_z + 2e-3
                        mirrored[count, 0], mirrored[count, 1], mirrored[count, 2] = dx, dy, -dz
                        which[count] = row * width + column
                        count += 1
            image[row, column, 0] = r
            image[row, column, 1] = g
            image[row, column, 2] = b
    return count


@loop(F3, F1, F3, F3)
def blur(image: Any, taps: Any, work: Any, out: Any) -> None:
    """Blur rows and columns by odd taps, edges repeated; ``work`` is an image of the same shape."""
    height, width, channels = image.shape
    reach = len(taps) // 2
    for row in range(height):
        for column in range(width):
            for c in range(channels):
                work[row, column, c] = 0.0
        for k in range(len(taps)):
            source = min(max(row + k - reach, 0), height - 1)
            for column in range(width):
                for c in range(channels):
                    work[row, column, c] += taps[k] * image[source, column, c]
    for row in range(height):
        for column in range(width):
            for c in range(channels):
                out[row, column, c] = 0.0
            for k in range(len(taps)):
                source = min(max(column + k - reach, 0), width - 1)
                for c in range(channels):
                    out[row, column, c] += taps[k] * work[row, source, c]


@part
def keys(t: float) -> Any:
    """Weights of the four values about a place ``t`` after the second of them (Keys 1981, a = -1/2)."""
    return (
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    )


@loop(F3, "int64", "int64", "int64", F3, F3)
def enlarge(image: Any, step: int, top: int, left: int, band: Any, out: Any) -> None:
    """Fill ``out`` with the part from (top, left) on of the image ``step`` times larger, bicubic.

    ``band`` gets one of its rows before it is widened.
    """
    height, width = image.shape[0], image.shape[1]
    for row in range(out.shape[0]):
        place = (top + row + 0.5) / step - 0.5
        base = math.floor(place)
        a, b, c, d = keys(place - base)
        r0, r1 = max(base - 1, 0), max(base, 0)
        r2, r3 = min(base + 1, height - 1), min(base + 2, height - 1)
        for column in range(width):
            for n in range(3):
                band[0, column, n] = (
                    a * image[r0, column, n]
                    + b * image[r1, column, n]
                    + c * image[r2, column, n]
                    + d * image[r3, column, n]
                )
        for phase in range(step):
            place = (left + phase + 0.5) / step - 0.5
            start = math.floor(place)
            a, b, c, d = keys(place - start)
            for column in range(phase, out.shape[1], step):
                base = start + (column - phase) // step
                c0, c1 = max(base - 1, 0), max(base, 0)
                c2, c3 = min(base + 1, width - 1), min(base + 2, width - 1)
                for n in range(3):
                    out[row, column, n] = (
                        a * band[0, c0, n] + b * band[0, c1, n] + c * band[0, c2, n] + d * band[0, c3, n]
                    )


@loop(F3, "int64", L1, L1, F2)
def enlarged_at(image: Any, step: int, rows: Any, columns: Any, out: Any) -> None:
    """Single pixels of the image ``step`` times larger, as :func:`enlarge` has them."""
    height, width = image.shape[0], image.shape[1]
    for i in range(len(rows)):
        y, x = (rows[i] + 0.5) / step - 0.5, (columns[i] + 0.5) / step - 0.5
        row, column = math.floor(y), math.floor(x)
        down, right = keys(y - row), keys(x - column)
        for n in range(3):
            total = 0.0
            for k in range(4):
                r = min(max(row - 1 + k, 0), height - 1)
                for j in range(4):
                    total += down[k] * right[j] * image[r, min(max(column - 1 + j, 0), width - 1), n]
            out[i, n] = total


@loop(I2, D1, F2, I2, F3, D1, "float64", D1, D2, D1, D1, U3)
def walls(
    prim: Any,
    camera: Any,
    vertices: Any,
    triangles: Any,
    corners: Any,
    thickness: Any,
    limit: float,
    stops: Any,
    colors: Any,
    unknown: Any,
    light: Any,
    out: Any,
) -> None:
    """Shaded thickness of the metal in each pixel of ``prim``, averaged over the whole squares of it that make one
    pixel of ``out``. Colours are those of :func:`ringcad.render.walls.scale_color`, before a pale ground."""
    step = prim.shape[0] // out.shape[0]
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            r, g, b = 0.0, 0.0, 0.0
            for y in range(row * step, (row + 1) * step):
                for x in range(column * step, (column + 1) * step):
                    p = prim[y, x]
                    if p < 0:
                        r += 0.97
                        g += 0.97
                        b += 0.97
                        continue
                    ox, oy, oz, dx, dy, dz = pixel_ray(camera, x + 0.5, y + 0.5)
                    b1, b2, _, _, _, _, _, _ = on_triangle(vertices, triangles, p, ox, oy, oz, dx, dy, dz)
                    b0 = 1.0 - b1 - b2
                    nx = b0 * corners[p, 0, 0] + b1 * corners[p, 1, 0] + b2 * corners[p, 2, 0]
                    ny = b0 * corners[p, 0, 1] + b1 * corners[p, 1, 1] + b2 * corners[p, 2, 1]
                    nz = b0 * corners[p, 0, 2] + b1 * corners[p, 1, 2] + b2 * corners[p, 2, 2]
                    s = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-18)
                    shade = 0.62 + 0.38 * min(max((nx * light[0] + ny * light[1] + nz * light[2]) * s, 0.0), 1.0)
                    value = (
                        b0 * thickness[triangles[p, 0]]
                        + b1 * thickness[triangles[p, 1]]
                        + b2 * thickness[triangles[p, 2]]
                    ) / limit
                    if not math.isfinite(value):
                        r += shade * unknown[0]
                        g += shade * unknown[1]
                        b += shade * unknown[2]
                        continue
                    k = 0
                    while k < len(stops) - 2 and value > stops[k + 1]:
                        k += 1
                    t = min(max((value - stops[k]) / (stops[k + 1] - stops[k]), 0.0), 1.0)
                    r += shade * (colors[k, 0] + t * (colors[k + 1, 0] - colors[k, 0]))
                    g += shade * (colors[k, 1] + t * (colors[k + 1, 1] - colors[k, 1]))
                    b += shade * (colors[k, 2] + t * (colors[k + 1, 2] - colors[k, 2]))
            scale = 255.0 / (step * step)
            out[row, column, 0] = min(max(int(r * scale + 0.5), 0), 255)
            out[row, column, 1] = min(max(int(g * scale + 0.5), 0), 255)
            out[row, column, 2] = min(max(int(b * scale + 0.5), 0), 255)
