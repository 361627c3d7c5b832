"""Records: which column is which field in JSON, JSONL, CSV, TSV and Parquet, and what is said of bad ones."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.documents import Document
from wco_search.errors import MissingExtraError, ReadError
from wco_search.readers import Reading, read, records
from wco_search.readers.encodings import iter_lines
from wco_search.readers.items import Options, day_of, make_item
from wco_search.readers.records import FIELDS, RecordMapper

DATA = Path(__file__).parent / "data" / "readers"
DAY = dt.date(2020, 10, 9)

Reader = Callable[..., Reading]


@pytest.fixture
def reading(tmp_path: Path) -> Reader:
    """Writes a file of that name and reads it."""

    def make(name: str, content: str | bytes, **options: Any) -> Reading:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read(path, **options)

    return make


def problems(result: Reading) -> list[tuple[int | None, str]]:
    """Line and reason of every problem, once all has been read."""
    list(result)
    return [(problem.line, problem.reason) for problem in result.problems]


# Columns and fields.


@pytest.mark.parametrize(("field", "name"), [(field, name) for field, names in FIELDS.items() for name in names])
def test_usual_names_of_columns(reading: Reader, field: str, name: str) -> None:
    """Every one of them, in capitals too; what is recognised is not metadata as well."""
    value = "2020-10-09" if field == "date" else "ru"
    record = {"body": "Таможня задержала груз.", name.upper(): value}
    if field == "body":
        record = {name.upper(): value}
    [document] = reading("a.jsonl", json.dumps(record), strict=True)
    assert getattr(document, field) == (DAY if field == "date" else value)
    assert document.metadata == {}


def test_first_of_several_usual_names_wins(reading: Reader) -> None:
    """The other one is kept as metadata."""
    [document] = reading("a.jsonl", '{"text": "Б", "body": "А", "Body": "В"}', strict=True)
    assert (document.body, document.metadata) == ("А", {"text": "Б", "Body": "В"})


def test_named_columns(reading: Reader) -> None:
    """In any case; the usual name then means nothing any more."""
    record = '{"Article_Text": "А", "day": "9 октября 2020", "date": "вчера", "body": "Б", "title": "В"}'
    [document] = reading(
        "a.jsonl", record, columns={"body": "article_text", "date": "DAY", "url": "title"}, strict=True
    )
    assert (document.body, document.date, document.url, document.title) == ("А", DAY, "В", "")
    assert document.metadata == {"date": "вчера", "body": "Б"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "title,body\nА,Б\n"),
        ("a.tsv", "title\tbody\nА\tБ\n"),
        ("a.jsonl", '{"title": "А"}\n{"body": "Б"}\n'),
        ("a.json", '[{"title": "А", "body": "Б"}]'),
    ],
)
def test_named_column_that_is_nowhere_is_raised(reading: Reader, name: str, content: str) -> None:
    """Even if not strict: a typo must not read as an archive without dates."""
    with pytest.raises(ReadError, match=r"no column 'dya' for date, as columns= says; there are: title, body"):
        list(reading(name, content, columns={"date": "dya"}))


def test_named_column_of_few_records_is_enough(reading: Reader) -> None:
    """Records may leave out what they do not have."""
    assert (
        problems(reading("a.jsonl", '{"body": "А"}\n{"body": "Б", "day": "2020-10-09"}', columns={"date": "day"})) == []
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2020-10-09", DAY),
        ("2020-10-09T23:59:59.999Z", DAY),
        ("2020-10-09 10:00:00+03:00", DAY),
        ("9 октября 2020 г.", DAY),
        ("09.10.2020 10:00", DAY),
        ("October 9, 2020", DAY),
        ("Fri, 09 Oct 2020 10:00:00 +0300", DAY),
        ("Fri, 09 Oct 20 10:00 GMT", DAY),
        ("", None),
        (" ", None),
        (None, None),
        (dt.datetime(2020, 10, 9, 23), DAY),
        (DAY, DAY),
    ],
)
def test_dates(value: object, expected: dt.date | None) -> None:
    """As archives write them; the day is the one that is printed, whatever the zone."""
    assert day_of(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1602201600, "the date is a number"),
        ("1602201600", "the date is a number"),
        ("1602201600.5", "the date is a number"),
        (True, "the date is a number"),
        ("вчера", "the date 'вчера' is not a day"),
        ("2020", "the date '2020' is not a day"),
        ("октябрь 2020", "the date 'октябрь 2020' is not a day"),
        ("2020-13-01", "the date '2020-13-01' is not a day"),
        ("99 Oct 20 10:00 GMT", "the date '99 Oct 20 10:00 GMT' is not a day"),
        ("12:00", "the date '12:00' is not a day"),
        ("10:00 Новости", "the date '10:00 Новости' is not a day"),
    ],
)
def test_bad_dates_make_a_problem_of_the_record(reading: Reader, value: object, reason: str) -> None:
    """Never a document without a date."""
    result = reading("a.jsonl", json.dumps({"body": "А", "date": value}) + '\n{"body": "Б"}')
    [(line, found)] = problems(result)
    assert line == 1 and found.startswith(reason)
    assert (result.read, result.skipped) == (1, 1)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ('{"body": 7}', "body must be a string, not int"),
        ('{"body": ["А"]}', "body must be a string, not list"),
        ('{"body": "А", "id": true}', "id must be a string, not bool"),
        ('{"body": "А", "id": 1.5}', "id must be a string, not float"),
        ('{"title": ""}', "body is empty, and so is the title: there is nothing to index"),
        ('{"body": "\\ud800"}', "body character 0 is half of a surrogate pair, which no text file can hold"),
        ('["А"]', "a list where a record was expected"),
        ('"А"', "a string where a record was expected"),
        ("null", "null where a record was expected"),
        ('{"body": "А"', "not valid JSON: Expecting ',' delimiter (column 13)"),
        ('{"body": "А"} {}', "not valid JSON: text behind the record (column 14)"),
        ('{"body": NaN}', "not valid JSON: NaN is not JSON"),
        ("[" * 100_000, "not valid JSON: nested too deep"),
        ('{"body": "А\x00"}', "not valid JSON: Invalid control character at (column 12)"),
    ],
    ids=lambda value: value[:24],
)
def test_bad_record_is_a_problem_at_its_line(reading: Reader, record: str, reason: str) -> None:
    """And the records around it are read."""
    result = reading("a.jsonl", '{"body": "до"}\n' + record + '\n{"body": "после"}\n')
    assert [document.body for document in result] == ["до", "после"]
    assert problems(result) == [(2, reason)]
    assert result.skipped == 1


def test_metadata_of_every_plain_type(reading: Reader) -> None:
    """As it is; an object called metadata is merged, and its values win."""
    extra = {
        "views": 12,
        "share": 0.5,
        "hot": True,
        "none": None,
        "tags": ["а", "б"],
        "none_yet": [],
        "section": "море",
    }
    record = {"body": "А", **extra, "metadata": {"section": "порт", "body": "inner"}}
    [document] = reading("a.jsonl", json.dumps(record), strict=True)
    expected = {**extra, "tags": ("а", "б"), "none_yet": (), "section": "порт", "body": "inner"}
    assert document.metadata == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('{"a": 1}', "'x' is an object, not text, a number, true or false, or a list of texts"),
        ("[1, 2]", "'x' is of type list, not text"),
        ("1e999", "'x' is of type float, not text"),
        ('"\\ud800"', "'x' 'utf-8' codec can't encode"),
        ('["\\ud800"]', "'x' 'utf-8' codec can't encode"),
    ],
)
def test_metadata_that_no_field_can_hold(reading: Reader, value: str, reason: str) -> None:
    """Left out, said once for a file, and the documents are read."""
    record = f'{{"body": "А", "x": {value}}}'
    result = reading("a.jsonl", f"{record}\n{record}")
    assert [document.metadata for document in result] == [{}, {}]
    [(line, found)] = problems(result)
    assert line == 1 and found.startswith(reason) and found.endswith("it is left out, here and below")
    assert result.skipped == 0


def test_many_kinds_of_bad_metadata_are_all_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are more names than are remembered, they are told each time rather than not at all."""
    monkeypatch.setattr(records, "_REPORTED_LIMIT", 1)
    mapper = RecordMapper("a.jsonl", Options())
    told = [len(list(mapper.items(1, {"body": "А", name: {}}))) - 1 for name in ("x", "y", "x", "y")]
    assert told == [1, 1, 0, 1]


