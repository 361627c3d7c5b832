"""Queries of a reader over the real newsroom page: what must be in the top ten, kind by kind, in both languages.

The page is the one of October 2020; items are named by their place on it. Skipped where it is not there.
"""

from __future__ import annotations

import datetime as dt

import pytest

from tests.conftest import SHARED_DATA
from wco_search import Index, read

TODAY = dt.date(2020, 11, 15)

QUERIES: dict[str, list[tuple[str, set[int]]]] = {
    "Russian topics": [
        ("окаменелости", {26}),
        ("ввоз окаменелостей в Испанию", {26}),
        ("отмывание денег", {35, 39}),
        ("финансирование терроризма", {35, 39}),
        ("борьба с коррупцией", {10, 25, 38}),
        ("гендерное равенство", {21, 34}),
        ("железнодорожный семинар", {11}),
        ("измерение эффективности", {0, 27}),
        ("таможенная стоимость", {23}),
        ("Гармонизированная система", {13, 37}),
        ("упрощение торговли", {3, 14, 37}),
        ("сведения о пассажирах", {8}),
        ("контроль стратегических товаров", {7, 15, 33, 39}),
        ("незаконный оборот наркотиков", {40}),
        ("прекурсоры", {40}),
        ("охрана окружающей среды", {4}),
        ("пандемия коронавируса", {6, 8, 20, 26, 31, 34}),
        ("присоединение к конвенции", {16, 29, 32}),
        ("региональные учебные центры", {9}),
        ("развитие карьеры", {17}),
        ("предварительные решения", {37}),
        ("журнал", {5}),
        ("разведка", {36, 40}),
        ("честность", {2, 10, 38}),
    ],
    "English topics": [
        ("smuggled fossils", {26}),
        ("dinosaur fossil import", {26}),
        ("money laundering", {35, 39}),
        ("corruption", {10, 25, 38}),
        ("railways", {11}),
        ("gender equality", {21, 34}),
        ("harmonized system committee", {13}),
        ("customs valuation committee", {23}),
        ("passenger name record", {8}),
        ("illicit drugs", {40}),
        ("environmentally sensitive goods", {4}),
        ("advance rulings", {37}),
        ("accession to the Kyoto convention", {16, 29, 32}),
        ("leadership training for executives", {14}),
        ("integrity training", {2}),
        ("biosecurity at the border", {28}),
    ],
    "names": [
        ("Микурия", {16, 24}),
        ("Кунио Микурия", {16, 24}),
        ("Мальдивы", {16}),
        ("Мьянма", {32}),
        ("Мадагаскар", {24}),
        ("Туркменистан", {29}),
        ("Гана", {2}),
        ("Филиппины", {3}),
        ("Пакистан", {1}),
        ("Колумбия", {14}),
        ("Индонезия", {21}),
        ("Аргентина", {20, 26}),
        ("Испания", {26}),
        ("Япония", {17, 18}),
        ("Ниамей", {37, 38}),
        ("Дакар", {36}),
        ("Дуала", {36}),
        ("Тревиньо", {28}),
        ("Лайнкана", {24}),
        ("Интерпол", {18}),
        ("ИКАО", {8}),
        ("Mikuriya", {16, 24}),
        ("Maldives", {16}),
        ("Trevino Chapa", {28}),
        ("Norad", {10}),
    ],
    "other words": [
        ("обучение сотрудников таможни Пакистана", {1}),
        ("вовлечение заинтересованных сторон", {2}),
        ("программа Меркатор", {3}),
        ("многосторонние природоохранные соглашения", {4}),
        ("Базельская конвенция", {4}),
        ("Монреальский протокол", {4}),
        ("новый номер WCO News", {5}),
        ("трудности частного сектора", {6}),
        ("запись регистрации пассажира", {8}),
        ("норвежское агентство", {10}),
        ("железная дорога", {11}),
        ("курс по управлению налоговой администрацией", {12}),
        ("рекордная явка комитета", {13}),
        ("обучение руководителей в Колумбии", {14}),
        ("карьера Япония", {17}),
        ("Глобальный щит Восточная Африка", {18}),
        ("сеть РИЛО", {19}),
        ("вебинар для Аргентины", {20}),
        ("многообразие", {21, 34}),
        ("пересмотр Киотской конвенции", {22}),
        ("круглый стол Мадагаскар", {24}),
        ("ООН наркотики преступность", {25}),
        ("палеонтология", {26}),
        ("биобезопасность", {28}),
        ("рамочные стандарты SAFE", {30}),
        ("поддельные лекарства COVID", {31}),
        ("посольство Мьянмы", {32}),
        ("операция Тентакль", {35}),
        ("Камерун Сенегал", {36}),
        ("метамфетамин", {40}),
        ("stakeholder engagement Ghana", {2}),
        ("Basel treaty hazardous waste", {4}),
        ("airline passenger data", {8}),
        ("anti corruption Norway", {10}),
        ("railway workshop Korea", {11}),
        ("Maldives joins Kyoto convention", {16}),
        ("career development Japan", {17}),
        ("dinosaur bones smuggling", {26}),
        ("gender diversity webinar", {21, 34}),
        ("State Department agreement", {39}),
    ],
    "wrong layout": [
        ("ащыышды", {26}),
        ("jrfvtytkjcnb", {26}),
        ("ьщтун дфгтвукштп", {35, 39}),
        ("rjhhegwbz", {10, 25, 38}),
        ("путвук уйгфдшен", {21, 34}),
        ("Vfkmlbds", {16}),
        ("ghtrehcjhs", {40}),
        ("кфшдцфн", {11}),
        ("njhujdkz", {3, 14, 37, 5, 7, 15, 33}),
        ("Ьшлгкшнф", {16, 24}),
    ],
    "other inflections": [
        ("окаменелостями", {26}),
        ("о коррупции", {10, 25, 38}),
        ("гендерным равенством", {21, 34}),
        ("мальдивский", {16}),
        ("мадагаскарская таможня", {24}),
        ("испанские таможенники", {26}),
        ("наркотикам", {40}),
        ("присоединились к конвенции", {16, 29, 32}),
        ("fossil", {26}),
        ("laundered money", {35, 39}),
        ("accede to the convention", {16, 29, 32}),
        ("trafficked drugs", {40}),
        ("gendered", {34}),
        ("valuations", {23}),
    ],
    "dates": [
        ("9 октября 2020", {26, 27, 28}),
        ("training 19-23 October 2020", {2}),
        ("коррупция в октябре 2020", {10, 25, 38}),
        ("с 28 сентября по 1 октября 2020 г.", {27, 39, 40}),
        ("операция до 6 октября 2020", {31, 35, 40}),
        ("seminar 22-23 September 2020", {38}),
        ("Ниамей 5 октября 2020", {37, 38}),
    ],
}  # fmt: skip
"""For each kind the queries, and the items that a reader means by them."""


