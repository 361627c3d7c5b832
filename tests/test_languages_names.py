"""Names across alphabets: keys, similarity against a plain oracle, candidates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.languages import NameTable, phonetic_keys, romanised
from wco_search.languages import names as module

PAIRS = [
    ("микурия", "mikuriya"),
    ("гватемала", "guatemala"),
    ("путин", "putin"),
    ("шеремет", "sheremet"),
    ("хьюстон", "houston"),
    ("вашингтон", "washington"),
    ("гарвард", "harvard"),
    ("клинтон", "clinton"),
    ("джексон", "jackson"),
    ("уильямс", "williams"),
    ("чавес", "chavez"),
    ("щукин", "shchukin"),
    ("екатеринбург", "yekaterinburg"),
    ("филадельфия", "philadelphia"),
    ("цукерберг", "zuckerberg"),
    ("кеннеди", "kennedy"),
    ("александр", "alexander"),
    ("валенсия", "valencia"),
    ("никарагуа", "nicaragua"),
    ("жанейро", "janeiro"),
    ("хабаровск", "khabarovsk"),
    ("трамп", "trump"),
]
RUSSIAN = {russian: 1 for russian, _ in PAIRS}
ENGLISH = {english: 1 for _, english in PAIRS}
OTHERS = "таможня контрабанда испания изъятие корабль ведомство участник".split()


@pytest.mark.parametrize(("russian", "english"), PAIRS)
def test_names_meet(russian: str, english: str) -> None:
    """Each finds the other first among all of them, in both directions."""
    assert NameTable.build(ENGLISH).candidates(russian)[0].form == english
    assert NameTable.build(RUSSIAN).candidates(english)[0].form == russian


@pytest.mark.parametrize(
    ("form", "english"),
    [
        ("микурией", "mikuriya"),
        ("шереметом", "sheremet"),
        ("шереметами", "sheremet"),
        ("хьюстоне", "houston"),
        ("вашингтона", "washington"),
        ("гватемалы", "guatemala"),
    ],
)
def test_inflected_names_meet(form: str, english: str) -> None:
    """A case ending does not hide a name."""
    assert NameTable.build(ENGLISH).candidates(form)[0].form == english


@pytest.mark.parametrize("form", OTHERS)
def test_other_words_meet_nothing(form: str) -> None:
    """No word of the trade is a name of this table."""
    assert NameTable.build(ENGLISH).candidates(form) == ()


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("шеремет", ("Seremet",)),
        ("sheremet", ("Seremet",)),
        ("гавана", ("gavana", "havana")),
        ("mikuriya", ("mikuria",)),
        ("jackson", ("Zakson",)),
        ("philadelphia", ("filadelfia",)),
        ("williams", ("viliams",)),
        ("cyprus", ("siprus",)),
        ("guatemala", ("gvatemala",)),
        ("о'нил", ("onil",)),
        ("kyiv", ("kiv",)),
        ("ь", ("",)),
    ],
)
def test_keys(form: str, keys: tuple[str, ...]) -> None:
    """How spellings are reduced to sounds."""
    assert phonetic_keys(form) == keys


@given(st.lists(st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1), min_size=1, max_size=5))
def test_keys_of_many_are_the_keys_of_each(forms: list[str]) -> None:
    """A table works out all keys at once."""
    columns = module._keys_of_lines("\n".join(forms))
    assert [tuple(dict.fromkeys(keys)) for keys in zip(*columns, strict=True)] == list(map(phonetic_keys, forms))


keys = st.text(module._LETTERS, min_size=1, max_size=module._KEY_LENGTH)


def plain_distance(one: str, other: str) -> int:
    """The textbook's table, cell by cell."""
    code = module._CODE
    loss, swap = module._LOSS, module._SUBSTITUTION
    row = [0]
    for letter in other:
        row.append(row[-1] + int(loss[code[letter]]))
    for letter in one:
        below = [row[0] + int(loss[code[letter]])]
        for place, theirs in enumerate(other):
            swapped = row[place] + int(swap[code[letter], code[theirs]])
            below.append(min(swapped, row[place + 1] + int(loss[code[letter]]), below[-1] + int(loss[code[theirs]])))
        row = below
    return row[-1]


