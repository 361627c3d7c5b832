"""`repair`: keep what is whole of a damaged index, name what is lost.

A segment is kept where every array of it fits its checksum and all rules of the layout hold; it may be written anew
where bytes between its arrays are damaged. All others are left out: nothing is guessed, no document is shown in part,
and none comes back that was deleted. Of the commits in the folder (there are two at most) the one is taken of which
most documents can be kept, the newest of equal ones.

What is left out stays in the folder `damaged/` of the index, with the manifests that tell how to read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from typing import Any

from wco_search.engine.array_files import Arrays
from wco_search.engine.check import Examined, examine, statistics_problems
from wco_search.engine.manifest import Manifest, SegmentFiles, file_name, generation_of, manifest_name
from wco_search.engine.snapshot import schema_of
from wco_search.engine.storage import Files, FolderStorage
from wco_search.errors import BeyondRepairError, CorruptIndexError


@dataclass(frozen=True, slots=True)
class Loss:
    """Documents of one segment that a repair could not keep.

    Attributes:
        file: The file of the segment.
        documents: How many there are, deleted ones included where it cannot be told which these are.
        ids: Their ids; empty where they cannot be read.
    """

    file: str
    documents: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What `Index.repair` did, or would do.

    Attributes:
        path: The folder of the index.
        documents: How many documents are kept.
        problems: One line for each thing that is wrong; where there is none, no commit is made.
        losses: What cannot be kept. Of a commit whose manifest is damaged it is not known what it held: `problems`
            tells of it.
        set_aside: The files that were moved to the folder `damaged/`.
        removed: The files of dead writers that were removed, and their bytes.
        dry_run: Whether nothing was done.
    """

    path: str
    documents: int
    problems: tuple[str, ...]
    losses: tuple[Loss, ...]
    set_aside: tuple[str, ...]
    removed: Mapping[str, int]
    dry_run: bool

    @property
    def removed_bytes(self) -> int:
        """Bytes of the files that were removed."""
        return sum(self.removed.values())

    @property
    def lost(self) -> int:
        """How many documents are known to be lost."""
        return sum(loss.documents for loss in self.losses)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return asdict(self) | {"lost": self.lost, "removed_bytes": self.removed_bytes}


@dataclass(frozen=True, slots=True, eq=False)
class _Survey:
    """A commit whose manifest can be read, and what was found of its segments."""

    manifest: Manifest
    segments: tuple[Examined, ...]

    @property
    def problems(self) -> list[str]:
        return [problem for one in self.segments for problem in one.problems]

    def kept(self) -> list[Examined]:
        return [one for one in self.segments if one.is_whole]

    def kept_ids(self) -> set[str]:
        return {name for one in self.kept() for name in one.live_ids() or ()}


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """The commit to make, and what becomes of the files that it does not need."""

    manifest: Manifest
    new_files: Files
    aside: frozenset[str]


def repair(storage: FolderStorage, *, timeout_s: float, dry_run: bool = False) -> RepairReport:
    """Keep what is whole of the index in *storage*, in one durable commit, unless it is sound.

    Under *dry_run* nothing is written and no lock is taken. Killed at any moment, it leaves the index as it was or
    repaired.

    Raises:
        BeyondRepairError: No segment of any commit is whole; nothing was changed.
        IndexFormatError: A commit is of another format; nothing was changed.
        IndexLockedError: A writer was not done in *timeout_s* seconds.
    """
    with nullcontext() if dry_run else storage.lock(timeout_s):
        damaged, surveys = _look_at_all(storage)
        problems = [*damaged.values(), *(problem for one in surveys for problem in one.problems)]
        if not problems:
            return _swept(storage, surveys[0], dry_run=dry_run)
        best = max(surveys, key=lambda one: len(one.kept_ids()), default=None)  # the first, and newest, of equal ones
        if best is None or not best.kept():
            raise BeyondRepairError(storage.path, f"nothing in it is whole ({problems[0]})")
        plan = _plan(storage, best, damaged, surveys)
        aside = storage.existing((*plan.aside, *storage.notes()))  # notes remember documents that may be lost
        removed = storage.leftovers(plan.manifest, aside)
        if not dry_run:
            storage.repair(plan.manifest, plan.new_files, aside)
        return RepairReport(
            path=storage.path,
            documents=len(best.kept_ids()),
            problems=tuple(problems),
            losses=tuple(_losses(best, surveys)),
            set_aside=tuple(sorted(aside)),
            removed=removed,
            dry_run=dry_run,
        )


