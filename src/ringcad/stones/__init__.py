"""Stones of every cut: the girdle's outline as an exact curve, facets, volume and weight.

Frame of a stone: origin in the plane of the girdle's lower edge, where the culet points to; +z through the
table, length along +y (the point of a pear or a heart looks to +y and -y as jewelers draw them), width along x.
"""
