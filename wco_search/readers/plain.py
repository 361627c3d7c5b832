"""Plain text and Markdown: a file is one document, perhaps with front matter.

    ---
    title: Операция «Корсар»
    date: 9 октября 2020
    tags: [таможня, контрабанда]
    ---
    Spanish Customs prevented illicit import of fossils.

Front matter is read as lines of `key: value`, with lists in brackets or as `- item` lines below the key; it is no YAML,
and a line of any other shape is a problem that costs only that line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wco_search.errors import ReadError
from wco_search.readers.encodings import whole_text
from wco_search.readers.items import Item, Options, ReadProblem
from wco_search.readers.records import RecordMapper
from wco_search.readers.sources import ByteStream

_LONGEST_TITLE = 200  # characters; a longer first line is a paragraph
_FENCE = "---"
_PAIR = re.compile(r"([^\W\d][\w.-]*)\s*:(?:\s+(.*))?")
_LIST_ITEM = re.compile(r"\s*-\s+(.+)")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}=+[ \t]*")
_TITLE_START = re.compile(r"[\w«\"“„(\[]")  # not a list, a quotation or a rule
_CODE = re.compile(r" {0,3}(`{3,}|~{3,})")


def read_text(stream: ByteStream, options: Options) -> Iterator[Item]:
    """The file as one document; a short first line with an empty one under it is the title.

    Raises:
        ReadError: The file cannot be decoded, is too long, or holds no text.
    """
    yield from _read_one(stream, options, is_markdown=False)


def read_markdown(stream: ByteStream, options: Options) -> Iterator[Item]:
    """The file as one document with its markup; the first heading is the title, and is taken out of the body.

    That is the first line if it is a heading of any level, else the first of level 1 (`# ...`) outside code.

    Raises:
        ReadError: The file cannot be decoded, is too long, or holds no text.
    """
    yield from _read_one(stream, options, is_markdown=True)


def _read_one(stream: ByteStream, options: Options, *, is_markdown: bool) -> Iterator[Item]:
    lines = whole_text(stream, options.encoding).split("\n")
    fields: dict[str, object] = {}
    end = _front_matter_end(lines)
    for number in range(1, end):
        if reason := _read_pair(lines[number], fields):
            yield ReadProblem(stream.label, number + 1, reason, is_lost=False)
    body = lines[end + 1 :] if end else lines
    if not any(line.strip() for line in body):
        raise ReadError(stream.label, None, "holds no text")
    title, body = (_split_heading(body) if is_markdown else None) or _split_title(body)
    fields.setdefault("title", title)
    if title and fields["title"] != title:  # the front matter has another one, so this one stays in the text
        body = lines[end + 1 :]
    fields["body"] = "\n".join(body).strip()
    yield from RecordMapper(stream.label, Options(source=options.source, language=options.language)).items(None, fields)


def _front_matter_end(lines: list[str]) -> int:
    """The number from 0 of the line that closes the front matter; 0 where there is none."""
    if lines[0].rstrip() != _FENCE:
        return 0
    closing = next((number for number, line in enumerate(lines) if number and line.rstrip() in (_FENCE, "...")), 0)
    return closing if any(_PAIR.fullmatch(line.rstrip()) for line in lines[1:closing]) else 0


def _read_pair(line: str, fields: dict[str, object]) -> str | None:
    """Puts one line of front matter into *fields*; the reason if it cannot be read."""
    if not line.strip() or line.lstrip().startswith("#"):
        return None
    if pair := _PAIR.fullmatch(line.rstrip()):
        fields[pair[1]] = _value((pair[2] or "").strip())
        return None
    last = next(reversed(fields), None)
    if last is not None and (item := _LIST_ITEM.fullmatch(line)):
        so_far = fields[last]
        if isinstance(so_far, list):
            so_far.append(_unquoted(item[1].strip()))
            return None
        if so_far == "":
            fields[last] = [_unquoted(item[1].strip())]
            return None
    return "this line of the front matter is not `key: value`; it is left out"


def _value(text: str) -> str | list[str]:
    if text.startswith("[") and text.endswith("]"):
        return [_unquoted(part.strip()) for part in text[1:-1].split(",") if part.strip()]
    return _unquoted(text)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'" else text


def _split_title(lines: list[str]) -> tuple[str, list[str]]:
    start = next(number for number, line in enumerate(lines) if line.strip())
    title, rest = lines[start].strip(), lines[start + 1 :]
    is_apart = len(rest) > 1 and not rest[0].strip() and any(line.strip() for line in rest)
    is_title = is_apart and len(title) <= _LONGEST_TITLE and _TITLE_START.match(title)
    return (title, rest) if is_title else ("", lines)


def _split_heading(lines: list[str]) -> tuple[str, list[str]] | None:
    start = next(number for number, line in enumerate(lines) if line.strip())
    if heading := _HEADING.fullmatch(lines[start]):
        return heading[2], lines[start + 1 :]
    if start + 1 < len(lines) and _UNDERLINE.fullmatch(lines[start + 1]):
        return lines[start].strip(), lines[start + 2 :]
    fence = ""
    for number, line in enumerate(lines):
        if code := _CODE.match(line):
            fence = "" if fence and code[1].startswith(fence) else fence or code[1]
        elif not fence and (heading := _HEADING.fullmatch(line)) and heading[1] == "#":
            return heading[2], lines[:number] + lines[number + 1 :]
    return None
