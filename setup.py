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
REST = [
    Extension(f"wco_search.compiled.{name}", [f"wco_search/compiled/{name}.pyx"], extra_compile_args=["-O3", "-g0"])
    for name in ("_marking", "_records")
]

extensions = cythonize([*LOOPS, *REST])
for extension in extensions:
    extension.optional = True  # without a compiler the package installs all the same, and Python and NumPy do the work

setup(ext_modules=extensions)
