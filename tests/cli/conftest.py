"""Running the command within this process, and the smallest good case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from thincell.studies import cli

GOOD = """
title = "a small case"

[cell]
type = "chip"

[electrolyte]
name = "LiPF6-EC-DMC"

[reactions.plating]
name = "Li/Li+"

[[protocol]]
plate = "10 mA/cm^2"
for = "1 s"
"""


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """Lines of stderr."""
        return self.err.splitlines()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A file with the smallest good case."""
    path = tmp_path / "case.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def thincell(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Runs the command line in this process."""

    def call(*arguments: object) -> Answer:
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            cli.main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        code = caught.value.code
        assert isinstance(code, int)
        return Answer(code, captured.out, captured.err)

    return call
