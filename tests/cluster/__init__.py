"""A real OpenSearch cluster on this machine, for tests: three processes on loopback, which tests may kill.

    server     the server's jars, by Maven, and a Java that runs them
    needs      skips tests where there is none
    nodes      Cluster and Node

`python -m tests.cluster` starts one, prints its addresses and keeps it until Ctrl-C. A test takes the fixture `cluster`
and carries the mark `cluster`: `pytest -m cluster tests/cluster`.

Such tests are skipped where Java, Maven or opensearch-py is missing; with WCO_SEARCH_CLUSTER=required they fail there.
WCO_SEARCH_CLUSTER_CACHE names another folder for the jars than `~/.cache/wco_search-cluster`.
"""
