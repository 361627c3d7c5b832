"""Watches of an index in a cluster: kept there, a document for each, and asked by whoever adds documents.

OpenSearch can keep queries and ask them itself (`percolator`). But a watch is no query yet: by what a word is found in
the other language, which words sound like a name, what "yesterday" is and what else the user calls things is known when
there are documents to ask. So the text of a watch is kept, and `wco_search.watches` asks it of the documents added, as
for an index in a folder. Each is a document of its own: programs that watch different things do not undo each other.
"""

from __future__ import annotations

from wco_search.cluster.connection import Connection, Operation
from wco_search.cluster.layout import key_of, now
from wco_search.cluster.lexicon import kept_aside, words_index
from wco_search.results import Watch

_SEEN_AT_ONCE = {"refresh": True}


def read_watches(connection: Connection, index: str) -> dict[str, Watch]:
    """The watches of *index* by name, sorted, as they are now."""
    asked = {"query": {"term": {"is_watch": True}}, "_source": ["watch"]}
    found = (Watch(**hit["_source"]["watch"]) for hit in kept_aside(connection, index, asked))
    return {watch.name: watch for watch in sorted(found, key=lambda watch: watch.name)}


def put_watch(connection: Connection, index: str, watch: Watch) -> None:
    """Keep a watch, in place of one of its name."""
    key = _key_of(watch.name)
    kept = {"order": now(), "name": key, "is_watch": True, "watch": watch.to_dict()}
    connection.bulk(words_index(index), [Operation(key, kept)], params=_SEEN_AT_ONCE)


def drop_watch(connection: Connection, index: str, name: str) -> bool:
    """Forget a watch; gives whether there was one of that name."""
    done = connection.bulk(words_index(index), [Operation(_key_of(name), None)], params=_SEEN_AT_ONCE)
    return done["deleted"] > 0


def _key_of(name: str) -> str:
    return key_of(f"watch:{name}")
