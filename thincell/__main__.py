"""`python -m thincell` is the command `thincell`."""

from __future__ import annotations

from thincell.studies.cli import main

if __name__ == "__main__":
    main()
