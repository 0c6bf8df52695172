"""Standards as data: ring sizes, stones, gems, alloys, setting rules, foundry profiles, each row with its source."""

from __future__ import annotations

from ringcad.standards.cuts import Cut, cut, cuts
from ringcad.standards.foundry import FoundryProfile, foundry_profile, parse_profile, shipped_profiles
from ringcad.standards.materials import (
    GRAM_PER_CARAT,
    Alloy,
    Gem,
    RoundProportions,
    alloy,
    alloys,
    gem,
    gems,
    round_proportions,
)
from ringcad.standards.ring_sizes import (
    NearestLabel,
    RingSize,
    RingSizeError,
    SizeRow,
    SizeSystem,
    nearest_labels,
    ring_size,
    size_systems,
    size_table,
)
from ringcad.standards.rules import SettingRule, setting_rule, setting_rules
from ringcad.standards.tables import Provenance, TableError, UnknownNameError

__all__ = [
    "GRAM_PER_CARAT",
    "Alloy",
    "Cut",
    "FoundryProfile",
    "Gem",
    "NearestLabel",
    "Provenance",
    "RingSize",
    "RingSizeError",
    "RoundProportions",
    "SettingRule",
    "SizeRow",
    "SizeSystem",
    "TableError",
    "UnknownNameError",
    "alloy",
    "alloys",
    "cut",
    "cuts",
    "foundry_profile",
    "gem",
    "gems",
    "nearest_labels",
    "parse_profile",
    "ring_size",
    "round_proportions",
    "setting_rule",
    "setting_rules",
    "shipped_profiles",
    "size_systems",
    "size_table",
]
