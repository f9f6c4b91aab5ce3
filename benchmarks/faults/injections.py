"""What is done to the installation."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from benchmarks.faults import memory_group
from benchmarks.faults.installation import ROOT
from benchmarks.faults.trial import FINAL, STAGES, Fault, Scene

_POISON_LIMIT_S = 180
_FAKETIME = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


def kill(name: str, number: signal.Signals = signal.SIGKILL) -> Callable[[Scene], None]:
    """Send a signal to a process of the installation, as soon as there is one."""

    def inject(scene: Scene) -> None:
        deadline = time.monotonic() + 10
        while not scene.installation.signal(name, number) and time.monotonic() < deadline:
            time.sleep(0.01)

    return inject


def flush_redis(scene: Scene) -> None:
    scene.installation.redis.flushall()


def disk_full(seconds: float) -> Callable[[Scene], None]:
    """No byte more can be stored, for some seconds or until the run has ended."""

    def inject(scene: Scene) -> None:
        fill = _small_disk if scene.installation.on_small_disk else _no_more_bytes
        with contextlib.ExitStack() as stack:
            stack.callback(fill(scene))
            _wait(scene, seconds)

    return inject


def _small_disk(scene: Scene) -> Callable[[], None]:
    ballast = scene.installation.objects / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return lambda: ballast.unlink(missing_ok=True)


def _no_more_bytes(scene: Scene) -> Callable[[], None]:
    horse = scene.installation.process_of("horse")
    limit, none = getattr(psutil, "RLIMIT_FSIZE", resource.RLIMIT_FSIZE), resource.RLIM_INFINITY

    def set_to(size: int) -> None:
        if horse is not None and hasattr(horse, "rlimit"):
            with contextlib.suppress(psutil.NoSuchProcess):
                horse.rlimit(limit, (size, none))

    set_to(512)
    return lambda: set_to(none)


def storage_away(seconds: float) -> Callable[[Scene], None]:
    """The directory of the objects has another name meanwhile; a mounted disk is moved away."""

    def inject(scene: Scene) -> None:
        objects, away = scene.installation.objects, scene.installation.home / "objects-away"
        if not scene.installation.on_small_disk:
            objects.rename(away)
            _wait(scene, seconds)
            away.rename(objects)
            return
        away.mkdir(exist_ok=True)
        subprocess.run(("mount", "--move", str(objects), str(away)), check=True)
        objects.rmdir()
        _wait(scene, seconds)
        objects.mkdir()
        subprocess.run(("mount", "--move", str(away), str(objects)), check=True)

    return inject


def _wait(scene: Scene, seconds: float) -> None:
    """So many seconds, or less if the run has ended before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        row = scene.installation.row(scene.run_id)
        if row is None or row["status"] in FINAL:
            return
        time.sleep(0.1)


def shift_clock(hours: int, *, dead: bool) -> Callable[[Scene], None]:
    """The worker's host writes times that are wrong; with `dead`, it dies right afterwards."""

    def inject(scene: Scene) -> None:
        statement = "UPDATE model_runs SET heartbeat_at = heartbeat_at + make_interval(hours => :hours) WHERE id = :id"
        scene.installation.query(statement, hours=hours, id=scene.run_id)
        if dead:
            kill("worker")(scene)

    return inject


def second_janitor(*, hours_ahead: int = 0) -> Callable[[Scene], None]:
    """Another janitor at the same time, while the worker dies."""

    def inject(scene: Scene) -> None:
        env = {**os.environ, **scene.installation.env}
        if hours_ahead:
            env |= {"LD_PRELOAD": str(_FAKETIME[0]), "FAKETIME": f"+{hours_ahead}h", "DONT_FAKE_MONOTONIC": "1"}
        command = (sys.executable, "-m", "workers.janitor")
        other = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        scene.afterwards.callback(other.wait, 20)
        scene.afterwards.callback(other.terminate)
        kill("worker")(scene)

    return inject


def poison(name: str) -> Callable[[Scene], None]:
    """The run takes its process with it whenever it gets as far as this stage."""

    def inject(scene: Scene) -> None:
        deadline = time.monotonic() + _POISON_LIMIT_S
        killed = 0
        while time.monotonic() < deadline:
            row = scene.installation.row(scene.run_id)
            if row is None or row["status"] in FINAL:
                return
            if row["status"] == "running" and row["attempt"] > killed:
                kill(name)(scene)
                killed = row["attempt"]
            time.sleep(0.02)

    return inject


def out_of_memory(scene: Scene) -> None:
    """The installation has no room for what the fit needs."""
    with memory_group.no_room():
        _wait(scene, 30)


def cancel(scene: Scene) -> None:
    """Too late is fine: then the run has completed."""
    try:
        scene.person.call("POST", f"/api/models/{scene.run_id}/cancel")
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.CONFLICT:
            raise


def kinds() -> list[tuple[Fault, int]]:
    """Every fault with its weight in a plan of about two hundred."""
    found: list[tuple[Fault, int]] = []
    for name in ("horse", "worker", "web", "janitor", "valkey", "postgres"):
        found += [(Fault(f"kill -9 of {name}", stage, kill(name)), 3) for stage in STAGES]
    stop = kill("worker", signal.SIGTERM)
    found += [(Fault("worker told to stop (SIGTERM)", stage, stop), 2) for stage in STAGES]
    found += [(Fault("Redis flushed (FLUSHALL)", stage, flush_redis), 2) for stage in STAGES]
    found += [
        (Fault("disk full for 5 s", stage, disk_full(5), is_outage=True), 3) for stage in ("extracting", "saving")
    ]
    found += [(Fault("disk full for good", stage, disk_full(90), ("failed",)), 2) for stage in ("extracting",)]
    for stage in ("loading", "sampling", "saving"):
        found += [(Fault("storage away for 5 s", stage, storage_away(5), is_outage=True), 2)]
        found += [(Fault("storage away for 30 s", stage, storage_away(30), is_outage=True), 1)]
    for hours in (-1, 1):
        live, dead = shift_clock(hours, dead=False), shift_clock(hours, dead=True)
        found += [(Fault("clock an hour off", stage, live), 1) for stage in ("tuning", "sampling")]
        found += [(Fault("clock an hour off, then kill -9 of worker", "sampling", dead), 1)]
    found += [
        (Fault("two janitors, kill -9 of worker", stage, second_janitor()), 3) for stage in ("loading", "sampling")
    ]
    if _FAKETIME:
        ahead = second_janitor(hours_ahead=1)
        found += [(Fault("two janitors, one an hour ahead, kill -9 of worker", "sampling", ahead), 2)]
    found += [(Fault("poisoned run (kills its process)", "sampling", poison("horse"), ("failed",)), 2)]
    found += [(Fault("poisoned run (kills its worker)", "sampling", poison("worker"), ("failed",)), 2)]
    if memory_group.available():
        found += [(Fault("out of memory (kernel)", "tuning", out_of_memory, ("failed",)), 3)]
    return found


def cancels() -> list[Fault]:
    return [Fault("cancel", stage, cancel, ("cancelled", "completed")) for stage in STAGES]
