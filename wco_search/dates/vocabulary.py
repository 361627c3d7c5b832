"""The words of dates, Russian and English, folded; months come from CLDR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from wco_search.dates.period import Unit
from wco_search.text import fold


def month_number(word: str) -> int | None:
    """1 to 12 for a month's name in Russian or English, in any case form, whole or shortened as CLDR shortens it.

    Example:
        >>> [month_number(word) for word in ("октябрь", "Октября", "октябре", "окт.", "Sept", "May", "март", "марток")]
        [10, 10, 10, 10, 9, 5, 3, None]
    """
    return _months().get(fold(word).rstrip("."))


@cache
def _months() -> Mapping[str, int]:
    """Every spelling of a month's name, from CLDR's names of the months (Unicode CLDR, through Babel)."""
    from babel.dates import get_month_names  # babel takes .1 s to import, and most programs never read a date

    names: dict[str, int] = {"sept": 9, "сен": 9}  # used everywhere, in neither CLDR list
    for locale in ("ru", "en"):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale).items():
                    names[fold(name).rstrip(".")] = number
    for number, name in get_month_names("wide", "stand-alone", "ru").items():
        stem = fold(name).rstrip("ьй")
        for ending in ("е", "ю", "у", "ем", "ом"):  # prepositional, dative, instrumental
            names[stem + ending] = number
    return names


def _stems(stems: str, endings: str) -> frozenset[str]:
    return frozenset(stem + ending.strip("-") for stem in stems.split() for ending in endings.split())


def _numbered(rows: Iterable[tuple[int, str]]) -> dict[str, int]:
    return {word: number for number, row in rows for word in row.split()}


MONTH_LIKE = (
    _stems("январ феврал апрел июн июл сентябр октябр ноябр декабр", "ь я ю е ем")
    | _stems("март август", "- а у е ом")
    | _stems("ма", "й я ю е ем")
    | frozenset("янв февр мар апр июн июл авг сен сент окт нояб дек".split())
    | frozenset("january february march april may june july august september october november december".split())
    | frozenset("jan feb mar apr jun jul aug sep sept oct nov dec".split())
)
"""Every name of a month, asked before `month_number` imports Babel for words that are none."""

PLAIN_MONTHS = frozenset("may march jan feb mar apr jun jul aug sep sept oct nov dec".split())
"""Those that are most often another word or an abbreviation of one, where they have no capital letter."""

_HARD = "ый ой ая ое ого ому ую ым ом ые ых ыми"  # endings of adjectives
_SOFT = "ий яя ее его ей ему ем юю им ие их ими"

_MIXED = f"{_HARD} {_SOFT}"

PREVIOUS = _stems("прошл предыдущ минувш прошедш истекш ушедш", _MIXED) | {"last", "previous"}
"""Before a unit of the calendar: the one before the present one."""

BEFORE_PREVIOUS = _stems("позапрошл", _HARD)
"""Before a unit of the calendar: the one before the previous one."""

CURRENT = (
    _stems("текущ", _MIXED)
    | _stems("нынешн", _SOFT)
    | set("этот эта это эти этого этому этой этом эту этим этих сего".split())
)
CURRENT |= {"this", "current"}
"""Before a unit of the calendar: the present one."""

NEXT = _stems("следующ будущ предстоящ", _MIXED) | {"next", "coming", "upcoming"}
"""Before a unit of the calendar: the one behind the present one."""

NEAREST = _stems("ближайш предстоящ", _MIXED) | {"coming", "upcoming"}
"""Before a day of the week or a weekend: the first one to come."""

COMING = _stems("ближайш следующ", _MIXED) | {"next", "coming"}
"""Before a number of units: so many from today on."""

LAST = _stems("последн", _SOFT) | {"last", "final"}
"""Before units of a longer time: its last ones."""

RECENT = _stems("последн", _SOFT) | {"past", "last"}
"""Before a number of units: so many up to today."""

UP_TO_NOW = RECENT | PREVIOUS
"""The same, where the number is written."""

_UNITS: tuple[tuple[Unit, str], ...] = (
    ("day", "день дня дню днем дне дни дней дням днями днях сутки суток day days"),
    ("week", "неделя недели неделе неделю неделей недель неделям неделями неделях week weeks"),
    ("month", "месяц месяца месяцу месяцем месяце месяцы месяцев месяцам месяцами месяцах мес month months"),
    ("quarter", "квартал квартала кварталу кварталом квартале кварталы кварталов кварталах кв quarter quarters"),
    ("half", "полугодие полугодия полугодию полугодием полугодии полугодий полугодиях"),
    ("year", "год года году годом годе годы лет годов годам годами годах year years"),
    ("decade", "десятилетие десятилетия десятилетию десятилетии десятилетий decade decades"),
)
UNITS: Mapping[str, Unit] = {word: unit for unit, words in _UNITS for word in words.split()}
"""Names of units, in every form."""

SHORTENED = frozenset({"мес", "кв"})
"""Units behind which a dot may stand."""

YEAR_WORDS = frozenset("г гг год года году годом годы годов годам годами годах year years".split())
"""What may stand behind the digits of a year."""

SEASONS: Mapping[str, int] = _numbered(
    [
        (1, "зима зимы зиме зиму зимой зимою winter"),
        (2, "весна весны весне весну весной весною spring"),
        (3, "лето лета лету летом лете summer"),
        (4, "осень осени осенью autumn fall"),
    ]
)
"""Seasons, from the winter with which a year begins."""

WEEKDAYS: Mapping[str, int] = _numbered(
    [
        (0, "понедельник понедельника понедельнику понедельником понедельнике monday"),
        (1, "вторник вторника вторнику вторником вторнике tuesday"),
        (2, "среда среды среде среду средой wednesday"),
        (3, "четверг четверга четвергу четвергом четверге thursday"),
        (4, "пятница пятницы пятнице пятницу пятницей friday"),
        (5, "суббота субботы субботе субботу субботой saturday"),
        (6, "воскресенье воскресенья воскресенью воскресеньем воскресеньи sunday"),
    ]
)
"""Days of the week, from Monday."""

SHORT_WEEKDAYS = frozenset("пн вт ср чт пт сб вс mon tue tues wed thu thur thurs fri sat sun".split())
"""Days of the week that only go with a date."""

WEEKEND = frozenset("выходные выходных выходным выходными уикенд уикенда уикенде weekend".split())
"""Saturday and Sunday."""

DAYS_AGO: Mapping[str, int] = {"сегодня": 0, "today": 0, "вчера": 1, "yesterday": 1, "позавчера": 2}

DAY_OF = {
    **dict.fromkeys(_stems("сегодняшн", _SOFT), 0),
    **dict.fromkeys(_stems("вчерашн", _SOFT), 1),
    **dict.fromkeys(_stems("позавчерашн", _SOFT), 2),
}
"""Adjectives of such a day: с вчерашнего дня."""

NOW = frozenset({"now", "present"})
"""Today, as the end of a range."""

DAYS_AHEAD: Mapping[str, int] = {"завтра": 1, "tomorrow": 1, "послезавтра": 2}

NIGHTS = frozenset("ночью night".split())
PARTS_OF_TODAY = frozenset("morning afternoon evening".split())
"""Behind `last` and `this`."""

EARLIER = frozenset("earlier ранее раньше".split())
LATER = frozenset("later позднее позже".split())
"""Before the present unit of the calendar: of it what is over, and what is left."""

AGO = frozenset({"назад", "ago"})

ABOUT = frozenset("около примерно приблизительно почти ровно about around almost nearly roughly exactly just".split())
"""Before a length of time: they change nothing of it that a unit of the calendar would show."""

MORE_THAN = frozenset("более больше свыше more over".split())
LESS_THAN = frozenset("менее меньше less under".split())

FEW = frozenset("несколько нескольких several few".split())
"""From two to `MOST_OF_A_FEW`: rather too many than too few, since what is left out is not seen."""

MOST_OF_A_FEW = 7

AMOUNTS: Mapping[str, int] = _numbered(
    [
        (1, "один одного одну одна одни a an one"),
        (2, "два две двух two пару couple"),
        (3, "три трех three"),
        (4, "четыре четырех four"),
        (5, "пять пяти five"),
        (6, "шесть шести six"),
        (7, "семь семи seven"),
        (8, "восемь восьми eight"),
        (9, "девять девяти nine"),
        (10, "десять десяти ten"),
        (11, "одиннадцать одиннадцати eleven"),
        (12, "двенадцать двенадцати twelve"),
        (13, "тринадцать тринадцати thirteen"),
        (14, "четырнадцать четырнадцати fourteen"),
        (15, "пятнадцать пятнадцати fifteen"),
        (16, "шестнадцать шестнадцати sixteen"),
        (17, "семнадцать семнадцати seventeen"),
        (18, "восемнадцать восемнадцати eighteen"),
        (19, "девятнадцать девятнадцати nineteen"),
    ]
)
"""Numbers in words, below twenty."""

WHOLE_TENS: Mapping[str, int] = _numbered(
    [
        (20, "двадцать двадцати twenty"),
        (30, "тридцать тридцати thirty"),
        (40, "сорок сорока forty"),
        (50, "пятьдесят пятидесяти fifty"),
        (60, "шестьдесят шестидесяти sixty"),
        (70, "семьдесят семидесяти seventy"),
        (80, "восемьдесят восьмидесяти eighty"),
        (90, "девяносто девяноста ninety"),
    ]
)
"""The same from twenty on; one of the others may stand behind them."""

HALF_OF: Mapping[Unit, tuple[Unit, int]] = {"year": ("month", 6), "month": ("week", 2), "decade": ("year", 5)}
"""Units whose half is so many of another."""

HALF_YEARS = frozenset("полгода полугода".split())
HALVES: Mapping[str, tuple[Unit, int]] = {
    **dict.fromkeys(HALF_YEARS, HALF_OF["year"]),
    **dict.fromkeys("полмесяца полумесяца".split(), HALF_OF["month"]),
}
"""Half a unit, in one word."""

ONE_AND_A_HALF = frozenset("полтора полутора".split())

FORTNIGHTS: Mapping[str, tuple[Unit, int]] = dict.fromkeys(("fortnight", "fortnights"), ("week", 2))

HOURS = frozenset("час часа часов ч hours h".split())
"""Of so many as make whole days a length of time is told, too: за последние 24 часа."""

TEN_DAYS = frozenset("декада декады декаде декаду декадой".split())
"""A third of a month; in Russian ten days, never ten years."""

DAYS_OF_A_MONTH = frozenset("числа числах дни днях days".split())
"""With `first` or `last` and no number: some ten days."""

TENS_OF_DAYS: Mapping[str, int] = {
    word: day
    for day, stem in ((10, "десят"), (20, "двадцат"), (30, "тридцат"))
    for word in _stems(stem, "ые ых ым ыми")
}
"""Days of a month from that one on: в двадцатых числах октября."""

_ORDINAL_STEMS = [
    (1, "перв"), (2, "втор"), (4, "четверт"), (5, "пят"), (6, "шест"), (7, "седьм"), (8, "восьм"), (9, "девят"),
    (10, "десят"), (11, "одиннадцат"), (12, "двенадцат"), (13, "тринадцат"), (14, "четырнадцат"), (15, "пятнадцат"),
    (16, "шестнадцат"), (17, "семнадцат"), (18, "восемнадцат"), (19, "девятнадцат"), (20, "двадцат"), (30, "тридцат"),
]  # fmt: skip
_ENGLISH_ORDINALS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth
"""

