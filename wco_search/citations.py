r"""References to documents, as they stand in a list of sources.

`gost` is the reference to an electronic resource of GOST R 7.0.5-2008, as its examples of news have it: title, the kind
of resource, source, year and day, address, day of access. What the document does not tell is left out; where it has no
title, its first words stand in brackets, as for everything that is supplied. Words of the reference itself are Russian,
names of months are in the document's language, as they follow a day, shortened as in GOST R 7.0.12-2011 and GOST
7.11-2004.

`bibtex` is an entry `@online` of biblatex, or `@misc` for a document without an address, which every BibTeX knows. Its
key is made of source, year and id, and so is the same each time.

    >>> from datetime import date
    >>> document = Document(
    ...     title="Таможня изъяла окаменелости",
    ...     body="В порту Валенсии изъяты окаменелости.",
    ...     date=date(2020, 10, 9),
    ...     source="Вестник",
    ...     url="https://example.org/9",
    ... )
    >>> import textwrap
    >>> print(textwrap.fill(cite(document, accessed=date(2020, 11, 15)), 80))
    Таможня изъяла окаменелости [Электронный ресурс] // Вестник. 2020. 9 окт. URL:
    https://example.org/9 (дата обращения: 15.11.2020).
    >>> print(cite(document, "bibtex", accessed=date(2020, 11, 15)))
    @online{document2020-6221f2ab,
      title = {{Таможня изъяла окаменелости}},
      organization = {{Вестник}},
      date = {2020-10-09},
      url = {https://example.org/9},
      urldate = {2020-11-15},
      langid = {russian},
    }
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from typing import Literal, get_args

from wco_search.documents import Document
from wco_search.fragments import Fragment, Snippet

Style = Literal["gost", "bibtex"]
"""How a reference is written."""

_MONTHS = {
    "ru": "янв. февр. марта апр. мая июня июля авг. сент. окт. нояб. дек.".split(),
    "en": "Jan. Feb. March Apr. May June July Aug. Sept. Oct. Nov. Dec.".split(),
}
_BIBTEX_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # which every style of BibTeX defines
_LANGUAGES = {"ru": "russian", "en": "english"}  # as biblatex and babel name them
_FIRST_WORDS = 80  # characters of the text that stand for a title: a line
_KEY_BYTES = 4  # of a hash: two documents of one source and year share a key with odds of one in four billion

# What TeX takes for commands. Braces become words because BibTeX counts them, whatever stands before them.
_TEX = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
    }
)
# biblatex reads an address to the letter, up to the brace that closes it; RFC 3986 has none of these in one.
_ADDRESS = re.compile(r'[\s{}\\<>"^`|\x00-\x1f\x7f]')


def cite(
    document: Document,
    style: Style = "gost",
    *,
    accessed: dt.date | None = None,
    fragment: Fragment | None = None,
) -> str:
    """A reference to *document*.

    Args:
        document: What is cited.
        style: `gost` or `bibtex`.
        accessed: The day on which its address was looked at; left out if not given, or where there is no address.
        fragment: A piece of its text that is quoted, as a hit's snippet has them. Its span, half-open and in code
            points of the text, stands behind the words: `[16:32]`, or `title[0:8]` where it is of the title.

    Raises:
        ValueError: There is no such style, or *fragment* is not of this document.

    Example:
        >>> document = Document(body="Spanish Customs stopped fossils.")
        >>> print(cite(document, fragment=Fragment("body", "stopped fossils", 16, 31, ())))
        [Spanish Customs stopped fossils] [Электронный ресурс]. Цит.: «stopped fossils» [16:31].
    """
    if style not in get_args(Style):
        raise ValueError(f"style must be one of {', '.join(map(repr, get_args(Style)))}, not {style!r}")
    if fragment is not None and _text_of(document, fragment) != fragment.text:
        raise ValueError(f"the fragment [{fragment.start}:{fragment.end}] is not of document {document.id!r}")
    return _gost(document, accessed, fragment) if style == "gost" else _bibtex(document, accessed, fragment)


def _text_of(document: Document, fragment: Fragment) -> str:
    whole = document.title if fragment.field == "title" else document.body
    return whole[fragment.start : fragment.end]


def _gost(document: Document, accessed: dt.date | None, fragment: Fragment | None) -> str:
    parts = [f"{_title(document)} [Электронный ресурс]"]
    if document.source:
        parts[0] += f" // {_line(document.source)}"
    if document.date:
        months = _MONTHS.get(document.language or "ru", _MONTHS["en"])
        parts += [str(document.date.year), f"{document.date.day} {months[document.date.month - 1]}"]
    if document.url:
        seen = f" (дата обращения: {accessed:%d.%m.}{accessed.year:04})" if accessed else ""
        parts.append(f"URL: {_address(document.url)}{seen}")
    if fragment:
        parts.append(f"Цит.: «{_quoted(fragment)}» {_span(fragment)}")
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts)


def _bibtex(document: Document, accessed: dt.date | None, fragment: Fragment | None) -> str:
    kind = "online" if document.url else "misc"
    fields = "".join(f"  {name} = {value},\n" for name, value in _bibtex_fields(document, accessed, fragment))
    return f"@{kind}{{{_key(document)},\n{fields}}}"


def _bibtex_fields(
    document: Document, accessed: dt.date | None, fragment: Fragment | None
) -> Iterator[tuple[str, str]]:
    day = document.date
    yield "title", f"{{{{{_tex(_title(document))}}}}}"  # two braces: a style must not make capitals small
    if document.source:
        yield "organization" if document.url else "howpublished", f"{{{{{_tex(_line(document.source))}}}}}"
    if day and document.url:
        yield "date", f"{{{day.isoformat()}}}"
    elif day:
        yield "year", f"{{{day.year}}}"
        yield "month", f'{_BIBTEX_MONTHS[day.month - 1]} # "~{day.day}"'
    if document.url:
        yield "url", f"{{{_address(document.url)}}}"
        if accessed:
            yield "urldate", f"{{{accessed.isoformat()}}}"
    if document.language in _LANGUAGES:
        yield "langid", f"{{{_LANGUAGES[document.language]}}}"
    if fragment:
        yield "note", f"{{\\enquote{{{_tex(_quoted(fragment))}}} {_tex(_span(fragment))}}}"


def _title(document: Document) -> str:
    """The title, or in brackets the words that the text begins with."""
    if document.title.strip():
        return _line(document.title)
    text = _line(document.body)
    if len(text) > _FIRST_WORDS:
        text = f"{text[:_FIRST_WORDS].rpartition(' ')[0] or text[:_FIRST_WORDS]}…"
    return f"[{text.removesuffix('.')}]"


def _key(document: Document) -> str:
    name = re.sub(r"[^a-z0-9]", "", (document.source or "").lower()) or "document"
    year = document.date.year if document.date else ""
    return f"{name}{year}-{hashlib.blake2b(document.id.encode(), digest_size=_KEY_BYTES).hexdigest()}"


def _line(text: str) -> str:
    """*text* on one line, as snippets show it: without what could drive a terminal."""
    return Snippet((Fragment("body", text, 0, len(text), ()),)).to_text().strip()


def _quoted(fragment: Fragment) -> str:
    return _line(fragment.text)


def _span(fragment: Fragment) -> str:
    field = "title" if fragment.field == "title" else ""
    return f"{field}[{fragment.start}:{fragment.end}]"


def _address(url: str) -> str:
    return _ADDRESS.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url.strip())


def _tex(text: str) -> str:
    return text.translate(_TEX)
