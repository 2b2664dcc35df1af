"""One process at a time in a run's folder: a lock that ends with its process, however that ends."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

NAME = ".lock"


class InUse(RuntimeError):
    """Another process works in this folder. Exit code 73."""


class Lock:
    """Holds ``folder/.lock`` from `take` until `give_back` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._file: int | None = None

    def take(self) -> None:
        """Raises InUse. Where the file system knows no locks, there is none."""
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise InUse(
                    f"another process is working in {str(self.path.parent)!r}; wait for it, or name"
                    " another folder"
                ) from None
            return
        self._file = file

    def give_back(self) -> None:
        """Let others in."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
