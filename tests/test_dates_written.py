"""Dates as people write them: what each phrase means on 15 November 2020, a Sunday, and what is no date."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wco_search.dates import DateFinder, Period, may_hold_date, month_number, read_date
from wco_search.dates.period import (
    DAYS_OF,
    MONTHS_OF,
    MOST_IN,
    Part,
    Unit,
    months,
    period_of,
    shifted,
    third,
    unit_around,
)
from wco_search.dates.vocabulary import MONTH_LIKE
from wco_search.query import parse
from wco_search.text import fold

TODAY = dt.date(2020, 11, 15)

UNMISTAKABLE = """
    за первые полгода 2020 = 2020-01-01..2020-06-30
    во вторые полгода 2019 года = 2019-07-01..2019-12-31
    последним летом = 2020-06-01..2020-08-31
    этой прошедшей весной = 2020-03-01..2020-05-31
    this past summer = 2020-06-01..2020-08-31
    this past October = 2020-10-01..2020-10-31
    this past week = 2020-11-09..2020-11-15
    this past weekend = 2020-11-07..2020-11-08
    позапрошлым летом = 2019-06-01..2019-08-31
    the week before last = 2020-10-26..2020-11-01
    the month before last = 2020-09-01..2020-09-30
    the year before last = 2018-01-01..2018-12-31
    в последнюю неделю октября 2020 = 2020-10-25..2020-10-31
    со вчерашнего дня = 2020-11-14..
    с позавчерашнего дня = 2020-11-13..
    с сегодняшнего дня = 2020-11-15..
    до вчерашнего дня = ..2020-11-14
    по сегодняшний день = ..2020-11-15
    за минувшие сутки = 2020-11-15
    за последние 24 часа = 2020-11-15
    over the past 48 hours = 2020-11-14..2020-11-15
    over the last fortnight = 2020-11-02..2020-11-15
    mid-October 2020 = 2020-10-11..2020-10-20
    летом 2020-го = 2020-06-01..2020-08-31
    в мае 2020-го года = 2020-05-01..2020-05-31
    5 ноября сего года = 2020-11-05
    в эту пятницу = 2020-11-13
    this Monday = 2020-11-09
    с 1 по 5 ноября включительно = 2020-11-01..2020-11-05
    1 to 5 November inclusive = 2020-11-01..2020-11-05
    the last Monday of October 2020 = 2020-10-26
    в последний понедельник октября 2020 = 2020-10-26
    the first Friday in November = 2020-11-06
    в третью среду мая 2020 года = 2020-05-20
    the fifth Thursday of October 2020 = 2020-10-29
    the week commencing 26 October 2020 = 2020-10-26..2020-11-01
    week ending 30 October 2020 = 2020-10-26..2020-11-01
    prior to October 2020 = ..2020-09-30
    up until October 2020 = ..2020-10-31
    up to 5 November 2020 = ..2020-11-05
    on or after 5 November 2020 = 2020-11-05..
    on or before 5 November 2020 = ..2020-11-05
    starting from October 2020 = 2020-10-01..
    начиная с 5 ноября 2020 = 2020-11-05..
    вплоть до 5 ноября 2020 = ..2020-11-05
    15-Oct-2020 = 2020-10-15
    15-окт-2020 = 2020-10-15
    на позапрошлой неделе = 2020-10-26..2020-11-01
    в позапрошлом месяце = 2020-09-01..2020-09-30
    в позапрошлом году = 2018-01-01..2018-12-31
    с начала года = 2020-01-01..
    с начала этого месяца = 2020-11-01..
    с начала недели = 2020-11-09..
    since the beginning of the year = 2020-01-01..
    since the start of this month = 2020-11-01..
    не позднее 10.10.2020 = ..2020-10-10
    не позже 10 октября 2020 = ..2020-10-10
    не ранее октября 2020 = 2020-10-01..
    no later than 10 October 2020 = ..2020-10-10
    not earlier than October 2020 = 2020-10-01..
    в минувшую пятницу = 2020-11-13
    за последние три дня = 2020-11-13..2020-11-15
    осенью прошлого года = 2019-09-01..2019-11-30
    двадцать третьего октября = 2020-10-23
    5—9 октября 2020 г. = 2020-10-05..2020-10-09
    октябрь-ноябрь 2020 = 2020-10-01..2020-11-30
    between 5 and 9 October 2020 = 2020-10-05..2020-10-09
    5th-9th of October 2020 = 2020-10-05..2020-10-09
    over the past ten days = 2020-11-06..2020-11-15
    mid-October 2020 = 2020-10-11..2020-10-20
    during October 2020 = 2020-10-01..2020-10-31
    last autumn = 2019-09-01..2019-11-30
    30 октября 2020 = 2020-10-30
    30 октября 2020 г. = 2020-10-30
    30 октября 2020 года = 2020-10-30
    30-го октября 2020 = 2020-10-30
    30го октября 2020 = 2020-10-30
    30 ОКТЯБРЯ 2020 ГОДА = 2020-10-30
    30 окт. 2020 = 2020-10-30
    5 сент. 2020 г. = 2020-09-05
    1 мая 2020 = 2020-05-01
    первого октября 2020 = 2020-10-01
    первое октября 2020 года = 2020-10-01
    четвёртого октября = 2020-10-04
    first of October = 2020-10-01
    5мая 2020г. = 2020-05-05
    двадцать первого мая 2020 = 2020-05-21
    третьего мая 2019 года = 2019-05-03
    тридцатое октября 2020 = 2020-10-30
    в пятницу, 30 октября 2020 = 2020-10-30
    пятница, 30 октября 2020 г. = 2020-10-30
    пт, 30 октября 2020 = 2020-10-30
    от 30 октября 2020 = 2020-10-30
    30 October 2020 = 2020-10-30
    30th October 2020 = 2020-10-30
    30th of October, 2020 = 2020-10-30
    the 30th of October 2020 = 2020-10-30
    on 30 October 2020 = 2020-10-30
    Friday, 30 October 2020 = 2020-10-30
    Fri. 30 Oct. 2020 = 2020-10-30
    October 30, 2020 = 2020-10-30
    October 30 2020 = 2020-10-30
    october 30th, 2020 = 2020-10-30
    Oct. 30, 2020 = 2020-10-30
    Sept 5, 2020 = 2020-09-05
    first of May 2020 = 2020-05-01
    twenty-first of May 2020 = 2020-05-21
    may 5 2020 = 2020-05-05
    2020-10-30 = 2020-10-30
    2020.10.30 = 2020-10-30
    2020/10/30 = 2020-10-30
    30.10.2020 = 2020-10-30
    30.10.2020 г. = 2020-10-30
    30/10/2020 = 2020-10-30
    30-10-2020 = 2020-10-30
    1.2.2020 = 2020-02-01
    29 февраля 2020 = 2020-02-29
    30 октября = 2020-10-30
    15 ноября = 2020-11-15
    16 ноября = 2019-11-16
    8 марта = 2020-03-08
    October 30 = 2020-10-30
    December 31 = 2019-12-31
    29 февраля = 2020-02-29
    May 5 = 2020-05-05
    5 May = 2020-05-05
    30 октября прошлого года = 2019-10-30
    30 October last year = 2019-10-30

    октябрь 2020 = 2020-10-01..2020-10-31
    октябрь 2020 г. = 2020-10-01..2020-10-31
    в октябре 2020 года = 2020-10-01..2020-10-31
    за октябрь 2020 = 2020-10-01..2020-10-31
    октября 2020 = 2020-10-01..2020-10-31
    окт. 2020 = 2020-10-01..2020-10-31
    февраль 2019 = 2019-02-01..2019-02-28
    февраль 2020 = 2020-02-01..2020-02-29
    October 2020 = 2020-10-01..2020-10-31
    October, 2020 = 2020-10-01..2020-10-31
    in October 2020 = 2020-10-01..2020-10-31
    October of 2020 = 2020-10-01..2020-10-31
    Oct 2020 = 2020-10-01..2020-10-31
    may 2020 = 2020-05-01..2020-05-31
    March 2020 = 2020-03-01..2020-03-31
    в мае прошлого года = 2019-05-01..2019-05-31
    в мае этого года = 2020-05-01..2020-05-31
    October last year = 2019-10-01..2019-10-31

    Q1 2020 = 2020-01-01..2020-03-31
    q4 2019 = 2019-10-01..2019-12-31
    1Q 2020 = 2020-01-01..2020-03-31
    Q1 of 2020 = 2020-01-01..2020-03-31
    Q1/2020 = 2020-01-01..2020-03-31
    Q3-2020 = 2020-07-01..2020-09-30
    2020 Q2 = 2020-04-01..2020-06-30
    2020Q2 = 2020-04-01..2020-06-30
    2020-Q2 = 2020-04-01..2020-06-30
    1 квартал 2020 = 2020-01-01..2020-03-31
    1-й квартал 2020 года = 2020-01-01..2020-03-31
    в 3-м квартале 2020 г. = 2020-07-01..2020-09-30
    I кв. 2020 = 2020-01-01..2020-03-31
    IV квартал 2019 г. = 2019-10-01..2019-12-31
    4 кв. 2019 = 2019-10-01..2019-12-31
    первый квартал 2020 = 2020-01-01..2020-03-31
    за третий квартал 2020 года = 2020-07-01..2020-09-30
    в четвёртом квартале 2019 года = 2019-10-01..2019-12-31
    первый квартал прошлого года = 2019-01-01..2019-03-31
    first quarter of 2020 = 2020-01-01..2020-03-31
    the fourth quarter of 2019 = 2019-10-01..2019-12-31
    2nd quarter 2020 = 2020-04-01..2020-06-30
    third quarter 2020 = 2020-07-01..2020-09-30
    first quarter of last year = 2019-01-01..2019-03-31

    H1 2020 = 2020-01-01..2020-06-30
    2H 2019 = 2019-07-01..2019-12-31
    первое полугодие 2020 = 2020-01-01..2020-06-30
    I полугодие 2020 г. = 2020-01-01..2020-06-30
    во втором полугодии 2019 года = 2019-07-01..2019-12-31
    2-е полугодие 2019 = 2019-07-01..2019-12-31
    первая половина 2020 года = 2020-01-01..2020-06-30
    first half of 2020 = 2020-01-01..2020-06-30
    in the second half of 2019 = 2019-07-01..2019-12-31

    зима 2019-2020 = 2019-12-01..2020-02-29
    зима 2019–2020 гг. = 2019-12-01..2020-02-29
    зимой 2019/2020 = 2019-12-01..2020-02-29
    зима 2020 = 2019-12-01..2020-02-29
    winter 2019/20 = 2019-12-01..2020-02-29
    winter of 2018-19 = 2018-12-01..2019-02-28
    Winter 2019-2020 = 2019-12-01..2020-02-29
    весна 2020 = 2020-03-01..2020-05-31
    весной 2020 года = 2020-03-01..2020-05-31
    летом 2019 = 2019-06-01..2019-08-31
    осень 2020 г. = 2020-09-01..2020-11-30
    spring 2020 = 2020-03-01..2020-05-31
    in the summer of 2019 = 2019-06-01..2019-08-31
    autumn 2020 = 2020-09-01..2020-11-30
    fall 2020 = 2020-09-01..2020-11-30

    с 28 сентября по 1 октября 2020 г. = 2020-09-28..2020-10-01
    с 28 сентября 2020 г. по 1 октября 2020 г. = 2020-09-28..2020-10-01
    с 28 по 30 сентября 2020 = 2020-09-28..2020-09-30
    с 28 по 30 сентября = 2020-09-28..2020-09-30
    с 5 мая до 3 июня 2020 = 2020-05-05..2020-06-03
    с 5 мая 2020 до 3 июня = 2020-05-05..2020-06-03
    со 2 по 5 мая 2020 = 2020-05-02..2020-05-05
    от 5 мая до 9 мая 2020 = 2020-05-05..2020-05-09
    между 5 и 9 мая 2020 = 2020-05-05..2020-05-09
    в период с 1 мая по 5 мая 2020 = 2020-05-01..2020-05-05
    с 28 декабря по 3 января = 2019-12-28..2020-01-03
    с 28 декабря по 3 января 2020 = 2019-12-28..2020-01-03
    с 10 по 20 ноября = 2020-11-10..2020-11-20
    с 01.10.2020 по 05.10.2020 = 2020-10-01..2020-10-05
    с мая по июнь 2020 = 2020-05-01..2020-06-30
    с мая по июль = 2020-05-01..2020-07-31
    с мая 2019 по июнь 2020 года = 2019-05-01..2020-06-30
    с 2018 по 2020 год = 2018-01-01..2020-12-31
    с 2018 по 2020 = 2018-01-01..2020-12-31
    с прошлой недели по вчера = 2020-11-02..2020-11-14
    19-23 October 2020 = 2020-10-19..2020-10-23
    19 - 23 October 2020 = 2020-10-19..2020-10-23
    19–23 October 2020 = 2020-10-19..2020-10-23
    19—23 октября 2020 года = 2020-10-19..2020-10-23
    19th-23rd October 2020 = 2020-10-19..2020-10-23
    From 19-23 October 2020 = 2020-10-19..2020-10-23
    с 19–23 октября 2020 = 2020-10-19..2020-10-23
    from 19 to 23 October 2020 = 2020-10-19..2020-10-23
    from 19 through 23 October 2020 = 2020-10-19..2020-10-23
    20-21 октября 2020 = 2020-10-20..2020-10-21
    20-21 октября = 2020-10-20..2020-10-21
    28 сентября - 1 октября 2020 = 2020-09-28..2020-10-01
    28 сентября — 1 октября 2020 г. = 2020-09-28..2020-10-01
    28.09.2020-01.10.2020 = 2020-09-28..2020-10-01
    28.09-01.10.2020 = 2020-09-28..2020-10-01
    19-23.10.2020 = 2020-10-19..2020-10-23
    October 28 - November 2, 2020 = 2020-10-28..2020-11-02
    Oct. 28-Nov. 2, 2020 = 2020-10-28..2020-11-02
    May 1-5, 2020 = 2020-05-01..2020-05-05
    May 1 to 5, 2020 = 2020-05-01..2020-05-05
    May 1-5 = 2020-05-01..2020-05-05
    December 28, 2019 - January 3, 2020 = 2019-12-28..2020-01-03
    December 28 - January 3, 2020 = 2019-12-28..2020-01-03
    between 1 and 5 May 2020 = 2020-05-01..2020-05-05
    between May 1 and May 5, 2020 = 2020-05-01..2020-05-05
    between 2018 and 2020 = 2018-01-01..2020-12-31
    from May to June 2020 = 2020-05-01..2020-06-30
    from May 2019 until June 2020 = 2019-05-01..2020-06-30
    May to June 2020 = 2020-05-01..2020-06-30
    from 2018 to 2020 = 2018-01-01..2020-12-31
    сентябрь-октябрь 2020 = 2020-09-01..2020-10-31
    сентябрь – октябрь 2020 г. = 2020-09-01..2020-10-31
    в сентябре-октябре 2020 года = 2020-09-01..2020-10-31
    сентябрь-октябрь = 2020-09-01..2020-10-31
    ноябрь - январь 2020 = 2019-11-01..2020-01-31
    September-October 2020 = 2020-09-01..2020-10-31
    Sept.-Oct. 2020 = 2020-09-01..2020-10-31
    2020-03-05..2020-03-09 = 2020-03-05..2020-03-09
    2020-03..2020-05 = 2020-03-01..2020-05-31
    2018..2020 = 2018-01-01..2020-12-31
    5 мая..7 мая 2020 = 2020-05-05..2020-05-07
    май..июнь 2020 = 2020-05-01..2020-06-30
    2018-2020 годы = 2018-01-01..2020-12-31
    2018–2020 гг. = 2018-01-01..2020-12-31
    Q1-Q2 2020 = 2020-01-01..2020-06-30
    1-2 квартал 2020 = 2020-01-01..2020-06-30
    зима 2019 - весна 2020 = 2018-12-01..2020-05-31

    до 2020 года = ..2019-12-31
    до 5 мая 2020 = ..2020-05-05
    до мая 2020 = ..2020-04-30
    после 1 мая 2020 = 2020-05-02..
    после 2019 года = 2020-01-01..
    после мая 2020 = 2020-06-01..
    с 1 мая 2020 = 2020-05-01..
    с 2019 года = 2019-01-01..
    с октября 2020 = 2020-10-01..
    по 5 мая 2020 = ..2020-05-05
    по октябрь 2020 = ..2020-10-31
    с прошлого месяца = 2020-10-01..
    до вчера = ..2020-11-14
    since 2019 = 2019-01-01..
    since May 2020 = 2020-05-01..
    since yesterday = 2020-11-14..
    from 5 May 2020 = 2020-05-05..
    before 2020 = ..2019-12-31
    before May 2020 = ..2020-04-30
    before 5 May 2020 = ..2020-05-04
    after 2019 = 2020-01-01..
    after 5 May 2020 = 2020-05-06..
    until 2019 = ..2019-12-31
    until 5 May 2020 = ..2020-05-05
    till May 2020 = ..2020-05-31
    through 5 May 2020 = ..2020-05-05
    after 5 May 2020 and before 3 June 2020 = 2020-05-06..2020-06-02
    после 5 мая 2020 и до 3 июня 2020 = 2020-05-06..2020-06-03
    since May 2020 until June 2020 = 2020-05-01..2020-06-30

    сегодня = 2020-11-15
    вчера = 2020-11-14
    позавчера = 2020-11-13
    today = 2020-11-15
    yesterday = 2020-11-14
    day before yesterday = 2020-11-13
    the day before yesterday = 2020-11-13
    на прошлой неделе = 2020-11-02..2020-11-08
    за прошлую неделю = 2020-11-02..2020-11-08
    в прошлом месяце = 2020-10-01..2020-10-31
    в прошлом квартале = 2020-07-01..2020-09-30
    в прошлом полугодии = 2020-01-01..2020-06-30
    в прошлом году = 2019-01-01..2019-12-31
    в предыдущем месяце = 2020-10-01..2020-10-31
    в прошлом десятилетии = 2010-01-01..2019-12-31
    на этой неделе = 2020-11-09..2020-11-15
    в этом месяце = 2020-11-01..2020-11-30
    в этом году = 2020-01-01..2020-12-31
    в текущем квартале = 2020-10-01..2020-12-31
    в нынешнем году = 2020-01-01..2020-12-31
    last week = 2020-11-02..2020-11-08
    last month = 2020-10-01..2020-10-31
    last quarter = 2020-07-01..2020-09-30
    last year = 2019-01-01..2019-12-31
    during the previous month = 2020-10-01..2020-10-31
    this week = 2020-11-09..2020-11-15
    this month = 2020-11-01..2020-11-30
    this year = 2020-01-01..2020-12-31
    за последние 7 дней = 2020-11-09..2020-11-15
    последние 7 дней = 2020-11-09..2020-11-15
    за последние три месяца = 2020-08-16..2020-11-15
    за последние сутки = 2020-11-15
    за последнюю неделю = 2020-11-09..2020-11-15
    за последний месяц = 2020-10-16..2020-11-15
    за последний год = 2019-11-16..2020-11-15
    past 7 days = 2020-11-09..2020-11-15
    last 7 days = 2020-11-09..2020-11-15
    the past two weeks = 2020-11-02..2020-11-15
    in the last 3 months = 2020-08-16..2020-11-15
    past week = 2020-11-09..2020-11-15
    over the past year = 2019-11-16..2020-11-15
    3 дня назад = 2020-11-12
    три дня назад = 2020-11-12
    неделю назад = 2020-11-02..2020-11-08
    2 недели назад = 2020-10-26..2020-11-01
    месяц назад = 2020-10-01..2020-10-31
    год назад = 2019-01-01..2019-12-31
    5 лет назад = 2015-01-01..2015-12-31
    3 days ago = 2020-11-12
    a week ago = 2020-11-02..2020-11-08
    two months ago = 2020-09-01..2020-09-30
    10 years ago = 2010-01-01..2010-12-31
    в понедельник = 2020-11-09
    во вторник = 2020-11-10
    в воскресенье = 2020-11-15
    в среду = 2020-11-11
    on Monday = 2020-11-09
    on Sunday = 2020-11-15
    last Monday = 2020-11-09
    last Sunday = 2020-11-08
    в прошлый понедельник = 2020-11-09
    в прошлую пятницу = 2020-11-13
    last May = 2020-05-01..2020-05-31
    last November = 2019-11-01..2019-11-30
    в прошлом октябре = 2020-10-01..2020-10-31
    прошлой зимой = 2019-12-01..2020-02-29
    last summer = 2020-06-01..2020-08-31
    last autumn = 2019-09-01..2019-11-30
    этим летом = 2020-06-01..2020-08-31
    this winter = 2019-12-01..2020-02-29

    начало 2019 года = 2019-01-01..2019-04-30
    в начале 2019 года = 2019-01-01..2019-04-30
    середина 2019 = 2019-05-01..2019-08-31
    конец 2019 года = 2019-09-01..2019-12-31
    в конце мая 2020 = 2020-05-21..2020-05-31
    в начале мая 2020 года = 2020-05-01..2020-05-10
    в середине февраля 2020 = 2020-02-11..2020-02-20
    в конце прошлого года = 2019-09-01..2019-12-31
    в начале прошлого месяца = 2020-10-01..2020-10-10
    early 2019 = 2019-01-01..2019-04-30
    mid 2019 = 2019-05-01..2019-08-31
    mid-2019 = 2019-05-01..2019-08-31
    late 2019 = 2019-09-01..2019-12-31
    in early May 2020 = 2020-05-01..2020-05-10
    mid-October 2020 = 2020-10-11..2020-10-20
    end of May 2020 = 2020-05-21..2020-05-31
    beginning of 2020 = 2020-01-01..2020-04-30
    the middle of February 2020 = 2020-02-11..2020-02-20
    end of last month = 2020-10-21..2020-10-31
    since late 2019 = 2019-09-01..
    end of Q1 2020 = 2020-03-01..2020-03-31
    начало весны 2020 = 2020-03-01..2020-03-31
    полгода назад = 2020-05-01..2020-05-31
    полтора года назад = 2019-05-01..2019-05-31
    полтора месяца назад = 2020-09-28..2020-10-04
    пару недель назад = 2020-10-26..2020-11-01
    года два назад = 2018-01-01..2018-12-31
    две недели тому назад = 2020-10-26..2020-11-01
    a fortnight ago = 2020-10-26..2020-11-01
    two weeks ago = 2020-10-26..2020-11-01
    half a year ago = 2020-05-01..2020-05-31
    a year and a half ago = 2019-05-01..2019-05-31
    a couple of days ago = 2020-11-13
    a couple of weeks ago = 2020-10-26..2020-11-01
    six months ago = 2020-05-01..2020-05-31
    a decade ago = 2010-01-01..2019-12-31
    first week of October 2020 = 2020-10-01..2020-10-07
    the second week of October 2020 = 2020-10-08..2020-10-14
    last week of October 2020 = 2020-10-25..2020-10-31
    in the last week of October = 2020-10-25..2020-10-31
    first half of October 2020 = 2020-10-01..2020-10-15
    second half of October 2020 = 2020-10-16..2020-10-31
    в первой половине октября 2020 = 2020-10-01..2020-10-15
    во второй половине октября = 2020-10-16..2020-10-31
    первая неделя октября = 2020-10-01..2020-10-07
    на первой неделе октября 2020 года = 2020-10-01..2020-10-07
    в последнюю неделю октября 2020 = 2020-10-25..2020-10-31
    в первой декаде октября 2020 = 2020-10-01..2020-10-10
    во второй декаде мая 2020 года = 2020-05-11..2020-05-20
    первые десять дней октября 2020 = 2020-10-01..2020-10-10
    first ten days of October 2020 = 2020-10-01..2020-10-10
    в первых числах октября 2020 = 2020-10-01..2020-10-10
    in the last days of October 2020 = 2020-10-22..2020-10-31
    в последние дни октября 2020 = 2020-10-22..2020-10-31
    last day of October 2020 = 2020-10-31
    последний день октября 2020 = 2020-10-31
    first day of 2020 = 2020-01-01
    за первые три месяца 2020 = 2020-01-01..2020-03-31
    за первые девять месяцев 2020 года = 2020-01-01..2020-09-30
    за девять месяцев 2020 года = 2020-01-01..2020-09-30
    за 11 месяцев 2019 г. = 2019-01-01..2019-11-30
    in the first three months of 2020 = 2020-01-01..2020-03-31
    the last three months of 2019 = 2019-10-01..2019-12-31
    в последние три месяца 2019 года = 2019-10-01..2019-12-31
    first six months of last year = 2019-01-01..2019-06-30
    за первые шесть месяцев этого года = 2020-01-01..2020-06-30
    last quarter of 2020 = 2020-10-01..2020-12-31
    последний квартал 2019 года = 2019-10-01..2019-12-31
    first month of 2020 = 2020-01-01..2020-01-31
    first week of last month = 2020-10-01..2020-10-07
    earlier this month = 2020-11-01..2020-11-15
    earlier this year = 2020-01-01..2020-11-15
    earlier this week = 2020-11-09..2020-11-15
    later this week = 2020-11-15
    later this month = 2020-11-15..2020-11-30
    later this year = 2020-11-15..2020-12-31
    ранее в этом месяце = 2020-11-01..2020-11-15
    ранее в этом году = 2020-01-01..2020-11-15
    позднее в этом году = 2020-11-15..2020-12-31
    ранее на этой неделе = 2020-11-09..2020-11-15
    as of 5 May 2020 = 2020-05-05
    as of the end of October 2020 = 2020-10-21..2020-10-31
    по состоянию на 5 мая 2020 = 2020-05-05
    на 5 мая 2020 года = 2020-05-05
    by the end of 2020 = ..2020-12-31
    by 5 May 2020 = ..2020-05-05
    by mid-2020 = ..2020-08-31
    к концу 2020 = ..2020-12-31
    к середине 2020 года = ..2020-08-31
    к 5 мая 2020 = ..2020-05-05
    на конец 2020 года = 2020-09-01..2020-12-31
    by the end of the year = ..2020-12-31
    до конца года = ..2020-12-31
    к концу года = ..2020-12-31
    до конца 2020 года = ..2020-12-31
    until the end of October 2020 = ..2020-10-31
    в начале года = 2020-01-01..2020-04-30
    в конце года = 2020-09-01..2020-12-31
    в начале месяца = 2020-11-01..2020-11-10
    at the start of the year = 2020-01-01..2020-04-30
    at the end of last month = 2020-10-21..2020-10-31
    at the end of the month = 2020-10-21..2020-10-31
    в начале этой недели = 2020-11-09..2020-11-10
    the past fortnight = 2020-11-02..2020-11-15
    over the last fortnight = 2020-11-02..2020-11-15
    за последние полгода = 2020-05-16..2020-11-15
    за последние полтора года = 2019-05-16..2020-11-15
    over the past year and a half = 2019-05-16..2020-11-15
    the past half year = 2020-05-16..2020-11-15
    прошлым летом = 2020-06-01..2020-08-31
    этой весной = 2020-03-01..2020-05-31
    в минувшие выходные = 2020-11-07..2020-11-08
    в прошлые выходные = 2020-11-07..2020-11-08
    last weekend = 2020-11-07..2020-11-08
    this weekend = 2020-11-14..2020-11-15
    over the weekend = 2020-11-14..2020-11-15
    в эти выходные = 2020-11-14..2020-11-15
    next weekend = 2020-11-21..2020-11-22
    year to date = 2020-01-01..2020-11-15
    month to date = 2020-11-01..2020-11-15
    since the start of the year = 2020-01-01..
    с начала 2020 года = 2020-01-01..
    since the beginning of 2020 = 2020-01-01..
    since early 2020 = 2020-01-01..
    в середине 2020 = 2020-05-01..2020-08-31
    mid-2020 = 2020-05-01..2020-08-31
    early May 2020 = 2020-05-01..2020-05-10
    end-October 2020 = 2020-10-21..2020-10-31
    end-2019 = 2019-09-01..2019-12-31
    Q3 2020 = 2020-07-01..2020-09-30
    3 кв. 2020 = 2020-07-01..2020-09-30
    III квартал 2020 = 2020-07-01..2020-09-30
    1-е полугодие 2020 = 2020-01-01..2020-06-30
    third-quarter 2020 = 2020-07-01..2020-09-30
    Q3 of last year = 2019-07-01..2019-09-30
    в третьем квартале этого года = 2020-07-01..2020-09-30
    in the third quarter of this year = 2020-07-01..2020-09-30
    в 2019-2021 гг. = 2019-01-01..2021-12-31
    в прошлый вторник = 2020-11-10
    next week = 2020-11-16..2020-11-22
    на следующей неделе = 2020-11-16..2020-11-22
    next month = 2020-12-01..2020-12-31
    в следующем году = 2021-01-01..2021-12-31
    в будущем году = 2021-01-01..2021-12-31
    next Monday = 2020-11-16
    в следующий вторник = 2020-11-17
    следующим летом = 2021-06-01..2021-08-31
    the day after tomorrow = 2020-11-17
    two weeks from now = 2020-11-23..2020-11-29
    в ближайшие три дня = 2020-11-15..2020-11-17
    in the next two weeks = 2020-11-15..2020-11-28
    over the coming month = 2020-12-01..2020-12-31
    5 мая с.г. = 2020-05-05
    5 мая с. г. = 2020-05-05
    15 декабря п.г. = 2019-12-15
    в октябре т.г. = 2020-10-01..2020-10-31
    week of 5 October 2020 = 2020-10-05..2020-10-11
    the week of October 5 = 2020-10-05..2020-10-11
    в течение октября 2020 года = 2020-10-01..2020-10-31
    throughout October 2020 = 2020-10-01..2020-10-31
    the month of October 2020 = 2020-10-01..2020-10-31
    the 5th of May 2020 = 2020-05-05
    с середины октября 2020 = 2020-10-11..
    after mid-October 2020 = 2020-10-21..
    до середины 2020 года = ..2020-04-30
    с сентября прошлого года = 2019-09-01..
    с прошлого года = 2019-01-01..
    since last week = 2020-11-02..
    since last Monday = 2020-11-09..
    from last Monday to Wednesday = 2020-11-09..2020-11-11
    летом и осенью 2020 года = 2020-06-01..2020-11-30
    in summer and autumn 2020 = 2020-06-01..2020-11-30
    в мае и июне 2020 = 2020-05-01..2020-06-30
    5 и 6 мая 2020 = 2020-05-05..2020-05-06
    5 and 6 May 2020 = 2020-05-05..2020-05-06
    весной прошлого года = 2019-03-01..2019-05-31
    за прошедшие выходные = 2020-11-07..2020-11-08
    за прошедшую неделю = 2020-11-02..2020-11-08
    за истекший месяц = 2020-10-01..2020-10-31
    в ушедшем году = 2019-01-01..2019-12-31
    fifth week of October 2020 = 2020-10-29..2020-10-31
    fifth week of February 2019 = 2019-02-28
    первые два месяца второго квартала 2020 = 2020-04-01..2020-05-31
    last two weeks of Q3 2020 = 2020-09-17..2020-09-30
    late last week = 2020-11-06..2020-11-08
    в конце прошлой недели = 2020-11-06..2020-11-08
    в середине следующей недели = 2020-11-18..2020-11-19
    two and a half years ago = 2018-05-01..2018-05-31
    два с половиной года назад = 2018-05-01..2018-05-31
    half a decade ago = 2015-01-01..2015-12-31
    три недели тому назад = 2020-10-19..2020-10-25
    в 2019 и 2020 годах = 2019-01-01..2020-12-31
    28 февраля и 1 марта 2019 = 2019-02-28..2019-03-01
    next spring = 2021-03-01..2021-05-31
    следующей зимой = 2020-12-01..2021-02-28
    next October = 2021-10-01..2021-10-31
    до начала 2020 года = ..2019-12-31
    before the end of 2019 = ..2019-12-31
    until the end of this month = ..2020-11-30
    early this week = 2020-11-09..2020-11-10
