"""Dictionaries of the user's own, put aside ready to load, and what queries are translated by: `default_lexicon`.

They lie in `$WCO_SEARCH_DICTIONARIES`, else in `wco_search/dictionaries` of the user's data folder (XDG Base Directory
Specification: `$XDG_DATA_HOME`, `~/.local/share` where it is not set), one packed file each.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wco_search.errors import ReadError
from wco_search.languages.dictionaries import read_dictionary
from wco_search.languages.lexicon import Lexicon, Lexicons
from wco_search.languages.rows import read_rows

_SUFFIX = ".pack"
_NAME = re.compile(r"[\w.-]{1,100}")


@dataclass(frozen=True, slots=True)
class InstalledDictionary:
    """A dictionary that is ready to load.

    Attributes:
        name: What it is called here.
        path: The packed file.
    """

    name: str
    path: Path

    def load(self) -> Lexicon:
        """Its words.

        Raises:
            ReadError: The file is damaged or of another version; install the dictionary again.
        """
        return Lexicon.open(self.path)


def dictionaries_folder() -> Path:
    """Where installed dictionaries lie; it need not exist."""
    if own := os.environ.get("WCO_SEARCH_DICTIONARIES"):
        return Path(own)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "wco_search" / "dictionaries"


def installed_dictionaries() -> list[InstalledDictionary]:
    """The user's dictionaries, by name."""
    return [InstalledDictionary(path.stem, path) for path in sorted(dictionaries_folder().glob(f"*{_SUFFIX}"))]


def install_dictionary(path: str | Path, name: str | None = None) -> InstalledDictionary:
    """Read a dictionary and put it aside for every search of this user, in place of one of the same name.

    Args:
        path: A lexicon of one's own (`head TAB translation|translation|...`, any suffix), the `.index` of a dictd
            dictionary or the `.ifo` of a StarDict one.
        name: What to call it; the file's name without its suffix where None.

    Raises:
        ReadError: The file cannot be read as what its suffix says.
        ValueError: The name has other characters than letters, digits, `.`, `-` and `_`.
    """
    source = Path(path)
    called = source.name.split(".")[0] if name is None else name
    if not _NAME.fullmatch(called) or called.startswith("."):
        raise ValueError(f"{called!r} cannot name a dictionary: use letters, digits, dots, hyphens and underscores")
    rows = read_dictionary(source) if source.suffix in {".index", ".ifo"} else list(read_rows(source))
    if not rows:
        raise ReadError(path, None, "there is no row in it")
    folder = dictionaries_folder()
    folder.mkdir(parents=True, exist_ok=True)
    unfinished, finished = folder / f".{called}.{os.getpid()}", folder / f"{called}{_SUFFIX}"
    Lexicon.from_rows(rows).save(unfinished)
    unfinished.replace(finished)
    default_lexicon.cache_clear()
    return InstalledDictionary(called, finished)


def remove_dictionary(name: str) -> bool:
    """Remove an installed dictionary; gives whether there was one of that name."""
    wanted = [one for one in installed_dictionaries() if one.name == name]
    for one in wanted:
        one.path.unlink()
    default_lexicon.cache_clear()
    return bool(wanted)


@cache
def default_lexicon() -> Lexicons:
    """What queries are translated by where an index is not given a lexicon of its own.

    The user's installed dictionaries, then the words and the names that come with this package; read when first asked
    for, and kept.

    Example:
        >>> [translation.text for translation in default_lexicon().translations("контрабанда")]
        ['smuggling', 'contraband']
    """
    own = [dictionary.load() for dictionary in installed_dictionaries()]
    return Lexicons([*own, Lexicon.bundled(), Lexicon.names()])
