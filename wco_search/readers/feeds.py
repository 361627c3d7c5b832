"""RSS 2.0, RSS 1.0 and Atom, read entry by entry: a feed of any number of entries takes the memory of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from wco_search.errors import ReadError
from wco_search.readers.encodings import text_chunks
from wco_search.readers.html import bytes_for_xml, text_of, text_of_fragment
from wco_search.readers.items import RECORD_LIMIT, Item, Options, ReadProblem, day_of, make_item
from wco_search.readers.sources import WHOLE_FILE_LIMIT, ByteStream

Element: TypeAlias = Any  # lxml has no types of its own

_ROOTS = frozenset({"rss", "RDF", "feed"})
_ENTRIES = frozenset({"item", "entry"})
_CHANNELS = frozenset({"channel", "feed"})
_DATES = ("pubDate", "published", "date", "issued", "created", "updated", "modified")  # the first one that is there
_BODIES = (
    "encoded",
    "content",
    "description",
    "summary",
)  # content:encoded is the whole text, description its beginning
_DECLARED = re.compile(rb"<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([\w.:-]+)")
_DECLARED_WITHIN = 1024  # bytes; a declaration stands at the very start
PROLOG = r"(?>\s+|<\?.*?\?>|<!--.*?-->)*+"
"""White space, instructions and comments, which may stand before the root of XML; for `re.DOTALL`."""
_DTD = re.compile(PROLOG + "<!DOCTYPE", re.DOTALL)
_DTD_REFUSED = "declares a document type (DTD), by which entities can blow up a file; remove the <!DOCTYPE ...>"


def read_feed(stream: ByteStream, options: Options) -> Iterator[Item]:
    """One document for each entry, with the title of the channel as its source.

    Raises:
        ReadError: The file is no feed, not well-formed from some line on, too long, or declares a document type.
    """
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("start", "end"),
        encoding="utf-8",  # what it is given, whatever the declaration says
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    feed = _Feed(stream.label, options)
    match = _DECLARED.search(stream.head[:_DECLARED_WITHIN])
    declared = match[1].decode("ascii", "replace") if match else None
    texts = text_chunks(stream, options.encoding, limit=WHOLE_FILE_LIMIT, declared=declared)
    damage: etree.XMLSyntaxError | None = None
    while damage is None and (text := next(texts, None)) is not None:
        feed.check_text(text)
        try:
            parser.feed(bytes_for_xml(text))
        except etree.XMLSyntaxError as error:
            damage = error
        for event, element in parser.read_events():  # also what stands before the damage
            yield from feed.items(event, element)
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        damage = damage or error
    if damage:
        raise ReadError(stream.label, damage.lineno or 1, f"not well-formed XML: {_reason(damage)}") from damage


def _reason(error: SyntaxError) -> str:
    return re.sub(r", line \d+, column \d+.*| \(line \d+\)", "", str(error.msg or error), flags=re.DOTALL)


def _local(element: Element) -> str:
    """The name of an element without its namespace, which real feeds get wrong."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


class _Feed:
    """What is known of the feed so far: its title, its address, and how much has been read since the last entry."""

    def __init__(self, label: str, options: Options) -> None:
        self._label = label
        self._options = options
        self._title = ""
        self._is_begun = False
        self._inside = 0  # entries around the place; one in another one belongs to it
        self._pending = 0
        self._is_first_text = True

    def check_text(self, text: str) -> None:
        if self._is_first_text and _DTD.match(text):
            raise ReadError(self._label, None, _DTD_REFUSED)
        self._is_first_text = False
        self._pending += len(text)
        if self._pending > 2 * RECORD_LIMIT:  # markup counts here, too
            raise ReadError(self._label, None, f"an entry of more than {RECORD_LIMIT:,} characters")

    def items(self, event: str, element: Element) -> Iterator[Item]:
        name = _local(element)
        if event == "start":
            if not self._is_begun:
                self._check_root(element, name)
            self._inside += name in _ENTRIES
        elif name in _ENTRIES:
            self._inside -= 1
            if not self._inside:
                yield self._item(element)
                self._forget(element)
        elif not self._inside:
            self._note(element, name)

    def _check_root(self, element: Element, name: str) -> None:
        self._is_begun = True
        if element.getroottree().docinfo.internalDTD is not None:
            raise ReadError(self._label, None, _DTD_REFUSED)
        if name not in _ROOTS:
            raise ReadError(self._label, element.sourceline, f"XML, but neither RSS nor Atom: its root is <{name:.40}>")

    def _note(self, element: Element, name: str) -> None:
        parent = element.getparent()
        if parent is None:
            return
        if name == "title" and _local(parent) in _CHANNELS and not self._title:
            self._title = text_of_fragment(_text(element))
        if _local(parent) in _CHANNELS or _local(parent) in _ROOTS:
            self._forget(element)

    def _forget(self, element: Element) -> None:
        self._pending = 0
        element.clear()
        while (before := element.getprevious()) is not None:
            before.getparent().remove(before)

    def _item(self, entry: Element) -> Item:
        parts = _parts(entry)
        line = entry.sourceline
        try:
            day = day_of(_first_text(parts, _DATES))
        except ValueError as error:
            return ReadProblem(self._label, line, str(error))
        body = next((text for name in _BODIES if name in parts and (text := _body_text(parts[name]))), "")
        title = text_of_fragment(_text(parts["title"])) if "title" in parts else ""
        return make_item(
            self._label,
            line,
            self._options,
            title=" ".join(title.split()),
            body=body,
            date=day,
            url=_link(entry),
            source=self._title or None,
        )


def _parts(entry: Element) -> Mapping[str, Element]:
    """The entry's own children by name, the first one that is not empty; those of media extensions are left out."""
    parts: dict[str, Element] = {}
    for child in entry:
        is_media = isinstance(child.tag, str) and "search.yahoo.com/mrss" in child.tag
        if not is_media and (child.text or len(child)):
            parts.setdefault(_local(child), child)
    return parts


def _text(element: Element) -> str:
    return "".join(element.itertext())


def _first_text(parts: Mapping[str, Element], names: tuple[str, ...]) -> str | None:
    return next((_text(parts[name]).strip() for name in names if name in parts), None)


def _body_text(element: Element) -> str:
    if len(element):  # Atom's XHTML, or HTML that nobody escaped
        return text_of(element)
    return text_of_fragment(element.text)


def _link(entry: Element) -> str | None:
    """Atom's link is an attribute, RSS's a text; the id of an entry will do if it is an address."""
    for child in entry:
        if _local(child) == "link" and child.get("rel", "alternate") == "alternate":
            url = (child.get("href") or child.text or "").strip()
            if url.startswith(("http://", "https://")):
                return str(url)
    for child in entry:
        url = (child.text or "").strip()
        if (
            _local(child) in ("guid", "id")
            and child.get("isPermaLink") != "false"
            and url.startswith(("http://", "https://"))
        ):
            return str(url)
    return None
