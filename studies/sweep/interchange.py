"""Parsl's interchange, run as a script by the driver, with two things of ours.

It ends with the driver that started it, however that ended: then the workers, which hear nothing from
it any more, end as well. And it ignores Ctrl-C, which a terminal sends to every process of the
command: the driver still needs it to end in good order.
"""

from __future__ import annotations

import os
import runpy
import signal
import threading
import time

#: How often it looks for its parent [s].
PERIOD = 0.5


def end_with(parent: int) -> None:
    """End this process once it has another parent than it had."""
    while os.getppid() == parent:
        time.sleep(PERIOD)
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    runpy.run_module("parsl.executors.high_throughput.interchange", run_name="__main__", alter_sys=True)