ORDINALS: Mapping[str, int] = {
    **{word: number for number, stem in _ORDINAL_STEMS for word in _stems(stem, _HARD)},
    **_numbered([(3, "третий третья третье третьего третьему третьей третью третьим третьем")]),
    **{word: place for place, word in enumerate(_ENGLISH_ORDINALS.split(), 1)},
    "thirtieth": 30,
}
"""Ordinal numbers in words, to 20, and 30."""

TENS: Mapping[str, int] = {"двадцать": 20, "тридцать": 30, "twenty": 20, "thirty": 30}
"""What stands before an ordinal number of one digit."""

ROMAN: Mapping[str, int] = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

ORDINAL_ENDINGS = frozenset("st nd rd th го е й я ое ый ого ом м".split())
"""What is written behind the digits of an ordinal number."""

DECADE_ENDINGS = frozenset("s е х ые ых".split())

DECADES: Mapping[str, int] = {
    word: decade
    for decade, stem, english in (
        (30, "тридцат", "thirties"), (40, "сороков", "forties"), (50, "пятидесят", "fifties"),
        (60, "шестидесят", "sixties"), (70, "семидесят", "seventies"), (80, "восьмидесят", "eighties"),
        (90, "девяност", "nineties"),
    )
    for word in (*_stems(stem, "ые ых ым ыми"), english)
}  # fmt: skip
"""Decades of the last century; of the twenties it is not clear which are meant."""

