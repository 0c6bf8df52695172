"""What a caller may choose about a build; nothing here changes the metal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ringcad.cache import default_cache_folder


@dataclass(frozen=True)
class BuildOptions:
    """Choices of one build.

    Attributes
    ----------
    out
        Output folder; ``None`` = a private folder that lives as long as the result.
    pictures, step
        ``False`` leaves them out even if the spec wants them.
    cache
        Folder of reusable results; ``None`` = none.
    stage_limits_s
        Seconds per stage of the kernel, over the built-in table.
    fresh_relief
        Have every relief drawn again, whatever is stored.
    keep_solid
        Keep the solid for :attr:`ringcad.result.BuildResult.solid`.
    picture_size_px
        Width of each picture.
    sign_key
        PEM file with an Ed25519 private key that signs the certificate; ``None`` leaves it unsigned.
    """

    out: Path | None = None
    pictures: bool = True
    step: bool = True
    cache: Path | None = field(default_factory=default_cache_folder)
    stage_limits_s: Mapping[str, float] = field(default_factory=dict)
    fresh_relief: bool = False
    keep_solid: bool = False
    picture_size_px: int = 1600
    sign_key: Path | None = None