"""

ONLY_AS_VALUES = """
    вчерашний день = 2020-11-14
    эту среду = 2020-11-11
    за весь 2020 год = 2020-01-01..2020-12-31
    последние пять лет 1990-х = 1995-01-01..1999-12-31
    2020 = 2020-01-01..2020-12-31
    2020 год = 2020-01-01..2020-12-31
    в 2019 году = 2019-01-01..2019-12-31
    in 2019 = 2019-01-01..2019-12-31
    1000 = 1000-01-01..1000-12-31
    2999 = 2999-01-01..2999-12-31
    2010-е = 2010-01-01..2019-12-31
    2010s = 2010-01-01..2019-12-31
    the 1990s = 1990-01-01..1999-12-31
    1990-е годы = 1990-01-01..1999-12-31
    в 1990-х годах = 1990-01-01..1999-12-31
    начало 2010-х = 2010-01-01..2013-04-30
    октябрь = 2020-10-01..2020-10-31
    ноябрь = 2020-11-01..2020-11-30
    декабрь = 2019-12-01..2019-12-31
    в октябре = 2020-10-01..2020-10-31
    may = 2020-05-01..2020-05-31
    in December = 2019-12-01..2019-12-31
    5 may = 2020-05-05
    march 5 = 2020-03-05
    5 dec = 2019-12-05
    2020-10 = 2020-10-01..2020-10-31
    10.2020 = 2020-10-01..2020-10-31
    10/2020 = 2020-10-01..2020-10-31
    2018-2020 = 2018-01-01..2020-12-31
    с мая = 2020-05-01..
    since May = 2020-05-01..
    до декабря = ..2019-11-30
    с 2018 = 2018-01-01..
    1 квартал = 2020-01-01..2020-03-31
    Q4 = 2020-10-01..2020-12-31
    H1 = 2020-01-01..2020-06-30
    второе полугодие = 2020-07-01..2020-12-31
    зима = 2019-12-01..2020-02-29
    осенью = 2020-09-01..2020-11-30
    summer = 2020-06-01..2020-08-31
    понедельник = 2020-11-09
    Sunday = 2020-11-15
    с понедельника = 2020-11-09..
    последняя неделя = 2020-11-09..2020-11-15
    последний год = 2019-11-16..2020-11-15
    конец мая = 2020-05-21..2020-05-31
    -7 days = 2020-11-09..2020-11-15
    -999 years = 1021-11-16..2020-11-15
    second half of the 2010s = 2015-01-01..2019-12-31
    во второй половине 2010-х годов = 2015-01-01..2019-12-31
    в 90-е годы = 1990-01-01..1999-12-31
    в 90-х годах = 1990-01-01..1999-12-31
    в девяностые годы = 1990-01-01..1999-12-31
    в 2010-х годах = 2010-01-01..2019-12-31
    in the 2010s = 2010-01-01..2019-12-31
    in the late 1990s = 1996-09-01..1999-12-31
    tomorrow = 2020-11-16
    завтра = 2020-11-16
    послезавтра = 2020-11-17
    через неделю = 2020-11-16..2020-11-22
    через два дня = 2020-11-17
    через полгода = 2021-05-01..2021-05-31
    до понедельника = ..2020-11-09
    weekend = 2020-11-14..2020-11-15
    в выходные = 2020-11-14..2020-11-15
    eighties = 1980-01-01..1989-12-31
    конец года = 2020-09-01..2020-12-31
    к 2030 году = ..2030-12-31
    by 2030 = ..2030-12-31
    last week of may = 2020-05-25..2020-05-31
