"""Written days, months and years."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.dates import Period, month_number, parse_day, parse_period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("30 октября 2020", "2020-10-30"),
        ("30 Октября 2020 года", "2020-10-30"),
        ("30 октября 2020 г.", "2020-10-30"),
        ("30-го октября 2020", None),
        ("1 мая 2020", "2020-05-01"),
        ("пятница, 30 октября 2020", "2020-10-30"),
        ("30 окт. 2020", "2020-10-30"),
        ("30 October 2020", "2020-10-30"),
        ("October 30, 2020", "2020-10-30"),
        ("Oct. 30th, 2020", "2020-10-30"),
        ("the 30th of October 2020", "2020-10-30"),
        ("Friday 30 October 2020", "2020-10-30"),
        ("Sept 5 2020", "2020-09-05"),
        ("2020-10-30", "2020-10-30"),
        ("2020-10-30T12:00:00+03:00", "2020-10-30"),
        ("2020-10-30 12:00", "2020-10-30"),
        ("2020-10-30 12:00 and more", None),
        ("30.10.2020", "2020-10-30"),
        ("30/10/2020", "2020-10-30"),
        ("9.10.2020", "2020-10-09"),
        ("30.10/2020", None),
        ("октябрь 2020", "2020-10-01..2020-10-31"),
        ("в октябре 2020 года", "2020-10-01..2020-10-31"),
        ("February 2020", "2020-02-01..2020-02-29"),
        ("2020-02", "2020-02-01..2020-02-29"),
        ("02.2020", "2020-02-01..2020-02-29"),
        ("2020", "2020-01-01..2020-12-31"),
        ("2020 год", "2020-01-01..2020-12-31"),
        ("31 июня 2020", None),
        ("29 февраля 2019", None),
        ("2020-13-01", None),
        ("30 октября", None),
        ("октябрь", None),
        ("may", None),
        ("8.3", None),
        ("HSC/66", None),
        ("93rd", None),
        ("5 2020", None),
        ("30 31 октября 2020", None),
        ("0 октября 2020", None),
        ("0001", None),
        ("From 19-23 October 2020", None),
        ("", None),
    ],
)
def test_what_is_written(text: str, period: str | None) -> None:
    """A day, a month, a year, or none of them."""
    found = parse_period(text)
    assert (None if found is None else str(found)) == period


@pytest.mark.parametrize(
    "pattern", ["{0.day} {1} {0.year}", "{0:%Y-%m-%d}", "{0:%d.%m.%Y}", "{0:%d/%m/%Y}", "{0:%B} {0.day}, {0.year}"]
)
@given(day=st.dates(dt.date(1990, 1, 1), dt.date(2035, 12, 31)))
def test_every_day_reads_back(pattern: str, day: dt.date) -> None:
    """In each form that writes a day."""
    genitive = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
    assert parse_day(pattern.format(day, genitive[day.month - 1])) == day


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    """Nothing raises."""
    assert parse_period(text) is None or isinstance(parse_period(text), Period)


def test_months_in_every_case() -> None:
    """Six cases of a Russian month are one month."""
    for form in ("август", "августа", "августу", "августом", "августе", "АВГУСТ"):
        assert month_number(form) == 8
    assert month_number("мае") == month_number("маем") == month_number("май") == 5
    assert month_number("марток") is None


def test_periods_may_be_open() -> None:
    """Without a start or an end they hold everything on that side."""
    assert dt.date(1990, 1, 1) in Period(None, dt.date(2020, 1, 1))
    assert dt.date(2021, 1, 1) not in Period(None, dt.date(2020, 1, 1))
    assert dt.date(2021, 1, 1) in Period(dt.date(2020, 1, 1), None)
    assert str(Period(dt.date(2020, 1, 1), None)) == "2020-01-01.."
