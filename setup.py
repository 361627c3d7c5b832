"""Builds the compiled loops and the modules that every query passes, where there is a C compiler.

All else about the package stands in pyproject.toml.
"""

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

# Python that every query passes, compiled as it stands: a short query takes a fifth to a third less; and what each new
# word of a text passes: a build takes a twentieth less. Nothing is declared in it for the compiler, and annotations are
# none to it, so it does the same either way; where there is no compiler, Python runs the source.
HOT_PATHS = {
    ".": ("archive", "results", "searching", "understanding"),
    "analysis": ("analyzer", "russian", "snowball", "tokenizer"),
    "engine": (
        "build", "compile", "lists", "plan", "posting_lists", "proximity", "ranking", "score", "search", "segment",
        "selection", "snapshot", "strings", "topk",
    ),
    "query": ("lexer", "parser"),
}  # fmt: skip
SOURCES = [Path("wco_search", package, f"{name}.py") for package, names in HOT_PATHS.items() for name in names]
GLUE = [
    Extension(
        ".".join(path.with_suffix("").parts),
        [path.as_posix()],
        extra_compile_args=["-O1", "-g0", "-w"],  # as quick as -O3, in half the time; what Cython writes has warnings
    )
    for path in SOURCES
]

if __name__ == "__main__":  # processes that are not forked import this file again
    extensions = [
        *cythonize([*LOOPS, *WORDS], nthreads=CORES, build_dir="build"),
        *cythonize(GLUE, nthreads=CORES, build_dir="build", compiler_directives={"annotation_typing": False}),
    ]
    for extension in extensions:
        extension.optional = True  # without a compiler the package installs all the same, Python and NumPy do the work
    setup(ext_modules=extensions, options={"build_ext": {"parallel": CORES}})
