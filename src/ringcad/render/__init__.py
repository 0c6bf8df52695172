"""Pictures of a ring: a small studio ray tracer for polished metal and faceted stones.

``render_views`` writes the three pictures, ``check_exposure`` is the automatic guard,
``render_walls`` draws the map of measured wall thickness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ringcad.render.scene import Picture, RenderScene, StoneInstance, ViewHints

if TYPE_CHECKING:
    from ringcad.render.develop import check_exposure
    from ringcad.render.pictures import render_views
    from ringcad.render.walls import render_walls

__all__ = ["Picture", "RenderScene", "StoneInstance", "ViewHints", "check_exposure", "render_views", "render_walls"]


def __getattr__(name: str) -> Any:
    if name == "render_views":
        from ringcad.render.pictures import render_views

        return render_views
    if name == "render_walls":
        from ringcad.render.walls import render_walls

        return render_walls
    if name == "check_exposure":
        from ringcad.render.develop import check_exposure

        return check_exposure
    raise AttributeError(name)