PARTS: Mapping[str, int] = _numbered(
    [
        (0, "начало начала началу началом начале ранняя ранней раннюю early beginning start"),
        (1, "середина середины середине середину серединой mid middle"),
        (2, "конец конца концу концом конце поздняя поздней позднюю late end"),
    ]
)
"""The beginning, middle and end of a longer time."""

PARTS_WITHOUT_OF = frozenset("early mid late ранняя ранней раннюю поздняя поздней позднюю".split())
"""Parts that stand right before the time; other English ones take an `of`."""

PARTS_OF_A_DAY = frozenset("утром днем вечером ночью morning afternoon evening".split())
"""Beside a day they change nothing of it: вчера вечером, вечером 9 октября."""

INTRODUCTIONS = (
    frozenset("в во на за от in on during over for the within at throughout".split())
    | frozenset("около примерно приблизительно around about circa".split())
    | PARTS_OF_A_DAY
)
"""What may stand before a date and adds nothing to it."""

LONG_INTRODUCTIONS = tuple(
    tuple(words.split())
    for words in (
        "as of",
        "as at",
        "по состоянию на",
        "в течение",
        "на протяжении",
        "the month of",
        "month of",
        "в ночь на",
        "в ночь",
    )
)
"""The same in several words."""

SPANS = frozenset("за в in over for during within".split())
"""What makes a time of `последний год`, which else may be anyone's last year."""

HALF_WORDS = frozenset("половина половины половине половину половиной half".split())
"""A half of what is named behind it."""

ONE_OF = frozenset(
    "день сутки неделя неделю неделе месяц месяце квартал квартале полугодие полугодии год году десятилетие".split()
    + "десятилетии".split()
    + "day week month quarter year decade".split()
)
"""Units in the singular, which need no number: неделю назад, за последний год."""

OF_ONE = frozenset("дня недели месяца квартала полугодия года десятилетия".split())
"""The same behind words of comparison: около года назад."""

FROM = frozenset({"с", "со", "from", "since"})
BEHIND = frozenset({"после", "after"})
BY = frozenset({"к", "ко", "by"})
"""A year behind it is what a forecast is about."""

UP_TO = frozenset({"по", "until", "till", "through"}) | BY
BEFORE = frozenset({"до", "before"})
BOUNDS = FROM | BEHIND | UP_TO | BEFORE
"""What may stand before the first or last day of an open range."""
