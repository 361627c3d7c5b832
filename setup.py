"""Builds the compiled loops where there is a C compiler; all else about the package stands in pyproject.toml."""

from __future__ import annotations

from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

LOOPS = [
    Extension(
        f"wco_search.engine._compiled.{path.stem}",
        [path.as_posix()],
        extra_compile_args=["-O3", "-g0", "-ffp-contract=off"],  # not fused: scores equal NumPy's to the bit
    )
    for path in sorted(Path("wco_search/engine/_compiled").glob("*.pyx"))
]
MARKING = Extension(
    "wco_search.compiled._marking",
    ["wco_search/compiled/_marking.pyx"],
    extra_compile_args=["-O3", "-g0"],
)
LINES = Extension(
    "wco_search.compiled._lines",
    ["wco_search/compiled/_lines.pyx"],
    extra_compile_args=["-O3", "-g0"],
)

extensions = cythonize([*LOOPS, MARKING, LINES])
for extension in extensions:
    extension.optional = True  # without a compiler the package installs all the same, and Python and NumPy do the work

setup(ext_modules=extensions)
