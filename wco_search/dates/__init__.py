"""Calendar days as people write them, in Russian and English.

`parse_period` reads a line that is one date, strictly; readers use it for date lines. `read_date` reads the value of a
query's date field, and `DateFinder` finds dates in the words of a query. A period is a pair of days, both inclusive.
Days have no time zone: a newspaper's date is the date printed on it.

| written                                                  | is                                                |
|----------------------------------------------------------|---------------------------------------------------|
| `30 октября 2020 г.`, `October 30th, 2020`, `30.10.2020`, `30/10/2020`, `2020-10-30`, `первого мая 2020`    | a day  |
| `30 октября`, `October`                                  | the latest that has begun                         |
| `октябрь 2020`, `в мае прошлого года`, `2020-10`         | a month                                           |
| `Q1 2020`, `I кв. 2020`, `первый квартал 2020`           | a quarter                                         |
| `H1 2020`, `первое полугодие 2020`, `first half of 2020` | a half-year                                       |
| `зима 2019-2020`, `winter 2019/20`, `зима 2020`          | a season of whole months: here from December 2019 |
| `9 октября в 2019 году`, `в прошлом году в октябре`, `2019, October 9` | the year may stand apart, and first |
| `5-го числа прошлого месяца`, `the 1st of last month`    | that day of the month                             |
| `вечером 9 октября`, `yesterday evening`, `около 9 октября` | the day                                        |
| `2020 год`; `2010-е`, `2010s`                            | a year; a decade                                  |
| `с 28 сентября по 1 октября 2020 г.`, `May 1-5, 2020`, `from May to June 2020`, `2018-2020 годы`, `a..b` | a range   |
| `с`, `since`, `from`; `после`, `after`                   | from its first day on; from behind its last       |
| `по`, `until`; `до`, `before`                            | up to its last day; up to before it (a day: with it) |
| `не позднее`, `no later than`; `не ранее`, `no earlier than` | the same bounds                               |
| `позже`, `later than`; `раньше`, `earlier than`          | from behind its last day on; up to before its first |
| `с начала года`, `since the beginning of the month`      | from its first day on                             |
| `вчера`, `3 дня назад`, `last Monday`                    | a day before today                                |
| `в понедельник`, `on Monday`                             | the last one, perhaps today                       |
| `на прошлой неделе`, `this month`, `next year`, `год назад` | a unit of the calendar; weeks begin on Monday  |
| `полгода назад`, `a year and a half ago`, `a fortnight ago` | the month, the week then                       |
| `в позапрошлом году`                                     | the one before the last                           |
| `в четверг на прошлой неделе`, `last week on Thursday`   | that day of that week                             |
| `с понедельника по среду на прошлой неделе`              | days of one week                                  |
| `в минувшие выходные`, `this weekend`, `over the weekend` | Saturday and Sunday                              |
| `за последние 7 дней`, `past week`                       | so many days (weeks, months ...) up to today      |
| `в ближайшие три дня`, `the next two weeks`              | the same from today on                            |
| `earlier this month`, `позднее в этом году`, `year to date` | what is over of a unit, or left                |
| `this past summer`, `the week before last`, `в позапрошлую субботу` | the last that is over, the one before it |
| `со вчерашнего дня`, `prior to`, `up to`, `начиная с` | bounds, too                                    |
| `the last Monday of October 2020` | such a day of a month                                              |
| `начало`, `в середине`, `конец`; `early`, `late`, `end of` | a third of a week, month, quarter, year, decade |
| `первая неделя октября`, `last three months of 2019`     | such units; weeks are seven days from the first on |
| `week 42 of 2020`, `42-я неделя 2020 года`, `2020-W42`    | the week of this number (ISO 8601)                |
| `в двадцатых числах октября`                             | days 20 to 29                                     |
| `за девять месяцев 2020 года`                            | the first ones                                    |
| `в первой половине октября`, `первая декада мая`         | days 1 to 15; 1 to 10                             |
| `к концу 2020 года`, `by the end of the month`           | up to its last day                                |
| `5 и 6 мая`, `May, June and July 2020`, `5, 6, 7 мая`    | from the first to the last                        |
| `вчера и сегодня`, `5 May or 9 June`, `5 мая, 9 июня`    | the same of dates that are sure each by itself    |
| `с 2019 года по настоящее время`, `5 May 2020 onwards`, `5 мая и ранее` | bounds, too                        |
| `несколько дней назад`, `a few weeks ago`                | from two to seven of them ago                     |
| `на днях`, `the other day`, `in recent weeks`            | seven days (weeks, months) up to today            |
| `более года назад`, `less than a week ago`               | before that day; behind it up to today            |
| `last night`, `прошлой ночью`, `this morning`            | yesterday and today; today                        |
| `через неделю после 5 мая`, `two days before 5 May`      | the unit of the calendar so far from that day     |
| `за две недели до 5 мая`, `the week after 5 May`         | all of the time between                           |
| `within two weeks of 5 May`                              | the same on both sides of it                      |
| `накануне 5 мая`, `the eve of 5 May`                     | the day before                                    |
| `the three months ended 30 June 2020`                    | up to that day                                    |
| `5 мая с.г.`, `в октябре п.г.`                           | of this year, of the last one                     |

What leaves out no day (`до и после 5 мая`, `before or after 2020`) and what there is not (`31 июня`, `week 53 of 2019`)
is told and read as words. A part of a unit that is named alone (`в конце года`, `the first half of the year`) is the
latest that has begun. Ends are inclusive. An end of a range takes the month and year that it leaves out from the other
one.

In free text only what is unmistakable counts: a day with its month, a month, quarter, half-year or season with its
year, a part of a year, a full date in digits, a range or bound of those or of years named so (`2018-2020 годы`), and
relative dates. A bare number, year, month, decade or code (`2020`, `may`, `1990s`, `8.3`, `9/11`) never does, nor what
is as often meant otherwise: `завтра`, `через неделю`, `в выходные`. Holidays are words, as are plurals such as `эти
годы`. Fiscal years (`FY2020`, `2020 финансовый год`) are no dates, since each country and company begins them on
another day. As a value a year may have two digits (`30.10.20`; 69 to 99 are of the last century), as behind an
apostrophe everywhere (`October '20`).

Sources: names of months from Unicode CLDR; weeks as in ISO 8601; seasons as in meteorology, where a winter is named by
the year in which it ends.
"""

from __future__ import annotations

from wco_search.dates.finder import DateFinder, WrittenDate, may_hold_date, names_days, read_date
from wco_search.dates.lines import parse_day, parse_period
from wco_search.dates.period import YEARS, Period
from wco_search.dates.vocabulary import WEEKDAYS, month_number

__all__ = [
    "WEEKDAYS",
    "YEARS",
    "DateFinder",
    "Period",
    "WrittenDate",
    "may_hold_date",
    "month_number",
    "names_days",
    "parse_day",
    "parse_period",
    "read_date",
]
