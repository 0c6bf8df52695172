"""The Python API: ``ringcad.build``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.cache import default_cache_folder
from ringcad.options import BuildOptions
from ringcad.pipeline import build_ring
from ringcad.progress import ProgressCallback, silent
from ringcad.result import BuildResult

if TYPE_CHECKING:
    from ringcad.spec import Spec

__all__ = ["BuildResult", "build"]


def build(
    spec: Spec | Mapping[str, Any] | str | Path,
    out: str | Path | None = None,
    *,
    pictures: bool | None = None,
    step: bool | None = None,
    solid: bool = True,
    name: str | None = None,
    cache: bool | str | Path = True,
    fresh_relief: bool = False,
    stage_limits_s: Mapping[str, float] | None = None,
    progress: ProgressCallback = silent,
) -> BuildResult:
    """Build a ring and hand it back.

    Parameters
    ----------
    spec
        Path of a YAML spec, a mapping with the same content, or a :class:`ringcad.spec.Spec`.
    out
        Folder for the files; without it they live in a private folder as long as the result.
    pictures, step
        ``False`` leaves them out; by default they are made when ``out`` is given and the spec wants them.
    solid
        Keep the solid for ``result.solid`` when there is no STEP file to load it from.
    name
        Name of the files (default: the spec file's, else ``ring``).
    cache
        ``False`` for none, or a folder.
    fresh_relief
        Have the reliefs drawn again.
    stage_limits_s
        Seconds per stage of the kernel.
    progress
        Called with a :class:`ringcad.progress.ProgressEvent` per step.

    Returns
    -------
    BuildResult
        ``result.ok``, ``result.findings``, ``result.report``, ``result.mesh`` (trimesh),
        ``result.solid`` (CadQuery), ``result.files``.

    Raises
    ------
    SpecError, InputError
        Bad input.
    KernelFault
        A fault of ours.

    Examples
    --------
    >>> ring = ringcad.build("ring.yaml", out="out")          # doctest: +SKIP
    >>> ring.status, ring.mesh.volume                          # doctest: +SKIP
    """
    folder = None if cache is False else default_cache_folder() if cache is True else Path(cache)
    wants = out is not None
    options = BuildOptions(
        out=None if out is None else Path(out),
        pictures=wants if pictures is None else pictures,
        step=wants if step is None else step,
        cache=folder,
        stage_limits_s=dict(stage_limits_s or {}),
        fresh_relief=fresh_relief,
        keep_solid=solid and out is None,
    )
    return build_ring(spec, options, progress, name=name)
