"""Saved web pages: an article, or a page that lists many with a date each, as a newsroom does.

A page is taken for a list if at least three repeated blocks hold a date on its own and some text, and if they make up
most of the text of the page. Nobody's page says so itself, so structure decides: see `_find_listing`.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

from wco_search.errors import ReadError
from wco_search.readers.encodings import whole_text
from wco_search.readers.items import Item, Options, make_item, written_day
from wco_search.readers.newsroom import date_line, is_read_more
from wco_search.readers.sources import ByteStream

Element: TypeAlias = Any  # lxml has no types of its own

_FEWEST_ITEMS = 3  # two dates on a page are those of an article: published, updated
_ITEMS_SHARE = 0.5  # of the page's text; else they are the "related news" beside an article
_LARGEST_PAGE = 50_000  # elements, of which an article has some thousand; beyond, trafilatura takes seconds to minutes
_SILENT = frozenset("head iframe noscript object script select style svg template textarea".split())
_FURNITURE = _SILENT | {"nav", "header", "footer", "aside", "form", "button"}
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp small span strike "
    "strong sub sup time tt u var wbr".split()
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_DATE_PROPERTIES = "article:published_time og:published_time datepublished dc.date.issued dc.date pubdate date".split()
_DECLARED = re.compile(
    rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
_FORBIDDEN = dict.fromkeys((*range(1, 9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))
_DECLARED_WITHIN = 4096  # bytes; the HTML standard asks for the first 1,024


def read_html(stream: ByteStream, options: Options) -> Iterator[Item]:
    """The article of a page, or each item that it lists.

    Raises:
        ReadError: The file cannot be decoded, is too long, nested too deep, or holds no text.
    """
    match = _DECLARED.search(stream.head[:_DECLARED_WITHIN])
    declared = (match[1] or match[2]).decode("ascii", "replace") if match else None
    page = _parsed_page(stream.label, whole_text(stream, options.encoding, declared=declared))
    facts = _page_facts(page)
    url = _own_url(page, facts)
    listing = _find_listing(page, facts)
    if listing:
        base = next((node.get("href") for node in page.iter("base")), None)
        yield from _listing_items(stream.label, options, listing, facts, _absolute(base, url) or url)
    else:
        yield _article(stream.label, options, page, facts, url)


def _parsed_page(label: str, text: str) -> Element:
    page, is_whole = _parsed(text)
    if page is None:
        raise ReadError(label, None, "holds no HTML")
    if not is_whole:
        raise ReadError(label, None, "more than 255 elements inside each other: no page that was meant to be read")
    return page


def _parsed(markup: str) -> tuple[Element, bool]:
    """The root of a page, None if there is nothing but comments; and whether the parser went to its end."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        page = html.document_fromstring(bytes_for_xml(markup), parser=parser)
    except etree.ParserError:
        return None, True
    return page, all(entry.type != etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)


def bytes_for_xml(text: str) -> bytes:
    """*text* for lxml: in UTF-8, without the control characters that XML forbids and old archives hold."""
    return text.translate(_FORBIDDEN).encode("utf-8", "replace")


def text_of(element: Element, skipped: frozenset[str] = _SILENT) -> str:
    """The text of an element, a line for each block, without the elements called *skipped* and without empty lines."""
    return _tidied(_texts(element, lambda node: node.tag in skipped))


def _texts(element: Element, is_skipped: Callable[[Element], bool], date: Element = None) -> Iterator[str]:
    """The pieces of text, with line ends around blocks; of the element *date* only what is behind its first text."""
    from lxml import etree

    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        yield "" if node.tag in _INLINE else "\n"
        if event == "end":
            yield _one_line(node.tail) if node is not element else ""
        elif is_skipped(node):
            walk.skip_subtree()
        elif node is not date:
            yield _one_line(node.text)


def _tidied(texts: Iterable[str]) -> str:
    lines = (" ".join(line.split()) for line in "".join(texts).split("\n"))
    return "\n".join(line for line in lines if line)