def _swept(storage: FolderStorage, sound: _Survey, *, dry_run: bool) -> RepairReport:
    removed = storage.leftovers(sound.manifest)
    if not dry_run:
        storage.sweep(sound.manifest)
    return RepairReport(storage.path, len(sound.kept_ids()), (), (), (), removed, dry_run)


def _look_at_all(storage: FolderStorage) -> tuple[dict[int, str], list[_Survey]]:
    """What is wrong with manifests that cannot be used, by commit, and all other commits, the newest first.

    Those before a sound commit are of no interest.
    """
    damaged: dict[int, str] = {}
    surveys: list[_Survey] = []
    for generation in storage.generations():
        try:
            survey = _survey(storage, storage.manifest(generation))
        except CorruptIndexError as error:
            damaged[generation] = f"commit {generation}: {error.detail}"
        except FileNotFoundError:  # its name is that of a link to nothing
            damaged[generation] = f"commit {generation}: {manifest_name(generation)} is missing"
        else:
            surveys.append(survey)
            if not survey.problems:
                break
    return damaged, surveys


def _survey(storage: FolderStorage, manifest: Manifest) -> _Survey:
    def read(name: str) -> tuple[Arrays, Sequence[str]]:
        try:
            return storage.examine(manifest, name)
        except FileNotFoundError:
            return {}, [f"{name} is missing"]

    schema = schema_of(manifest, storage.path)
    for problem in statistics_problems(manifest):
        raise CorruptIndexError(storage.path, problem)
    return _Survey(manifest, tuple(examine(read, files, schema, manifest.statistics) for files in manifest.segments))


def _plan(storage: FolderStorage, best: _Survey, damaged: Mapping[int, str], surveys: Sequence[_Survey]) -> _Plan:
    generation = storage.generations()[0] + 1
    new_files: dict[str, Arrays] = {}
    segments = []
    for one in best.kept():
        files = one.files
        if one.problems:  # with bytes that no array has
            files = SegmentFiles(file_name("segment", generation, len(new_files)))
            new_files[files.arrays] = one.arrays
            if one.files.deleted is not None and one.deleted is not None:
                files = replace(files, deleted=file_name("deleted", generation, len(new_files)))
                new_files[str(files.deleted)] = {"deleted": one.deleted}
        segments.append(files)
    manifest = replace(best.manifest, generation=generation, segments=tuple(segments))
    needed = set(manifest.file_names())
    aside = {manifest_name(number) for number in damaged}
    for survey in surveys:
        if survey.problems:
            aside |= {manifest_name(survey.manifest.generation), *(set(survey.manifest.file_names()) - needed)}
    named = {name for survey in surveys for name in survey.manifest.file_names()}
    strangers = storage.leftovers(manifest).keys() - named
    aside |= {name for name in strangers if generation_of(name) in damaged}  # what such a commit may have held
    return _Plan(manifest, new_files, frozenset(aside))


def _losses(best: _Survey, surveys: Sequence[_Survey]) -> Iterator[Loss]:
    """What commits from the newest to *best* hold and the repaired index does not."""
    kept, told = best.kept_ids(), set()
    for survey in surveys[: surveys.index(best) + 1]:
        for one in survey.segments:
            if one.files in told or (survey is best and one.is_whole):
                continue
            told.add(one.files)
            ids = one.live_ids()
            if ids is None:
                size = survey.manifest.files[one.files.arrays]["ids.offsets"]["length"] - 1
                yield Loss(one.files.arrays, size, ())
            elif gone := ids - kept:
                yield Loss(one.files.arrays, len(gone), tuple(sorted(gone)))