def test_numbers_as_ids(reading: Reader) -> None:
    """JSON archives number their articles."""
    assert [document.id for document in reading("a.jsonl", '{"id": 93, "body": "А"}', strict=True)] == ["93"]


def test_source_and_language_of_the_call_fill_gaps(reading: Reader) -> None:
    """And give way to those of the record."""
    content = '{"body": "А", "source": "ТАСС", "lang": "be"}\n{"body": "Б", "source": ""}'
    documents = list(reading("a.jsonl", content, source="WCO", language="uk"))
    assert [(document.source, document.language) for document in documents] == [("ТАСС", "be"), ("WCO", "uk")]


PLAIN = st.text(st.characters(codec="utf-8"), max_size=20)
KEYS = st.from_regex(r"[a-zа-я]{4,8}", fullmatch=True).filter(
    lambda name: name not in {usual for names in FIELDS.values() for usual in names} | {"metadata"}
)
DOCUMENTS = st.builds(
    Document,
    body=PLAIN.filter(str.strip),
    title=PLAIN,
    date=st.none() | st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31)),
    id=PLAIN,
    url=st.none() | st.just("https://customs.example/1"),
    source=st.none() | PLAIN.filter(bool),
    language=st.none() | st.sampled_from(["ru", "en", "uk"]),
    metadata=st.dictionaries(
        KEYS, PLAIN | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(PLAIN)
    ),
)


