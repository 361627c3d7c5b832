"""Builds the compiled loops, where there is a C compiler; all else about the package stands in pyproject.toml."""

from __future__ import annotations

from Cython.Build import cythonize
from setuptools import Extension, setup

LOOPS = Extension(
    "wco_search.engine._compiled",
    ["wco_search/engine/_compiled.pyx"],
    extra_compile_args=["-O3", "-ffp-contract=off"],  # no fused multiply-add: scores equal NumPy's to the bit
    optional=True,  # without a compiler the package installs all the same, and NumPy does the work
)

MARKING = Extension(
    "wco_search.compiled._marking",
    ["wco_search/compiled/_marking.pyx"],
    extra_compile_args=["-O3"],
    optional=True,  # without a compiler Python does the work
)

setup(ext_modules=cythonize([LOOPS, MARKING]))
