"""Builds the compiled loops where there is a C compiler; all else about the package stands in pyproject.toml."""

from __future__ import annotations

from Cython.Build import cythonize
from setuptools import Extension, setup

LOOPS = Extension(
    "wco_search.engine._compiled",
    ["wco_search/engine/_compiled.pyx"],
    extra_compile_args=["-O3", "-g0", "-ffp-contract=off"],  # no fused multiply-add: scores equal NumPy's to the bit
)
MARKING = Extension(
    "wco_search.compiled._marking",
    ["wco_search/compiled/_marking.pyx"],
    extra_compile_args=["-O3", "-g0"],
)
CUTTING = Extension(
    "wco_search.compiled._cutting",
    ["wco_search/compiled/_cutting.pyx"],
    extra_compile_args=["-O3", "-g0"],
)

extensions = cythonize([LOOPS, MARKING, CUTTING])
for extension in extensions:
    extension.optional = True  # without a compiler the package installs all the same, and Python and NumPy do the work

setup(ext_modules=extensions)