@given(keys, st.lists(keys, min_size=1, max_size=5))
def test_distances(query: str, others: list[str]) -> None:
    """All at once as one by one; symmetric, and zero for a key and itself."""
    row = module._matrix([query])[0][: len(query)]
    found = module._distances(row, module._matrix(others)).tolist()
    assert found == [plain_distance(query, other) for other in others]
    assert found == [plain_distance(other, query) for other in others]
    assert plain_distance(query, query) == 0


@given(keys)
def test_codes_of_one_key(key: str) -> None:
    """The plain way and the way of arrays give the same codes."""
    codes, rows = module._skeleton_codes(module._matrix([key]))
    assert module._codes_of(key).tolist() == codes.tolist()
    assert set(rows.tolist()) == {0}


@given(st.lists(st.text("abdeiklmnorstuv", min_size=3, max_size=8), min_size=1, max_size=12), st.data())
def test_candidates_against_all_pairs(words: list[str], data: st.DataObject) -> None:
    """What a table gives is what comparing every word would give, among words whose skeletons share a code."""
    vocabulary = dict.fromkeys(words, 1)
    form = data.draw(st.sampled_from(words))
    table = NameTable.build(vocabulary)
    (key,) = phonetic_keys(form)
    similarities = {}
    for word in vocabulary:
        (other,) = phonetic_keys(word)
        if len(other) < 2 or not set(module._codes_of(key).tolist()) & set(module._codes_of(other).tolist()):
            continue
        similarity = 1 - plain_distance(key, other) / (100 * max(len(key), len(other))) - 0.08 * (key[0] != other[0])
        if similarity >= module.THRESHOLD:
            similarities[word] = similarity
    best = max(similarities.values(), default=0)
    near = {word: value for word, value in similarities.items() if value >= best - 0.12 - 1e-12}
    found = table.candidates(form)
    assert {match.form for match in found} <= near.keys()
    assert len(found) == min(4, len(near)) or len(key) < 2
    for match in found:
        assert match.weight == pytest.approx(near[match.form] ** 2)


def test_frequent_words_first() -> None:
    """Of words that sound the same the one with more occurrences; at most four are given."""
    table = NameTable.build({"smith": 5, "smit": 9, "smyth": 7, "smitt": 1, "smithe": 2, "schmidt": 20})
    assert [match.form for match in table.candidates("смит")] == ["smit", "smyth", "smith", "smitt"]


def test_kept_as_arrays() -> None:
    """A table made of another's arrays is the same table."""
    table = NameTable.build(ENGLISH)
    arrays = table.to_arrays()
    assert all(isinstance(array, np.ndarray) and array.dtype != object for array in arrays.values())
    again = NameTable(arrays)
    assert len(again) == len(table) == len(ENGLISH)
    assert all(again.candidates(russian) == table.candidates(russian) for russian in RUSSIAN)


@pytest.mark.parametrize("vocabulary", [{}, {"a": 1, "66": 2, "hsc-66": 1, "ab": 5}, {"税関庁": 3, "ььь": 1}])
def test_nothing_to_find(vocabulary: dict[str, int]) -> None:
    """Empty tables, and words too short, of digits or without sounds."""
    table = NameTable.build(vocabulary)
    assert [table.candidates(form) for form in ("микурия", "аб", "66", "", "ььь")] == [()] * 5


def test_lemmas_help() -> None:
    """A lemma or stem is compared as well as the form."""
    table = NameTable.build(ENGLISH)
    assert table.candidates("путиным") == ()
    assert table.candidates("путиным", ["путин"])[0].form == "putin"


@pytest.mark.parametrize(
    ("form", "expected"),
    [("микурия", "mikuriya"), ("щукин", "shchukin"), ("ельцин", "yeltsin"), ("подъезд", "podyezd"), ("a1", "a1")],
)
def test_romanised(form: str, expected: str) -> None:
    """BGN/PCGN without apostrophes."""
    assert romanised(form) == expected