"""

NEVER_ALONE = """
    may|march|март|май|мая|april|August|dec|сентябрь|октябрьский 2020|Mayor 2020|decision 2020|market 2020
    2020|2525|1984|2020 год|отчёт за 2019 год|в 2019 году|in 2019|1990s|2010-е|2018-2020|2020/21|2020-10|10.2020
    8.3|2.10|1С 8.3|1.5 мая|3.14|HSC/66|93rd|Boeing 737|COVID-19|G20|9/11|24/7|1/2|50/50|7-8|10-15|A-1|Т-34|С-300
    5G|4K|3D|№ 5|п. 5|ст. 228|12:30|100500|20-F|Form 10-K|Article 5|ISO 9001|9001-2015|1,000 kg|H1N1|Q1|H1|Q5 2020
    192.168.1.2020|10.10.10.10|1.2.2020.3|2020-10-30-44|555-12-34|12-34-2020|10/30/2020|2020-20-40|5000 мая|0 мая|32 мая
    last but not least|this is it|the past|past exam|последний год|последние новости|последние дни|день рождения
    last day|last week's|years ago|дней назад|2 года|7 дней|за неделю|за год|1 год|day|month|year|this may be|last march
    Wednesday|суббота|в среде|средой|среда обитания|on sat|spring framework|fall of rome|зима|winter|half life
    first half
    от 1900 до 2000 рублей|from 100 to 200|from 1200 to 1500 kg|1500-2000|between us and them|от Москвы до Лондона|с 1С
    from China to Russia|до свидания|после обеда|по 5 рублей|с мая|since then|before noon|after all|until now|с 2018
    конец|в конце|end|mid|the end of may|начало|end of story|early bird|конец мая|may 5 people|march 4 km
    5 may|top 10 may|MAY2020|OCT5
    "last week"|«5 мая 2020»|="5 мая 2020"|=вчера|вчера~|вчера*|вчера^2|title:вчера|source:"5 мая 2020"|body:(last week)
    5 мая 2020^2|May 2020-based|x/5/мая|\\вчера|-999 years|5 МАЯ2020|завтра|tomorrow|2020-13-01|13.2020
    эти годы|coming weeks|in the next months|следующие месяцы|прошлые недели|в следующей среде|в выходные дни
    over the weekend of games|weekend|следующие выходные данные|week of prayer|end of year report
    конец года|the first of all|first day|last days
    второй квартал|последние дни|two and a half|полгода|полтора года|a couple of days|через неделю после выборов
    to date|date|earlier|later|ранее|by 2030|к 2030 году|by may|к маю|5 и 7|nineties|90-е|в 90-е годы
    вчерашние новости|последнее лето|последняя весна|in the past|36 hours|24 часа|open 24 hours|the week before
    before last|this past|up to 100|prior to|starting from scratch|inclusive|week ending|fifth Thursday
    с сегодняшнего|сего|2020-го
    next generation|next to|next day|следующий шаг|ближайшие планы|fortnight|первый и второй|first and second|с г
