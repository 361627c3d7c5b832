"""`server_or_skip`: a cluster is optional on a developer's machine, and may be required where all is tested."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

from tests.cluster.server import Server, UnavailableError, prepare


def server_or_skip() -> Server:
    """The server; where it cannot be had, the test is skipped, or fails under WCO_SEARCH_CLUSTER=required."""
    missing = "opensearch-py is not installed" if find_spec("opensearchpy") is None else ""
    if not missing:
        try:
            return prepare()
        except UnavailableError as error:
            missing = str(error)
    if os.environ.get("WCO_SEARCH_CLUSTER") == "required":
        pytest.fail(f"no cluster: {missing}")
    pytest.skip(f"no cluster: {missing}")
