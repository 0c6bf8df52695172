"""The one command that trains the generator: what it needs is said before the first step."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringcad.generators.ornament import train


def test_a_checkout_has_what_must_not_be_trained_on() -> None:
    assert train.FROZEN.is_file()


@pytest.mark.parametrize(
    ("lacking", "said"),
    [("prompts", "checkout of the project"), ("torch", "needs torch"), ("wordnet", "has no data.noun")],
)
def test_what_is_lacking_is_said_before_the_first_step(
    lacking: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if lacking != "wordnet":
        (tmp_path / "data.noun").touch()
    if lacking == "prompts":
        monkeypatch.setattr(train, "FROZEN", tmp_path / "absent.yaml")
    monkeypatch.setattr(train.importlib.util, "find_spec", lambda name: None if lacking == "torch" else object())
    monkeypatch.setattr(train, "run", lambda *given: pytest.fail("a step was begun"))
    with pytest.raises(SystemExit) as stopped:
        train.main([str(tmp_path)])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_with_everything_there_the_steps_are_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data.noun").touch()
    monkeypatch.setattr(train.importlib.util, "find_spec", lambda name: object())
    begun: list[str] = []
    monkeypatch.setattr(train, "run", lambda given, steps: begun.extend(name for name, _ in steps))
    train.main([str(tmp_path), "--only", "sampler", "table"])
    assert begun == ["table", "sampler"]
