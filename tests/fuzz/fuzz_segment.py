"""Coverage-guided fuzzing of what opens an index: manifests and files of arrays, under checksums that fit.

    pip install atheris            # in an environment that has wco_search; no test needs it
    python tests/fuzz/fuzz_segment.py /tmp/segments -len_control=0 -max_total_time=120

An input tells in its first two bytes which array of a small index is changed and from where on; the rest is laid over
its content. Where both are 255, the rest is the manifest, to which a checksum is added. Opening and checking must tell
what is wrong by a typed error or a problem, without a crash and without much memory. The folder and `crash-…` are as
for `fuzz_query.py`.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import atheris
import numpy as np

with atheris.instrument_imports(
    include=[f"wco_search.engine.{name}" for name in ("storage", "manifest", "array_files", "check", "segment")]
):
    from wco_search import Document, Index, SearchIndexError
    from wco_search.engine.array_files import write_arrays
    from wco_search.engine.storage import FolderStorage

FOLDER = Path(tempfile.mkdtemp()) / "ix"
SEGMENT, MANIFEST = "segment-0000000001-0.npys", "manifest-0000000001.json"


def make_index() -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest of a small index, and its arrays."""
    with Index.create(FOLDER, metadata={"tags": list, "views": int}) as index:
        index.add([
            Document(id="1", body="Customs seized fossils.", metadata={"tags": ["a", "b"]}),
            Document(id="2", title="Новость", body="Окаменелости, fossils.", metadata={"views": 3}),
        ])  # fmt: skip
    (FOLDER / "manifest-0000000000.json").unlink()
    arrays = {name: np.array(array) for name, array in FolderStorage(FOLDER).load().files[SEGMENT].items()}
    return json.loads((FOLDER / MANIFEST).read_bytes()), arrays


GOOD, ARRAYS = make_index()
NAMES = sorted(ARRAYS)


def write_manifest(content: Any) -> None:
    """*content* under a right checksum, as far as it can have one."""
    if isinstance(content, dict):
        content = {key: value for key, value in content.items() if key != "checksum"}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        content["checksum"] = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    (FOLDER / MANIFEST).write_bytes(json.dumps(content).encode())


def one_input(data: bytes) -> None:
    """Open and check an index that one input changes."""
    head, rest = data[:2], data[2:]
    if head == b"\xff\xff":
        try:
            write_manifest(json.loads(rest))
        except (ValueError, RecursionError):
            (FOLDER / MANIFEST).write_bytes(rest)
    elif len(head) == 2:
        name = NAMES[head[0] % len(NAMES)]
        content = bytearray(ARRAYS[name].tobytes())
        place = head[1] % (len(content) + 1)
        content[place : place + len(rest)] = rest
        size = ARRAYS[name].dtype.itemsize
        changed = np.frombuffer(bytes(content[: len(content) // size * size]), ARRAYS[name].dtype)
        (FOLDER / SEGMENT).unlink(missing_ok=True)
        facts = write_arrays(FOLDER / SEGMENT, {**ARRAYS, name: changed})
        write_manifest({**GOOD, "files": {SEGMENT: facts}})
    try:
        index = Index.open(FOLDER)
        if index.check().ok:
            list(index.documents())
            len(index.search("fossil"))
    except SearchIndexError as error:
        assert str(error)


def seed(folder: Path) -> None:
    """Put an unchanged array of each name and the manifest in *folder*, where that is new."""
    if not folder.exists():
        folder.mkdir(parents=True)
        for number, name in enumerate(NAMES):
            (folder / f"seed-{name}").write_bytes(bytes([number, 0]) + ARRAYS[name].tobytes()[:64])
        (folder / "seed-manifest").write_bytes(b"\xff\xff" + json.dumps(GOOD).encode())


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        if not argument.startswith("-") and not Path(argument).is_file():
            seed(Path(argument))
    atheris.Setup(sys.argv, one_input)
    try:
        atheris.Fuzz()
    finally:
        shutil.rmtree(FOLDER.parent)
