"""Pieces, extremes and distances on masks against scipy and against plain search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ringcad.core.rasters import box_mean, components, distance_to_false, piece_maximum, pieces, square_maximum

seeds = st.integers(min_value=0, max_value=2**32 - 1)
sides = st.integers(min_value=1, max_value=30)
shares = st.sampled_from([0.0, 0.05, 0.3, 0.5, 0.6, 0.8, 0.97, 1.0])


@given(seeds, st.integers(min_value=1, max_value=400), st.floats(min_value=0.0, max_value=2.0))
@settings(max_examples=80, deadline=None)
def test_components_are_those_of_scipy_in_the_same_order(seed: int, size: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    one, two = rng.integers(size, size=(2, int(density * size)))
    number, label = components(size, one, two)
    graph = coo_matrix((np.ones(len(one)), (one, two)), shape=(size, size))
    expected, labels = connected_components(graph, directed=False)
    assert number == expected
    np.testing.assert_array_equal(label, labels)


@pytest.mark.parametrize("size", [2, 3, 1000, 65537])
def test_a_long_chain_is_one_component_however_it_is_numbered(size: int) -> None:
    for order in (np.arange(size), np.arange(size)[::-1], np.random.default_rng(size).permutation(size)):
        number, label = components(size, order[:-1], order[1:])
        assert number == 1 and not label.any()
    assert components(size, np.zeros(0, int), np.zeros(0, int))[0] == size


@given(seeds, sides, sides, shares)
@settings(max_examples=120, deadline=None)
def test_pieces_are_those_of_scipy(seed: int, rows: int, columns: int, share: float) -> None:
    mask = np.random.default_rng(seed).random((rows, columns)) < share
    label, number = pieces(mask)
    expected, count = ndimage.label(mask, structure=np.ones((3, 3)))
    assert number == count
    np.testing.assert_array_equal(label, expected)


@given(seeds, sides, st.integers(min_value=3, max_value=30), shares)
@settings(max_examples=120, deadline=None)
def test_pieces_across_the_seam_are_those_of_the_rolled_mask(seed: int, rows: int, columns: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((rows, columns)) < share
    label, number = pieces(mask, periodic=True)
    assert (label > 0).tolist() == mask.tolist()
    shift = int(rng.integers(columns))
    rolled, count = pieces(np.roll(mask, shift, axis=1), periodic=True)
    assert number == count == len(np.unique(label[mask]))
    together = np.unique(np.stack([label, np.roll(rolled, -shift, axis=1)], axis=-1)[mask], axis=0)
    assert len(together) == number, "the same cells lie together, wherever the seam is"
    # three turns of the band, unrolled: what meets in the middle turn meets across the seam
    tripled, _ = ndimage.label(np.tile(mask, 3), structure=np.ones((3, 3)))
    middle = tripled[:, columns : 2 * columns]
    linked = np.unique(np.stack([middle, label], axis=-1)[mask], axis=0)
    assert len(np.unique(linked[:, 0])) == len(linked), "a piece of the unrolled band has one label"


@given(seeds, sides, sides, shares)
@settings(max_examples=60, deadline=None)
def test_piece_maximum_is_the_largest_of_each_label(seed: int, rows: int, columns: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    label, number = pieces(rng.random((rows, columns)) < share)
    values = rng.random((rows, columns)).astype(np.float32)
    found = piece_maximum(values, label, number)
    for k in range(number + 1):
        assert found[k] == (values[label == k].max() if (label == k).any() else -np.inf)


@given(seeds, sides, sides, st.integers(min_value=0, max_value=12))
@settings(max_examples=80, deadline=None)
def test_square_maximum_is_scipys_filter(seed: int, rows: int, columns: int, reach: int) -> None:
    values = np.random.default_rng(seed).random((rows, columns))
    size = 2 * reach + 1
    for beyond, mode in (("edge", "nearest"), ("nothing", "constant"), ("wrap", ("constant", "wrap"))):
        expected = ndimage.maximum_filter(values, size, mode=mode)  # the values are above scipy's 0 beyond the edge
        np.testing.assert_array_equal(square_maximum(values, reach, beyond=beyond), expected)
    holes = values > 0.8
    expected = ndimage.maximum_filter(holes, size, mode=("constant", "wrap"))
    np.testing.assert_array_equal(square_maximum(holes, reach, beyond="wrap"), expected)


@given(seeds, sides, sides, st.tuples(st.integers(0, 9), st.integers(0, 9)), st.booleans())
@settings(max_examples=80, deadline=None)
def test_box_mean_is_scipys_filter_to_the_last_bit(
    seed: int, rows: int, columns: int, reach: tuple[int, int], periodic: bool
) -> None:
    values = np.random.default_rng(seed).random((rows, columns)).astype(np.float32)
    mode = ("constant", "wrap" if periodic else "constant")
    expected = ndimage.uniform_filter(values, (2 * reach[0] + 1, 2 * reach[1] + 1), mode=mode)
    np.testing.assert_array_equal(box_mean(values, reach, periodic=periodic), expected)


@given(seeds, sides, sides, shares, st.integers(min_value=1, max_value=50))
@settings(max_examples=120, deadline=None)
def test_distances_are_exact_up_to_the_limit(seed: int, rows: int, columns: int, share: float, limit: int) -> None:
    mask = np.random.default_rng(seed).random((rows, columns)) < share
    found = distance_to_false(mask, limit)
    if mask.all():
        assert np.all(np.isinf(found))
        return
    expected = ndimage.distance_transform_edt(mask)
    np.testing.assert_array_equal(found, np.where(expected <= limit, expected, np.inf))
