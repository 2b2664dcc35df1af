"""Where points are computed: the one layer that knows Parsl.

`local` uses the cores of this machine, `slurm` asks a cluster for blocks of nodes, and `MODULE:NAME`
takes a Parsl configuration of the user's own. Parsl's workers do nothing but start processes and wait
for them, so there is one worker per point that runs at a time, however many cores that uses.
"""

from __future__ import annotations

import importlib
import logging
import math
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import parsl
import psutil
from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.executors.high_throughput.executor import DEFAULT_INTERCHANGE_LAUNCH_CMD
from parsl.executors.status_handling import BlockProviderExecutor
from parsl.launchers import SimpleLauncher, SrunLauncher
from parsl.providers import LocalProvider, SlurmProvider

from thincell.studies.schema.errors import InputError, one_line

if TYPE_CHECKING:
    from thincell.studies.sweep.file import EngineTable, SlurmTable

#: Seconds between two signs of life of workers, and after how many without one they are given up.
LOCAL_HEARTBEAT, CLUSTER_HEARTBEAT = (2, 15), (10, 120)

#: Seconds between two looks at whether more blocks are needed, and between two questions to Slurm.
LOOK, SLURM_LOOK = 0.5, 15

#: A worker only waits, so it is the number of points at a time that limits them and not the cores.
NO_CORE = 1e-3


class EngineFailed(RuntimeError):
    """No worker can be had. Exit code 3."""


class Engine:
    """Workers that are there from construction to `close`. ``slots`` is how many there may be."""

    def __init__(self, config: Config) -> None:
        self.slots = sum(_slots(executor) for executor in config.executors)
        self._kernel = parsl.dataflow.dflow.DataFlowKernel(config)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a function of an importable module called by a worker."""
        answer: Future[Any] = self._kernel.submit(
            function, arguments, executors="all", cache=False, ignore_for_cache=None, app_kwargs={}
        )
        return answer

    def check(self) -> None:
        """Raises EngineFailed when there will be no more workers."""
        for executor in self._kernel.executors.values():
            if isinstance(executor, BlockProviderExecutor) and executor.bad_state_is_set:
                raise EngineFailed(f"no workers: {one_line(str(executor.executor_exception))}")

    def close(self) -> None:
        """End the workers, and whatever still runs on them."""
        self._kernel.cleanup()


def start(name: str, table: EngineTable, root: Path) -> Engine:
    """The engine ``local``, ``slurm`` or ``MODULE[:NAME]``, as the sweep file describes it."""
    makers = {"local": _local, "slurm": _slurm}
    config = makers[name](table) if name in makers else _load(name)
    config.run_dir = str(root / "parsl")
    config.usage_tracking = 0
    if config.initialize_logging is True:  # Parsl would write down every look that it takes
        config.initialize_logging = False
        parsl.set_file_logger(str(root / "parsl" / "parsl.log"), level=logging.INFO)
    for executor in config.executors:
        if isinstance(executor, HighThroughputExecutor):
            _own_interchange(executor)
    return Engine(config)


def _local(table: EngineTable) -> Config:
    cores = table.local.cores or len(os.sched_getaffinity(0))
    period, threshold = LOCAL_HEARTBEAT
    executor = HighThroughputExecutor(
        label="local",
        address="127.0.0.1",
        max_workers_per_node=max(1, cores // table.ranks),
        cores_per_worker=NO_CORE,
        heartbeat_period=period,
        heartbeat_threshold=threshold,
        provider=LocalProvider(
            launcher=SimpleLauncher(), worker_init=f"{_path()}\n{_guard()}", init_blocks=1, max_blocks=1
        ),
    )
    return Config(executors=[executor], strategy="simple", strategy_period=LOOK)


def _slurm(table: EngineTable) -> Config:
    asked = table.slurm
    if shutil.which("sbatch") is None:
        raise InputError(
            "--engine slurm: there is no sbatch here; start it on a login node of a cluster"
        )
    period, threshold = CLUSTER_HEARTBEAT
    executor = HighThroughputExecutor(
        label="slurm",
        address="127.0.0.1",  # replaced below
        max_workers_per_node=asked.points_per_node,
        cores_per_worker=NO_CORE,
        heartbeat_period=period,
        heartbeat_threshold=threshold,
        provider=_blocks(asked, table.ranks),
    )
    # Left to itself, Parsl also asks a host on the Internet under which address it is seen.
    executor.address, executor.all_addresses = None, _addresses()
    return Config(executors=[executor], strategy="simple", strategy_period=LOOK)


def _blocks(asked: SlurmTable, ranks: int) -> SlurmProvider:
    """Blocks of nodes: a pool of workers on each of them."""

    class Blocks(SlurmProvider):
        status_polling_interval = SLURM_LOOK  # Parsl's minute is long when a block fails at once

    return Blocks(
        partition=asked.partition,
        account=asked.account,
        nodes_per_block=asked.nodes,
        cores_per_node=asked.points_per_node * ranks,
        init_blocks=1,
        max_blocks=asked.blocks,
        walltime=asked.walltime,
        scheduler_options=asked.scheduler_options,
        worker_init=f"{asked.worker_init}\n{_path()}",
        exclusive=False,
        cmd_timeout=60,
        launcher=SimpleLauncher() if asked.nodes == 1 else SrunLauncher(),
    )


def _load(name: str) -> Config:
    """A Parsl configuration by the name of its module: an object or a function that makes one."""
    module, _, item = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), item or "config")
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"--engine {name!r}: {one_line(str(error))}; give local, slurm, or MODULE:NAME of a Parsl"
            " Config"
        ) from None
    finally:
        sys.path.pop(0)
    config = found() if callable(found) else found
    if not isinstance(config, Config):
        raise InputError(
            f"--engine {name!r}: this is a {type(config).__name__}, not a parsl.config.Config"
        )
    return config


def _own_interchange(executor: HighThroughputExecutor) -> None:
    """Our interchange instead of Parsl's, which would outlive a driver that was killed."""
    if list(executor.interchange_launch_cmd) == DEFAULT_INTERCHANGE_LAUNCH_CMD:
        script = str(Path(__file__).with_name("interchange.py"))
        executor.interchange_launch_cmd = [sys.executable, "-P", script]


def _path() -> str:
    """Shell line by which workers find Parsl's and this program's commands."""
    return f'export PATH="{Path(sys.executable).parent}:$PATH" OMP_NUM_THREADS=1'


def _guard() -> str:
    """Shell line by which the workers of this machine end with their driver, however that ended.

    They would notice by themselves after the heartbeat's threshold, but for those that are just about
    to register: Parsl has them wait for an answer without end.
    """
    return f"(while kill -0 {os.getpid()} 2>/dev/null; do sleep 1; done; kill 0) &"


def _addresses() -> set[str]:
    """Addresses under which other nodes may reach this machine; itself, too, if it is one of them."""
    found = psutil.net_if_addrs().values()
    return {item.address for card in found for item in card if item.family.name == "AF_INET"}


def _slots(executor: Any) -> int:
    """How many points an executor runs at a time, at most."""
    provider = getattr(executor, "provider", None)
    if provider is None:
        return int(getattr(executor, "max_threads", 1))
    return max(1, math.floor(executor.workers_per_node * provider.nodes_per_block * provider.max_blocks))
