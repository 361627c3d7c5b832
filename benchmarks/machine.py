"""Where figures were taken: processor, memory, system, versions, the commit of the code."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import wco_search


def facts() -> dict[str, str]:
    """What a reader needs to know of the machine and the code."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": _first("/proc/cpuinfo", "model name"),
        "cores": f"{os.cpu_count()}, of which {len(os.sched_getaffinity(0))} may be used",
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": platform.platform(),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "commit": commit(),
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def _first(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def commit() -> str:
    """The commit of the code that is measured, and whether it was changed since."""
    code = Path(wco_search.__file__).parent
    try:
        head = _git(code, "rev-parse", "HEAD")
        changed = _git(code, "status", "--porcelain", "--untracked-files=no", "--", ".")
    except (OSError, subprocess.CalledProcessError):
        return "not a checkout"
    return f"{head}, changed since" if changed else head


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.stdout.strip()
