"""Names across alphabets: keys, similarity against a plain oracle, candidates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search import compiled
from wco_search.engine.strings import narrow
from wco_search.languages import NameMatch, NameTable, likeliest, name_codes, phonetic_keys, romanised
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


def candidates(vocabulary: Mapping[str, int], form: str) -> tuple[NameMatch, ...]:
    """The words of *vocabulary* that may be the name *form*."""
    forms, table = list(vocabulary), NameTable.build(vocabulary)
    return likeliest({forms[number]: value for number, value in table.similar(form).items()}, vocabulary.__getitem__)


OTHERS = "таможня контрабанда испания изъятие корабль ведомство участник".split()


@pytest.mark.parametrize(("russian", "english"), PAIRS)
def test_names_meet(russian: str, english: str) -> None:
    """Each finds the other first among all of them, in both directions."""
    assert candidates(ENGLISH, russian)[0].form == english
    assert candidates(RUSSIAN, english)[0].form == russian


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
    assert candidates(ENGLISH, form)[0].form == english


@pytest.mark.parametrize("form", OTHERS)
def test_other_words_meet_nothing(form: str) -> None:
    """No word of the trade is a name of this table."""
    assert candidates(ENGLISH, form) == ()


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


LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяіӏabcdefghijklmnopqrstuvwxyzßøꜩ"


@given(st.lists(st.text(LETTERS, max_size=25) | st.text("гуадтсцжшщ", max_size=20) | st.text("guatsczhx", max_size=20)))
def test_keys_of_many_are_the_keys_of_each(forms: list[str]) -> None:
    """A table works out all keys at once, of the words of one alphabet."""
    letters, lengths, owners, skeletons = module._spoken(forms)
    found = set()
    for end, length, owner, skeleton in zip(np.cumsum(lengths), lengths, owners, skeletons, strict=True):
        key = "".join(module._LETTERS[code - 1] for code in letters[end - length : end])
        found.add((key, forms[owner]))
        alphabet = 1 if module.CYRILLIC.search(forms[owner]) else 0
        assert module._codes_of(bytes(letters[end - length : end]), alphabet)[0] == skeleton
    spoken = (form for form in forms if len(form) >= 3 and any(w.fullmatch(form) for w in module._WORDS))
    assert found == {(key, form) for form in spoken for key in phonetic_keys(form) if len(key) >= 2}


keys = st.text(module._LETTERS, min_size=1, max_size=module._KEY_LENGTH)


@pytest.mark.skipif(not compiled.SOUNDS, reason="the loops are not compiled, or not wanted")
@given(
    st.text(LETTERS + "-'1ZSCАё", max_size=70)
    | st.text("гуадтсцжшщеь", max_size=20)
    | st.text("guatsczhxw", max_size=20)
)
def test_compiled_keys(form: str) -> None:
    """The same as those that Python makes."""
    assert module.keys_to_ask(form) == module._keys_to_ask(form)


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
    row = keys_matrix([query])[0][: len(query)]
    found = module._distances(row, keys_matrix(others)).tolist()
    assert found == [plain_distance(query, other) for other in others]
    assert found == [plain_distance(other, query) for other in others]
    assert plain_distance(query, query) == 0


def keys_matrix(keys: list[str]) -> np.ndarray:
    """Keys as rows of letter numbers, 0 behind the last."""
    rows = [[module._CODE[letter] for letter in key.ljust(module._KEY_LENGTH, "?") if letter != "?"] for key in keys]
    return np.array([row + [0] * (module._KEY_LENGTH - len(row)) for row in rows], np.uint8)


@given(keys, st.sampled_from([0, 1]))
def test_codes_of_one_key(key: str, alphabet: int) -> None:
    """What is left of a skeleton, by strings, by numbers and by arrays."""
    consonants = [letter for letter in key if letter not in module._VOWELS][: module._SKELETON_LENGTH]
    left = [consonants, *(consonants[:n] + consonants[n + 1 :] for n in range(len(consonants)))]

    def number(letters: list[str]) -> int:
        return sum(module._CODE[one] << 5 * place for place, one in enumerate(reversed(letters))) + (alphabet << 60)

    codes = module._codes_of(bytes(module._CODE[letter] for letter in key), alphabet)
    assert set(codes) == set(map(number, left if len(consonants) > 2 else [consonants]))
    assert codes[0] == number(consonants)
    shorter = module._shorter(np.array(codes[:1], np.uint64)).ravel().tolist()
    assert set(shorter) - {codes[0]} == set(map(number, left)) - {codes[0]}


def codes_of(key: str) -> list[int]:
    """Among words in Latin letters."""
    return module._codes_of(bytes(module._CODE[letter] for letter in key), 0)


RUSSIAN_LETTERS, ENGLISH_LETTERS = "абдеиклмнорсту", "abdeiklmnorstu"


@given(st.lists(st.text(ENGLISH_LETTERS, min_size=3, max_size=8), max_size=12), st.data())
def test_candidates_against_all_pairs(words: list[str], data: st.DataObject) -> None:
    """What a table gives is what comparing every word would give, among words whose skeletons share a code."""
    likely = [word.translate(str.maketrans(ENGLISH_LETTERS, RUSSIAN_LETTERS)) for word in words] or ["мир"]
    form = data.draw(st.sampled_from(likely) | st.text(RUSSIAN_LETTERS, min_size=3, max_size=8))
    (key,) = phonetic_keys(form)
    own = codes_of(key) if len(key) > 1 else []
    similarities = {}
    for number, word in enumerate(words):
        (other,) = phonetic_keys(word)
        codes = codes_of(other)
        akin = module._FAMILY[module._CODE[key[0]]] == module._FAMILY[module._CODE[other[0]]] if own else False
        may_be = own[:1] == codes[:1] or (akin and len(own) > 1 < len(codes) and set(own) & set(codes))
        similarity = 1 - plain_distance(key, other) / (100 * max(len(key), len(other))) - 0.08 * (key[0] != other[0])
        if may_be and len(other) > 1 and similarity >= module.THRESHOLD:
            similarities[number] = similarity
    assert NameTable.build([*words, *likely]).similar(form) == pytest.approx(similarities)


def test_the_best_within_reach() -> None:
    """Words are left out that are further from the best than another name would be."""
    found = likeliest({"smith": 0.9, "smit": 0.79, "smita": 0.77}, lambda form: 1)
    assert [match.form for match in found] == ["smith", "smit"]
    assert [match.weight for match in found] == pytest.approx([0.81, 0.6241])


def test_frequent_words_first() -> None:
    """Of words that sound the same the one with more occurrences, then by letters; at most four are given."""
    vocabulary = {"smith": 5, "smyth": 9, "smit": 9, "smitt": 1, "smithe": 2, "schmidt": 20}
    assert [match.form for match in candidates(vocabulary, "смит")] == ["smit", "smyth", "smith", "smitt"]


def test_kept_as_arrays() -> None:
    """A table made of another's arrays is the same table."""
    table = NameTable.build(ENGLISH)
    again = NameTable({name: narrow(array) for name, array in table.to_arrays().items()})
    assert all(table.similar(russian) for russian in RUSSIAN)
    assert all(again.similar(russian) == table.similar(russian) for russian in RUSSIAN)


def test_names_have_a_code_in_common_with_what_sounds_like_them() -> None:
    """So names that are like no word of a table are told without it."""
    codes = NameTable.build(ENGLISH).codes
    assert all(name_codes(russian) & codes for russian in RUSSIAN)
    assert not name_codes("контрабанда") & codes
    assert not name_codes("houston") & codes


@pytest.mark.parametrize("vocabulary", [{}, {"a": 1, "66": 2, "hsc-66": 1, "ab": 5}, {"税関庁": 3, "ььь": 1}])
def test_nothing_to_find(vocabulary: dict[str, int]) -> None:
    """Empty tables, and words too short, of digits or without sounds."""
    table = NameTable.build(vocabulary)
    assert [table.similar(form) for form in ("микурия", "аб", "66", "", "ььь")] == [{}] * 5


@pytest.mark.parametrize(
    ("form", "expected"),
    [("микурия", "mikuriya"), ("щукин", "shchukin"), ("ельцин", "yeltsin"), ("подъезд", "podyezd"), ("a1", "a1")],
)
def test_romanised(form: str, expected: str) -> None:
    """BGN/PCGN without apostrophes."""
    assert romanised(form) == expected