@pytest.fixture(scope="module")
def page() -> Index:
    """The page as an index in memory, each item's id its place on it."""
    pages = sorted((SHARED_DATA / "seed").glob("*.txt"))
    if not pages:
        pytest.skip(f"the real newsroom page is not in {SHARED_DATA / 'seed'}")
    return Index.memory(read(pages[0]))


@pytest.fixture(scope="module")
def recalls(page: Index) -> dict[str, dict[str, float]]:
    """For each kind and query the share of its items among the first ten hits."""
    place = {document.id: number for number, document in enumerate(page.documents())}
    return {
        kind: {
            query: len({place[hit.document.id] for hit in page.search(query, today=TODAY)} & items)
            / min(10, len(items))
            for query, items in queries
        }
        for kind, queries in QUERIES.items()
    }


@pytest.mark.parametrize("kind", list(QUERIES))
def test_every_kind_of_query_finds_what_is_meant(recalls: dict[str, dict[str, float]], kind: str) -> None:
    """Nine tenths of the items, on average."""
    missed = {query: share for query, share in recalls[kind].items() if share < 1}
    assert sum(recalls[kind].values()) / len(recalls[kind]) >= 0.9, missed


def test_all_queries_together_find_what_is_meant(recalls: dict[str, dict[str, float]]) -> None:
    """Nineteen of twenty."""
    shares = [share for kind in recalls.values() for share in kind.values()]
    assert sum(shares) / len(shares) >= 0.95
