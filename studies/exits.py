"""How a command ends: exit codes, and what is said about each kind of error."""

from __future__ import annotations

import signal
import sys
from typing import Any

from thincell.studies.console import abort_others, complain, rank

GOOD, MISSED, BAD_INPUT, FAILED, AUDIT = 0, 1, 2, 3, 4
BUG, IN_USE, CANNOT_WRITE, STOPPED, INTERRUPTED = 70, 73, 74, 75, 130

#: Exit codes of errors, by the names of their classes: most of these need not be imported.
CODES = {
    "InputError": BAD_INPUT,
    "LibraryError": BAD_INPUT,
    "RunFailed": FAILED,
    "AuditFailed": AUDIT,
    "InUse": IN_USE,
    "WriteError": CANNOT_WRITE,
    "RunStopped": STOPPED,
}


def code_of(error: Exception) -> int:
    """Say what is wrong and give its exit code; unknown errors keep their traceback."""
    name = type(error).__name__
    if name == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n" if rank() == 0 else "")  # type: ignore[attr-defined]
        return BAD_INPUT
    if name == "Abort":
        complain("interrupted")
        abort_others(INTERRUPTED)
        return INTERRUPTED
    if hasattr(error, "format_message"):  # usage: unknown option, missing argument
        complain(_usage(error))
        return BAD_INPUT
    code = CODES.get(name)
    if code is not None:
        complain(str(error))
        by_hand = getattr(error, "signal", None) == signal.SIGINT
        return INTERRUPTED if by_hand else code
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        complain(f"{place}{error.strerror or error}")
        abort_others(BAD_INPUT)
        return BAD_INPUT
    import traceback

    traceback.print_exc()
    complain(f"this is a mistake of thincell, not yours; please report it: {name}: {error}")
    abort_others(BUG)
    return BUG


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "thincell")
    return f"{command}: {error.format_message()} (see `{command} --help`)"