@given(st.lists(DOCUMENTS, min_size=1, max_size=5), st.booleans())
def test_documents_survive_a_trip_through_jsonl(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Document], ascii_only: bool
) -> None:
    """What `to_dict` gave is read back as equal documents."""
    path = tmp_path_factory.mktemp("trip") / "a.jsonl"
    lines = [json.dumps(document.to_dict(), ensure_ascii=ascii_only) for document in documents]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    assert list(read(path, strict=True)) == documents


# JSON.


def test_jsonl_file() -> None:
    """Usual names, an empty line, and metadata."""
    first, second = read(DATA / "news.jsonl", strict=True)
    assert (first.id, first.date, first.metadata) == ("corsair", DAY, {"views": 120})
    assert (second.id, second.title, second.date) == ("93", "WCO News", dt.date(2020, 10, 29))
    assert (second.language, second.metadata) == ("en", {"tags": ("magazine",)})


def test_json_array_file() -> None:
    """An array of objects."""
    first, second = read(DATA / "news.json", strict=True)
    assert (first.id, first.date) == ("corsair", DAY)
    assert (second.title, second.date) == ("Guinea", None)


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ('{"total": 2, "articles": [{"body": "А"}, {"text": "Б"}], "tags": ["x"]}', ["А", "Б"]),
        ('{"title": "A feed", "items": [{"body": "А"}]}', ["А"]),
        ('{"content": [{"body": "А"}]}', ["А"]),
        ('{"title": "Т", "body": "А", "comments": ["да"]}', ["А"]),
        ('{"title": "Т", "lists": []}', [""]),
        ('[\n{"body": "А"}\n,{"body": "Б"}]\n', ["А", "Б"]),
        ('\ufeff [{"body": "А"}]', ["А"]),
    ],
)
def test_shapes_of_json(reading: Reader, text: str, bodies: list[str]) -> None:
    """An array, an object with one list of objects, one article."""
    assert [document.body for document in reading("a.json", text, strict=True)] == bodies


