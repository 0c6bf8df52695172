"""Options of the test run and the rings that several test files share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--run-rings",
        type=int,
        default=0,
        metavar="N",
        help="build N random specs all the way to a gated STL (about half a minute each)",
    )
    parser.addoption(
        "--rings-from",
        type=Path,
        default=None,
        metavar="DIR",
        help="use the shipped rings kept in DIR, build and keep the missing ones (for work on the tests alone)",
    )


@pytest.fixture(scope="session")
def rings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """All shipped specs, each built once."""
    from rings_support import SHIPPED, Rings

    found = Rings(tmp_path_factory.mktemp("rings"), request.config.getoption("--rings-from"))
    asked = {item.callspec.params.get("spec") for item in request.session.items if hasattr(item, "callspec")}
    found.start([name for name in SHIPPED if name in asked])
    yield found
    found.close()
