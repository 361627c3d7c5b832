"""`python -m tests.cluster`: a cluster of three nodes until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.cluster.nodes import Cluster
from tests.cluster.server import prepare


def main() -> None:
    """Start it, print where it is, wait."""
    server = prepare()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Cluster(Path(folder), server) as cluster:
        said = [f"green after {time.monotonic() - began:.0f} s: opensearch://{','.join(cluster.addresses)}"]
        said += [f"{node.name}: http://{node.address} process {node.pid} log {node.log}" for node in cluster.nodes]
        sys.stdout.write("\n".join([*said, ""]))
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
