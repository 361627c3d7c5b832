"""Words of a query in the other language: forms of translations, and which words are told as names."""

from __future__ import annotations

import pytest

from wco_search import Document, Index, Interpretation, Results
from wco_search.engine.crossing import Crossing

IRREGULAR = [
    ("продать", "sold"), ("найти", "found"), ("заплатить", "paid"), ("принести", "brought"), ("украсть", "stolen"),
    ("мышь", "mice"), ("дети", "children"), ("ребёнок", "children"), ("мужчина", "men"), ("женщина", "women"),
    ("человек", "people"), ("нож", "knives"), ("волк", "wolves"), ("зуб", "teeth"), ("крупный", "largest"),
    ("рыбак", "fishermen"), ("полицейский", "policemen"), ("купить", "bought"), ("поймать", "caught"),
    ("критерий", "criteria"),
]  # fmt: skip


def archive(*words: str) -> Index:
    """A document of each word, in its own language."""
    languages = ["en" if word.isascii() else "ru" for word in words]
    return Index.memory(
        [Document(id=word, body=word, language=code) for word, code in zip(words, languages, strict=True)]
    )


def told(results: Results, kind: str) -> list[str]:
    """What the words of a query were taken for, of one kind."""
    return [part.meaning for part in results.interpretation if part.kind == kind]


@pytest.mark.parametrize(("russian", "english"), IRREGULAR)
def test_irregular_forms_meet(russian: str, english: str) -> None:
    """Each finds the other, though texts have only a form that does not share the stem of the translation."""
    index = archive(russian, english)
    assert {hit.document.id for hit in index.search(russian)} == {russian, english}
    assert {hit.document.id for hit in index.search(english)} == {russian, english}
    marked = {hit.document.id: hit.snippet.to_html() for hit in index.search(russian)}
    assert f"<mark>{english}</mark>" in marked[english]


def test_a_query_asked_again_is_not_understood_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the commit is the same; other words, or words joined in another way, are another query."""
    index = archive("контрабанда", "smuggling", "timber")

    def answers() -> list[tuple[int, tuple[Interpretation, ...]]]:
        found = [index.search(query) for query in ("контрабанда леса", "леса контрабанда", "контрабанда AND леса")]
        return [(results.total, results.interpretation) for results in found]

    first = answers()
    assert [total for total, _ in first] == [3, 3, 0]
    with monkeypatch.context() as patch:
        patch.setattr(Crossing, "word", None)
        patch.setattr(Crossing, "phrases", None)
        assert answers() == first
        with pytest.raises(TypeError):
            index.search("контрабанда")
        index.add([Document(id="новая", body="Контрабанда леса", language="ru")])
        with pytest.raises(TypeError):
            answers()
    assert [total for total, _ in answers()] == [4, 4, 1]


def test_irregular_forms_of_phrases() -> None:
    """Also a word of a translation of several is sought in all its forms; a form that is another word is not."""
    index = archive("they took part", "number", "media")
    results = index.search("принять участие")
    assert "take part" in told(results, "translation")
    assert [hit.document.id for hit in results] == ["they took part"]
    assert not {hit.document.id for word in ("онемелый", "средний") for hit in index.search(word)} & {"number", "media"}


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("груз", "cargo goods horiz"),
        ("порт", "port pport porth"),
        ("суд", "court trial seed sid ssid"),
        ("ввоз", "import wiz viz"),
        ("газ", "gas ghz khz"),
        ("вес", "weight was vis"),
        ("cargo", "груз кара"),
        ("port", "порт порта парта"),
        ("goods", "товар груз гудок"),
        ("tax", "налог такси текс"),
        ("duty", "пошлина даты дети"),
        ("rice", "рис рейса"),
        ("coal", "уголь кол"),
    ],
)
def test_words_that_are_no_names(word: str, others: str) -> None:
    """What has few sounds is like many words of the other language, and a translation is no name beside itself."""
    results = archive(*others.split()).search(word)
    assert told(results, "translation")
    assert told(results, "name") == []


def test_a_word_of_the_lexicon_without_its_translation() -> None:
    """It is no more a name where the index does not have the translation."""
    assert told(archive("res", "ras", "rays").search("рис"), "name") == []
    assert told(archive("sid", "seed").search("суд"), "name") == []


@pytest.mark.parametrize(
    ("russian", "english"),
    [
        ("Микурия", "Mikuriya"),
        ("Ким", "Kim"),
        ("Чад", "Chad"),
        ("Буш", "Bush"),
        ("Маккейн", "McCain"),
        ("Чен", "Chen"),
        ("Смит", "Smith"),
        ("Осло", "Oslo"),
        ("Трамп", "Trump"),
        ("Шеремет", "Sheremet"),
        ("Хан", "Khan"),
    ],
)
def test_short_names_meet(russian: str, english: str) -> None:
    """A name that sounds the same is found however short it is."""
    index = archive(f"{russian} прибыл", f"{english} arrived")
    assert len(index.search(russian)) == len(index.search(english)) == 2
