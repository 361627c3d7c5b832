"""Builds the compiled loops where there is a C compiler; all else about the package stands in pyproject.toml."""

from __future__ import annotations

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

LOOPS = [
    Extension(
        f"wco_search.engine._compiled.{path.stem}",
        [path.as_posix()],
        extra_compile_args=["-O3", "-g0", "-ffp-contract=off"],  # not fused: scores equal NumPy's to the bit
    )
    for path in sorted(Path("wco_search/engine/_compiled").glob("*.pyx"))
]
WORDS = [
    Extension(f"wco_search.compiled.{path.stem}", [path.as_posix()], extra_compile_args=["-O3", "-g0"])
    for path in sorted(Path("wco_search/compiled").glob("*.pyx"))
]

if __name__ == "__main__":  # processes that are not forked import this file again
    extensions = cythonize([*LOOPS, *WORDS], nthreads=CORES)
    for extension in extensions:
        extension.optional = True  # without a compiler the package installs all the same, Python and NumPy do the work
    setup(ext_modules=extensions, options={"build_ext": {"parallel": CORES}})