def _one_line(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""  # line ends in the source of a page mean nothing


def text_of_fragment(markup: str) -> str:
    r"""The text of a piece of HTML, such as feeds hold.

    Example:
        >>> text_of_fragment("<p>Таможня <b>Испании</b></p><p>R&amp;D</p>")
        'Таможня Испании\nR&D'
    """
    if "<" not in markup and "&" not in markup:
        return _tidied([markup])
    page, is_whole = _parsed(f"<div>{markup}</div>")
    return text_of(page) if is_whole else _tidied([re.sub(r"<[^>]*>", "\n", markup)])


def _page_facts(page: Element) -> Mapping[str, str]:
    """What the page says about itself in `<meta>`, the first of each name, in lower case."""
    facts: dict[str, str] = {}
    for meta in page.iter("meta"):
        content = (meta.get("content") or "").strip()
        for key in ("property", "name", "itemprop"):
            if content and meta.get(key):
                facts.setdefault(meta.get(key).strip().lower(), content)
    return facts


def _own_url(page: Element, facts: Mapping[str, str]) -> str | None:
    """The page's own address."""
    canonical = (
        link.get("href") for link in page.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    )
    return next((url for url in (*canonical, facts.get("og:url")) if _is_web(url)), None)


def _is_web(url: str | None) -> bool:
    try:
        return url is not None and urlsplit(url).scheme in ("http", "https")
    except ValueError:  # such as http://[
        return False


# An article.


def _article(label: str, options: Options, page: Element, facts: Mapping[str, str], url: str | None) -> Item:
    title, day, text = _extracted(page)
    title = facts.get("og:title") or title
    day = _stated_day(page, facts) or day
    text = text or text_of(page, _FURNITURE) or text_of(page)
    if not text.strip():
        raise ReadError(label, None, "holds no text")
    first, _, rest = text.partition("\n")
    body = rest.strip() if title and first.strip() == title and rest.strip() else text
    return make_item(label, None, options, title=title, date=day, body=body, url=url, source=facts.get("og:site_name"))


def _extracted(page: Element) -> tuple[str, dt.date | None, str]:
    """Title, day and text as trafilatura finds them."""
    found = None
    if sum(1 for _ in page.iter()) <= _LARGEST_PAGE:
        found = _found_by_trafilatura(page)
    if found is None:  # or too little text for it to tell from furniture
        title = page.find(".//title")
        return (" ".join(title.text_content().split()) if title is not None else ""), None, ""
    return found.title or "", written_day(found.date or ""), found.text or ""


def _found_by_trafilatura(page: Element) -> Any:
    import trafilatura

    exact_dates = {"extensive_search": False, "original_date": True}  # an extensive search takes any number for a date
    return trafilatura.bare_extraction(
        copy.deepcopy(page), with_metadata=True, include_comments=False, date_extraction_params=exact_dates
    )


def _stated_day(page: Element, facts: Mapping[str, str]) -> dt.date | None:
    stated = [facts.get(name) for name in _DATE_PROPERTIES]
    stated.extend(time.get("datetime") for time in page.iter("time"))
    return next((day for text in stated if text and (day := written_day(text))), None)


# A page that lists articles.


@dataclass(slots=True)
class _Block:
    """One item of a list: its elements one behind the other, its day, and the element that writes it."""

    elements: list[Element]
    day: dt.date | None = None
    date: Element = None

    def is_date_alone(self) -> bool:
        """Whether the first element has no text but the date."""
        return not _tidied(_texts(self.elements[0], _is_silent_or_more, self.date))

    def length(self) -> int:
        """Characters of all its text."""
        return sum(len(text_of(element)) + len(_one_line(element.tail)) for element in self.elements)

    def lines(self) -> list[str]:
        """The text, without the date and the link to the rest."""
        texts: list[str] = []
        for element in self.elements:
            texts.extend(_texts(element, _is_silent_or_more, self.date))
            texts.append(_one_line(element.tail))
        return [line for line in _tidied(texts).split("\n") if line and not is_read_more(line)]


def _is_silent_or_more(node: Element) -> bool:
    return node.tag in _SILENT or (node.tag == "a" and is_read_more("".join(node.itertext())))


def _find_listing(page: Element, facts: Mapping[str, str]) -> list[_Block]:
    """The items that a page lists; none if it is an article."""
    if facts.get("og:type", "").lower() == "article" or "article:published_time" in facts:
        return []
    dates = _repeated_dates(page)
    if len(dates) < _FEWEST_ITEMS:
        return []
    blocks = [block for block in _blocks(dates) if block.lines()]
    listed = sum(block.length() for block in blocks)
    is_most = listed >= _ITEMS_SHARE * len(text_of(page, _FURNITURE))
    return blocks if len(blocks) >= _FEWEST_ITEMS and is_most else []


def _repeated_dates(page: Element) -> list[tuple[Element, dt.date]]:
    """The largest group of elements of one kind that hold a date and nothing else before their children."""
    groups: dict[tuple[str, str], list[tuple[Element, dt.date]]] = defaultdict(list)
    for element in page.iter():
        if isinstance(element.tag, str) and (day := _day_of_element(element)) and not _is_comment(element):
            groups[_kind(element)].append((element, day))
    return max(groups.values(), key=len, default=[])


def _day_of_element(element: Element) -> dt.date | None:
    day = date_line(element.text or "")
    if day is None and element.tag == "time":
        day = written_day(element.get("datetime") or "")
    return day


def _is_comment(element: Element) -> bool:
    around = (node for node in (element, *element.iterancestors()) if node.tag not in ("html", "body"))
    return any("comment" in f"{node.get('class')} {node.get('id')}".lower() for node in around)


def _kind(element: Element) -> tuple[str, str]:
    return element.tag, element.get("class") or ""


def _blocks(dates: Sequence[tuple[Element, dt.date]]) -> list[_Block]:
    """For each date the largest element around it with no other date in it, and undated elements of the same kind.

    Where that element holds the date alone, those behind it, up to the next date, belong to it.
    """
    inside = Counter(node for element, _ in dates for node in (element, *element.iterancestors()))
    found: dict[Element, _Block] = {}
    for element, day in dates:
        block = element
        while (parent := block.getparent()) is not None and inside[parent] == 1:
            block = parent
        found[block] = _Block([block], day, element)
    if all(block.is_date_alone() for block in found.values()):
        _gather_behind(found)
        return list(found.values())
    return list(_with_undated(found))


def _gather_behind(found: Mapping[Element, _Block]) -> None:
    """Gives every date the elements behind it; the last one no more of them than another one has."""
    longest = 1
    for number, (start, block) in enumerate(found.items(), 1):
        for behind in start.itersiblings():
            if behind in found or (number == len(found) and len(block.elements) > longest):
                break
            block.elements.append(behind)
        longest = max(longest, len(block.elements) - 1)


def _with_undated(found: Mapping[Element, _Block]) -> Iterator[_Block]:
    """All blocks in their order, with those beside them of the same kind whose date is no day, such as "yesterday"."""
    parents = dict.fromkeys(block.getparent() for block in found)
    kinds = {_kind(block) for block in found}
    for parent in parents:
        for child in parent if parent is not None else ():
            if child in found:
                yield found[child]
            elif isinstance(child.tag, str) and _kind(child) in kinds:
                yield _Block([child])


def _listing_items(
    label: str, options: Options, blocks: Sequence[_Block], facts: Mapping[str, str], base: str | None
) -> Iterator[Item]:
    urls = [_link(block, base) for block in blocks]
    shared = Counter(urls)
    for block, url in zip(blocks, urls, strict=True):
        title, lines = _heading(block)
        yield make_item(
            label,
            block.elements[0].sourceline,
            options,
            title=title,
            body="\n".join(lines),
            date=block.day,
            url=url if shared[url] == 1 else None,  # a link to the list itself names no item
            source=facts.get("og:site_name"),
        )


def _heading(block: _Block) -> tuple[str, list[str]]:
    lines = block.lines()
    headings = (text_of(heading) for element in block.elements for heading in element.iter(*_HEADINGS))
    title = next((text for text in headings if text in lines), "")
    if title:
        lines.remove(title)
    return title, lines


def _link(block: _Block, base: str | None) -> str | None:
    """The absolute address of the item: that of "read more", else of its heading, else its first one."""
    links = [(link, _absolute(link.get("href"), base)) for element in block.elements for link in element.iter("a")]
    links = [(link, url) for link, url in links if url]
    choices: Sequence[Callable[[Element], bool]] = (
        lambda link: is_read_more(text_of(link)),
        _is_in_heading,
        lambda _: True,
    )
    for fits in choices:
        if url := next((url for link, url in links if fits(link)), None):
            return url
    return None


def _absolute(href: str | None, base: str | None) -> str | None:
    if not href or href.startswith("#"):
        return None
    try:
        url = urljoin(base or "", href.strip())
    except ValueError:
        return None
    return url if _is_web(url) else None


def _is_in_heading(link: Element) -> bool:
    return any(node.tag in _HEADINGS for node in (*link.iterancestors(), *link.iterchildren()))