@pytest.mark.parametrize(
    ("text", "bodies", "line", "reason"),
    [
        ('[{"body": "А"},\n{"body": 7},\n{"body": "Б"}]', ["А", "Б"], 2, "body must be a string, not int"),
        ('[{"body": "А"},\n"Б",\n{"body": "В"}]', ["А", "В"], 2, "a string where a record was expected"),
        ('[{"body": "А"},\n12, {"body": "В"}]', ["А", "В"], 2, "a number where a record was expected"),
        ('[{"body": "А"},\n\n{"body": "Б', ["А"], 3, "not valid JSON: Unterminated string"),
        ('[{"body": "А"},\n{"body":\n\nxx}]', ["А"], 4, "not valid JSON: Expecting value (column 1)"),
        ('[{"body": "А"}\n{"body": "Б"}]', ["А"], 2, "not valid JSON: , or ] must follow a record"),
        ('[{"body": "А"},\n]', ["А"], 2, "not valid JSON: Expecting value"),
        ('[{"body": "А"}', ["А"], 1, "not valid JSON: , or ] must follow a record"),
        ('[{"body": "А"}, 12', ["А"], 1, "a number where a record was expected"),
        ('[{"body": "А"}]\n[]', ["А"], 2, "text behind the end of the array"),
        (
            '{"body": "А"}\n{"body": "Б"}',
            [],
            2,
            "text behind the end of the object; for one record a line, pass format='jsonl'",
        ),
        (
            '{"a": [{"body": "А"}], "b": [{"body": "Б"}]}',
            [],
            None,
            "several lists of records (a, b); keep one in the file",
        ),
        ('{"a": [{"body": "А"}, {"body": 7}]}', ["А"], None, "a[2]: body must be a string, not int"),
        ("[]", [], None, "holds no documents"),
        ("Таможня", [], 1, "not JSON: it begins neither with [ nor with {"),
        (" \n ", [], 2, "not JSON: it begins neither with [ nor with {"),
        ("[" * 100_000, [], 1, "not valid JSON: nested too deep"),
        ('[{"id": ' + "1" * 5000 + "}]", [], 1, "not valid JSON"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_bad_json(reading: Reader, text: str, bodies: list[str], line: int | None, reason: str) -> None:
    """What stands before the damage is read, and the first problem has its line."""
    result = reading("a.json", text)
    assert [document.body for document in result] == bodies
    found = problems(result)
    assert found[0][0] == line and found[0][1].startswith(reason)


@pytest.mark.parametrize("chunk", [1, 2, 7, 64])
def test_json_array_in_pieces(chunk: int) -> None:
    """Records and numbers that are cut between two pieces of the file are read as one."""
    text = '[{"body": "Таможня", "views": 1234567},\n 123456, {"body": "\\u0413руз \\"№ 5\\"", "n": [ ]}]'
    window = records._Window("a.json", iter([text[at : at + chunk] for at in range(0, len(text), chunk)]))
    items = list(records._array_items(window, RecordMapper("a.json", Options())))
    assert [item.body if isinstance(item, Document) else item.line for item in items[:2]] == ["Таможня", 2]
    assert isinstance(items[-1], Document) and items[-1].body == 'Груз "№ 5"'


def test_json_record_without_end_is_given_up(reading: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it fills the memory."""
    monkeypatch.setattr(records, "RECORD_LIMIT", 300_000)
    found = problems(reading("a.json", '[{"body": "' + "а" * 1_000_000))
    assert [reason.split(":")[0] for _, reason in found] == [
        "not valid JSON within the 300,000 characters that it may have"
    ]


def test_json_record_too_long(reading: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number of a million digits, say."""
    monkeypatch.setattr(records, "RECORD_LIMIT", 300_000)
    found = problems(reading("a.json", '["' + "а" * 1_000_000 + '"]'))
    assert len(found) == 1 and found[0][1].startswith("not valid JSON within the 300,000 characters")


def test_one_json_object_too_long(reading: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would have to be in memory as a whole."""
    monkeypatch.setattr(records, "OBJECT_LIMIT", 300_000)
    text = json.dumps({"articles": [{"body": "а" * 1000}] * 1000})
    [(_, reason)] = problems(reading("a.json", text))
    assert reason.startswith("not valid JSON within the 300,000 characters that it may have")


# CSV and TSV.


def test_csv_of_russian_excel() -> None:
    """Semicolons, Russian names of columns, a quoted value of two lines, an empty one."""
    first, second = read(DATA / "news.csv", strict=True)
    assert (first.title, first.date, first.source) == ("Операция «Корсар»", DAY, "Вестник таможни")
    assert first.body == 'Испанская таможня задержала "окаменелости";\nони пришли в Валенсию.'
    assert (second.source, second.metadata) == (None, {"Раздел": "trade"})


def test_tsv_file() -> None:
    """Tabs, whatever else is in the header."""
    [document] = read(DATA / "news.tsv", strict=True)
    assert (document.title, document.date) == ("Операция «Корсар»", DAY)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(reading: Reader, delimiter: str) -> None:
    """The one that splits the header best, though others are in the texts."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([["id", "body", "note, or; remark"], ["1", "Груз; порт, склад | 5\tтонн", ""]])
    [document] = reading("a.csv", out.getvalue(), strict=True)
    assert (document.id, document.body) == ("1", "Груз; порт, склад | 5\tтонн")
    assert document.metadata == {"note, or; remark": ""}


def test_csv_of_one_column(reading: Reader) -> None:
    """With a blank line before the header, empty rows, and no name for the last column."""
    content = '\n text ,\n"Груз, порт",\n\n,\nСклад,x\n'
    assert [(document.body, document.metadata) for document in reading("a.csv", content, strict=True)] == [
        ("Груз, порт", {"column_2": ""}),
        ("Склад", {"column_2": "x"}),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1", "1 values for 2 columns"),
        ("1,А,лишнее", "3 values for 2 columns"),
        ('1,"А"Б', "not a row of this table: ',' expected after '\"'"),
        ("1,А\0Б", "a NUL character; the file is damaged here"),
        ("1,", "body is empty, and so is the title: there is nothing to index"),
    ],
)
def test_bad_row_is_a_problem_at_its_line(reading: Reader, row: str, reason: str) -> None:
    """After a value of two lines, which must not shift the count; the rows below it are read."""
    result = reading("a.csv", f'id,body\n0,"до\nтого"\n{row}\n2,после\n')
    assert [document.body for document in result] == ["до\nтого", "после"]
    assert problems(result) == [(4, reason)]


def test_quote_that_is_never_closed(reading: Reader) -> None:
    """It eats the file; that must not look like one long article."""
    result = reading("a.csv", 'id,body\n1,А\n2,"Б\n3,В\n4,Г\n')
    assert [document.body for document in result] == ["А"]
    assert problems(result) == [
        (3, "a quote that opens in this row is never closed, so that the rest of the file went into it")
    ]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (
            "day,article\n2020-10-09,А\n",
            1,
            'no column is called title or body; name them with columns={"body": "..."}; there are: day, article',
        ),
        ("Таможня задержала груз.\n", 1, "no column is called title or body"),
        ("date,url\n2020-10-09,https://customs.example/1\n", 1, "no column is called title or body"),
        ("body,tag,tag\nА,б,в\n", 1, "two columns are called 'tag'; rename one"),
        ("\n\n", 1, "no header"),
        ('\n\n"body\nА\n', 3, "a quote that opens in this row is never closed"),
        ("body\n", None, "holds no documents"),
        (",".join(f"c{n}" for n in range(30)) + "\n", 1, "no column is called title or body"),
    ],
    ids=lambda value: str(value)[:16],
)
def test_bad_headers(reading: Reader, content: str, line: int | None, reason: str) -> None:
    """They say which columns there are and how to name them."""
    [(at, found)] = problems(reading("a.csv", content))
    assert at == line and found.startswith(reason)


def test_long_headers_are_cut_in_messages(reading: Reader) -> None:
    """Twenty names are enough to see what is wrong."""
    [(_, reason)] = problems(reading("a.csv", ",".join(f"c{n}" for n in range(30)) + "\n"))
    assert reason.endswith("c18, c19, ...")


def test_long_values_and_long_rows(reading: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than Python's own limit is read; longer than a record may be is a problem, of one line or of many."""
    monkeypatch.setattr("wco_search.readers.tables.RECORD_LIMIT", 500_000)
    many_lines = '"' + ("а" * 99 + "\n") * 6000 + '"'
    result = reading("a.csv", f"body\n{'а' * 400_000}\n{many_lines}\nпосле\n")
    assert [len(document.body) for document in result] == [400_000, len("после")]
    assert problems(result) == [(3, "a record of more than 16,777,216 characters; split it into several")]


def test_line_too_long_for_a_row(monkeypatch: pytest.MonkeyPatch, reading: Reader) -> None:
    """Its text is dropped while it is read."""
    monkeypatch.setattr("wco_search.readers.tables.iter_lines", lambda chunks: iter_lines(chunks, limit=1000))
    result = reading("a.csv", f"body\n{'а' * 2000}\nпосле\n")
    assert [document.body for document in result] == ["после"]
    assert problems(result) == [(2, "a record of more than 16,777,216 characters; split it into several")]


# Parquet.


def parquet(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    """Writes a Parquet file."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as pq

    pq.write_table(pa.table(columns), path, **options)
    return path


def test_parquet(tmp_path: Path) -> None:
    """Dates and times of day as such, lists, an object called metadata; more rows than one batch."""
    pa = pytest.importorskip("pyarrow")
    count = 100
    path = parquet(
        tmp_path / "a.parquet",
        {
            "id": list(range(count)),
            "text": [f"Груз {number}" for number in range(count)],
            "date": pa.array([DAY] * count, pa.date32()),
            "seen": pa.array([dt.datetime(2020, 10, 9, 12)] * count, pa.timestamp("ns")),
            "tags": [["порт"]] * count,
            "metadata": [{"views": number} for number in range(count)],
        },
    )
    documents = list(read(path, strict=True))
    assert [document.id for document in documents] == [str(number) for number in range(count)]
    assert {document.date for document in documents} == {DAY}
    assert documents[7].metadata == {"seen": "2020-10-09T12:00:00", "tags": ("порт",), "views": 7}


def test_parquet_dates_with_time(tmp_path: Path) -> None:
    """The day of a time stamp, in its own zone; a plain day as metadata."""
    pa = pytest.importorskip("pyarrow")
    stamps = pa.array([dt.datetime(2020, 10, 9, 1, tzinfo=dt.UTC)], pa.timestamp("ns", "UTC"))
    path = parquet(tmp_path / "a.parquet", {"body": ["А"], "date": stamps, "day": pa.array([DAY], pa.date32())})
    assert [(document.date, document.metadata) for document in read(path, strict=True)] == [(DAY, {"day": DAY})]


def test_parquet_problems_are_numbered_by_row(tmp_path: Path) -> None:
    """There are no lines in it."""
    result = read(parquet(tmp_path / "a.parquet", {"body": ["А", "", "Б"]}))
    assert [document.body for document in result] == ["А", "Б"]
    assert [problem.line for problem in result.problems] == [2]


def test_parquet_with_named_columns(tmp_path: Path) -> None:
    """As in the other tables."""
    path = parquet(tmp_path / "a.parquet", {"article": ["А"]})
    assert [document.body for document in read(path, columns={"body": "article"})] == ["А"]
    with pytest.raises(ReadError, match="no column 'x' for body, as columns= says; there are: article"):
        list(read(path, columns={"body": "x"}))


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_parquet_cut_off(tmp_path: Path, keep: float) -> None:
    """A damaged file is a problem, not a crash."""
    path = parquet(tmp_path / "a.parquet", {"body": [f"Груз {number}" for number in range(1000)]})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    [(_, reason)] = problems(read(path))
    assert reason.startswith("damaged Parquet file: ")


def test_parquet_with_two_columns_of_one_name(tmp_path: Path) -> None:
    """One of them would be lost."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as pq

    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["А"]), pa.array(["Б"])], names=["body", "body"]), path)
    assert problems(read(path)) == [(1, "two columns are called 'body'; rename one")]


def test_parquet_with_huge_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would be unpacked as a whole."""
    monkeypatch.setattr("wco_search.readers.tables.ROW_GROUP_LIMIT", 1000)
    path = parquet(tmp_path / "a.parquet", {"body": [f"Груз {number}" for number in range(1000)]})
    [(_, reason)] = problems(read(path))
    assert reason.startswith("a row group of more than")


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    path = parquet(tmp_path / "a.parquet", {"body": ["А"]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'wco-search\[parquet\]'"):
        list(read(path))


def test_document_of_too_many_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Title and body together."""
    monkeypatch.setattr("wco_search.readers.items.RECORD_LIMIT", 10)
    assert not isinstance(make_item("a.txt", 3, Options(), title="а" * 6, body="б" * 5), Document)
    assert isinstance(make_item("a.txt", 3, Options(), title="а" * 5, body="б" * 5), Document)