"""


def rows(table: str) -> list[tuple[str, str]]:
    """The phrases of a table and what they mean."""
    lines = (line.strip().partition(" = ") for line in table.splitlines() if line.strip())
    return [(phrase, period) for phrase, _, period in lines]


def phrases(table: str) -> list[str]:
    """The phrases of a table of phrases alone."""
    return [phrase for line in table.split("\n") for phrase in line.strip().split("|") if phrase]


def meaning(text: str, today: dt.date = TODAY) -> str | None:
    """The period that *text* writes."""
    written = read_date(text, today=today)
    return None if written is None else str(written.period)


def taken(text: str) -> list[str]:
    """The dates in *text*, looked for at the start of every word."""
    finder = DateFinder(text)
    starts = [at for at in range(len(text)) if not text[at].isspace() and (at == 0 or text[at - 1].isspace())]
    found = [(start, finder.at(start)) for start in starts]
    return [text[start : end[0]] for start, end in found if end and end[1]]


@pytest.mark.parametrize(("phrase", "period"), rows(UNMISTAKABLE + ONLY_AS_VALUES))
def test_a_value_means(phrase: str, period: str) -> None:
    """Every form, in both languages."""
    assert meaning(phrase) == period


@pytest.mark.parametrize(("phrase", "period"), rows(UNMISTAKABLE))
def test_unmistakable_dates_are_found_among_words(phrase: str, period: str) -> None:
    """Whole, wherever they stand; and the quick look never misses one."""
    text = f"fossils {phrase}, таможня"
    assert may_hold_date(text)
    assert taken(text)[0] == phrase


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in rows(ONLY_AS_VALUES)])
def test_other_dates_are_none_among_words(phrase: str) -> None:
    """A number, a month or a season alone is a word."""
    assert taken(f"fossils {phrase}, таможня") == []


@pytest.mark.parametrize("phrase", phrases(NEVER_ALONE))
def test_what_is_no_date_in_a_query(phrase: str) -> None:
    """Codes, versions, amounts, other meanings of the words, and whatever the query language gives another meaning."""
    parsed = parse(phrase, dates=True)
    assert parsed.dates == ()
    assert parse(phrase).query == parsed.query


@pytest.mark.parametrize(
    "text", ["31 июня", "31 июня 2020", "29 февраля 2019", "31.06.2020", "February 30", "2020-02-30", "23-19 October"]
)
def test_impossible_days(text: str) -> None:
    """They have no period, and none of their words is taken for another date."""
    assert read_date(text, today=TODAY) is None
    assert DateFinder(text).at(0) == (len(text), False)
    parsed = parse(text, dates=True)
    assert parsed.dates == ()
    assert [str(warning) for warning in parsed.warnings] == [f"“{text}” is no possible date; read as words"]


@pytest.mark.parametrize(
    "text", ["", "fossils", "5", "осень 2019-2020", "0000", "999", "3000", "вчера и", "5 мая -", "с"]
)
def test_what_is_no_value(text: str) -> None:
    """Nothing is guessed."""
    assert read_date(text, today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("за последние 5000 лет", "1000-01-01..2020-11-15"),
        (f"{10**40} days ago", "1000-01-01"),
        ("-99999 years", "1000-01-01..2020-11-15"),
        ("5000 лет назад", "1000-01-01..1000-12-31"),
    ],
)
def test_amounts_beyond_the_calendar_are_cut(text: str, period: str) -> None:
    """And it is told."""
    written = read_date(text, today=TODAY)
    assert written
    assert (str(written.period), written.is_cut) == (period, True)
    assert not read_date("3 years ago", today=TODAY).is_cut


def test_months_are_recognised_before_babel_is_asked() -> None:
    """Each name that CLDR has, and each case of a Russian one."""
    from babel.dates import get_month_names

    kinds = product(("ru", "en"), ("wide", "abbreviated"), ("format", "stand-alone"))
    names = [name for locale, width, context in kinds for name in get_month_names(width, context, locale).values()]
    assert {fold(name).rstrip(".") for name in names} <= MONTH_LIKE
    assert [word for word in MONTH_LIKE if month_number(word) is None] == []


# Properties

GENITIVE = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
NOMINATIVE = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()
ENGLISH = "January February March April May June July August September October November December".split()

DAY_FORMS = [
    "{day:%Y-%m-%d}",
    "{day:%d.%m.%Y}",
    "{day.day}/{day.month}/{day.year}",
    "{day.day} {ru} {day.year}",
    "{day.day} {ru} {day.year} года",
    "{day.day}-го {ru} {day.year} г.",
    "{day.day} {en} {day.year}",
    "{en} {day.day}, {day.year}",
    "the {day.day}th of {en} {day.year}",
]
RANGE_FORMS = [
    "с {} по {}",
    "{} - {}",
    "{}–{}",
    "{}..{}",
    "from {} to {}",
    "between {} and {}",
    "между {} и {}",
    "от {} до {}",
    "{} through {}",
]
days = st.dates(dt.date(1990, 1, 1), dt.date(2035, 12, 31))


def written(form: str, day: dt.date) -> str:
    """A day in one of the forms."""
    return form.format(day=day, ru=GENITIVE[day.month - 1], en=ENGLISH[day.month - 1])


def assert_day_reads_back(day: dt.date) -> None:
    """In every form, as a value and among words."""
    for form in DAY_FORMS:
        text = written(form, day)
        assert meaning(text) == str(day), text
        assert taken(text)[0] == text, text


@given(days)
def test_days_read_back(day: dt.date) -> None:
    """A sample of the days of half a century."""
    assert_day_reads_back(day)


@pytest.mark.slow
def test_every_day_reads_back() -> None:
    """All of them."""
    for number in range(dt.date(1990, 1, 1).toordinal(), dt.date(2036, 1, 1).toordinal()):
        assert_day_reads_back(dt.date.fromordinal(number))


@given(days, days, st.sampled_from(RANGE_FORMS), st.sampled_from(DAY_FORMS))
def test_ranges_read_back(one: dt.date, other: dt.date, form: str, day_form: str) -> None:
    """Both ends in any form that writes a day."""
    first, last = sorted((one, other))
    text = form.format(written(day_form, first), written(day_form, last))
    assert meaning(text) == str(Period(first, last))
    assert taken(text)[0] == text


@given(days, days)
def test_ranges_share_month_and_year(one: dt.date, other: dt.date) -> None:
    """What the first end leaves out is that of the last one."""
    first, last = sorted((one.replace(year=other.year), other)) if one.day < 29 else (other, other)
    ends = [written("{day.day} {ru}", first), written("{day.day} {ru}", last)]
    assert meaning(f"с {ends[0]} по {ends[1]} {last.year} г.") == str(Period(first, last))
    if first.month == last.month:
        expected = str(Period(first, last))
        month = f"{GENITIVE[last.month - 1]} {last.year}"
        english = f"{ENGLISH[last.month - 1]} {first.day}-{last.day}, {last.year}"
        assert meaning(f"{first.day}-{last.day} {month}") == meaning(english) == expected


@given(st.integers(1990, 2035), st.integers(1, 12))
def test_longer_times_read_back(year: int, month: int) -> None:
    """Months, quarters, half-years, years and decades."""
    for text in (f"{NOMINATIVE[month - 1]} {year}", f"{ENGLISH[month - 1]} {year}", f"{year}-{month:02}"):
        assert meaning(text) == str(period_of("month", year, month))
    quarter, half = (month + 2) // 3, (month + 5) // 6
    for text in (f"Q{quarter} {year}", f"{quarter} квартал {year} года", f"{quarter}-й кв. {year}"):
        assert meaning(text) == str(period_of("quarter", year, quarter))
    for text in (f"H{half} {year}", f"{half}-е полугодие {year}"):
        assert meaning(text) == str(period_of("half", year, half))
    assert meaning(f"{year} год") == meaning(str(year)) == str(period_of("year", year))
    assert meaning(f"{year - year % 10}-е") == meaning(f"{year - year % 10}s") == str(unit_of("decade", year))


def unit_of(unit: Unit, year: int) -> Period:
    """The unit in which a year begins."""
    return unit_around(unit, dt.date(year, 1, 1))


@given(days, st.integers(1, 12), st.integers(1, 31))
def test_undated_days_are_the_latest_past_ones(today: dt.date, month: int, day: int) -> None:
    """Checked by walking back day by day."""
    text = f"{day} {GENITIVE[month - 1]}"
    back = (today - dt.timedelta(days=number) for number in range(366 * 8 + 2))
    expected = next((past for past in back if (past.month, past.day) == (month, day)), None)
    assert meaning(text, today) == (None if expected is None else str(expected))


@given(days, st.sampled_from([*MONTHS_OF, *DAYS_OF]))
def test_units_of_the_calendar_meet(today: dt.date, unit: Unit) -> None:
    """A unit holds its day, ends where the next begins, and all its days have the same."""
    here = unit_around(unit, today)
    assert today in here
    assert here.start
    assert here.end
    assert unit_around(unit, here.end + dt.timedelta(days=1)).start == here.end + dt.timedelta(days=1)
    assert unit_around(unit, here.start) == unit_around(unit, here.end) == here


@given(days, st.sampled_from(["week", "month", "quarter", "season", "half", "year", "decade"]))
def test_thirds_make_up_the_whole(today: dt.date, unit: Unit) -> None:
    """Beginning, middle and end follow each other."""
    whole = unit_around(unit, today)
    parts = [third(whole, unit, place) for place in range(3)]
    assert (parts[0].start, parts[2].end) == (whole.start, whole.end)
    for before, after in pairwise(parts):
        assert before.end
        assert after.start == before.end + dt.timedelta(days=1)


@given(days, st.sampled_from(sorted(MOST_IN)))
def test_pieces_make_up_the_whole(today: dt.date, units: tuple[Unit, Unit]) -> None:
    """One unit behind the other, from the first day to the last; and from the end, the last ones are the same."""
    whole, unit = units
    period = unit_around(whole, today)
    pieces = [Part(unit, place).of(period, whole) for place in range(MOST_IN[units])]
    last = pieces.index(next(piece for piece in pieces if piece.end == period.end))
    assert pieces[0].start == period.start
    for before, after in pairwise(pieces[: last + 1]):
        assert before.end
        assert after.start == before.end + dt.timedelta(days=1)
    assert Part(unit, 0, last + 1).of(period, whole) == period
    assert Part(unit, -1).of(period, whole).end == period.end
    if unit != "week":
        assert Part(unit, -1).of(period, whole) == pieces[last]


@given(days, st.sampled_from(["week", "month", "quarter", "year"]))
def test_beside_the_present_unit(today: dt.date, unit: Unit) -> None:
    """The last, this and the next one meet; what is over of it and what is left make it up, as do its parts."""
    last, this, following = (read_date(f"{word} {unit}", today=today).period for word in ("last", "this", "next"))
    assert last.end + dt.timedelta(days=1) == this.start
    assert this.end + dt.timedelta(days=1) == following.start
    earlier, later = (read_date(f"{word} this {unit}", today=today).period for word in ("earlier", "later"))
    assert (earlier.start, earlier.end, later.start, later.end) == (this.start, today, today, this.end)
    assert read_date(f"{unit} to date", today=today).period == earlier
    assert read_date(f"by the end of the {unit}", today=today).period.end == this.end
    assert read_date(f"end of this {unit}", today=today).period.end == this.end


@given(st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31)))
def test_weeks_and_halves_read_back(day: dt.date) -> None:
    """Of a month, in both languages."""
    month = f"{ENGLISH[day.month - 1]} {day.year}", f"{GENITIVE[day.month - 1]} {day.year}"
    week = (day.day - 1) // 7
    half = 0 if day.day <= 15 else 1
    for phrase in (
        f"the {('first', 'second', 'third', 'fourth', 'fifth')[week]} week of {month[0]}",
        f"на {('первой', 'второй', 'третьей', 'четвёртой', 'пятой')[week]} неделе {month[1]}",
        f"{('first', 'second')[half]} half of {month[0]}",
        f"в {('первой', 'второй')[half]} половине {month[1]}",
    ):
        assert day in read_date(phrase, today=TODAY).period


@given(days, st.integers(0, 400))
def test_days_ago(today: dt.date, number: int) -> None:
    """Plain arithmetic of days; and the last n days are n days."""
    assert meaning(f"{number} дней назад", today) == str(today - dt.timedelta(days=number))
    if number:
        period = read_date(f"последние {number} дней", today=today).period
        assert (period.end - period.start).days + 1 == number


def test_the_ends_of_the_calendar() -> None:
    """Nothing lies outside the years 1000 to 2999, and months there are whole."""
    assert str(months(999, 12, 3)) == "1000-01-01..1000-02-28"
    assert str(months(2999, 12, 3)) == "2999-12-01..2999-12-31"
    assert shifted(dt.date(2020, 1, 31), "year", 5000) == dt.date(2999, 12, 31)
    for today, text in product((dt.date.min, dt.date(1000, 1, 1), dt.date(2999, 12, 31), dt.date.max), RELATIVE):
        written_date = read_date(text, today=today)
        assert written_date is None or written_date.period


RELATIVE = [phrase for phrase, _ in rows(UNMISTAKABLE + ONLY_AS_VALUES)]
PIECES = [
    *{word for phrase in RELATIVE for word in phrase.split()},
    "-",
    "–",
    "..",
    ".",
    ",",
    "(",
    "²",
    "٣",
    "İ",
    "\x00",
    '"',
]


@settings(max_examples=400)
@given(
    st.one_of(
        st.text(),
        st.text(alphabet=st.characters()),
        st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
        st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    ),
    st.dates(),
)
@example("last winter", dt.date.min)
@example("autumn - March", dt.date(2020, 11, 15))
@example("до 29 февраля", dt.date.max)
def test_any_text_reads_as_a_date_or_none(text: str, today: dt.date) -> None:
    """Nothing raises; what is found lies in the text and reads alone, and the quick look misses nothing."""
    read_date(text, today=today)
    finder = DateFinder(text)
    for start in range(len(text)):
        found = finder.at(start)
        if found:
            assert start < found[0] <= len(text)
    words = re.findall(r"[^\W\d_]+", text)
    if taken(text) and all(fold(word) == word.lower().replace("ё", "е") for word in words):  # it looks at plain letters
        assert may_hold_date(text)
