"""Chunks that are found by forms without cutting the text: none is missed, few are given for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.analysis.seeker import Seeker
from wco_search.analysis.tokenizer import CHUNK, cut

FOUND = [
    # form, text, the chunks to be cut
    ("таможня", "Таможня, ТАМОЖНЯ! (таможня); таможник — потаможня", ["Таможня", "ТАМОЖНЯ", "таможня"]),
    ("елка", "Ёлка. ёлка-ель; Елка…", ["Ёлка", "ёлка-ель", "Елка"]),
    ("covid-19", "covid COVID–19 x/covid/19", ["covid", "COVID–19", "x/covid/19"]),
    ("us", "U.S. bus use, virUS", ["U.S", "use", "virUS"]),
    ("app", "WhatsApp apple happy", ["WhatsApp", "apple"]),
    ("93", "93rd, №93, 1993, A93", ["93rd", "93", "A93"]),
    ("5", "1,5 и 1.5; 15", ["1,5", "1.5"]),
    ("замок", "за\u0301мок, замо\u0301к и зам\u00adок", ["за\u0301мок", "замо\u0301к", "зам\u00adок"]),
    ("таможня", "тaможня с латинской a", ["тaможня"]),
    ("trevino", "Treviño и 税関", ["Treviño", "税関"]),
    ("税関", "税関 и груз", ["税関"]),
    ("i'm", "I’m, I'm, i", ["I’m", "I'm", "i"]),
    ("груз", "", []),
    ("груз", "🚢🚢", []),
]


@pytest.mark.parametrize(("form", "text", "chunks"), FOUND)
def test_chunks_that_may_be_found_by_a_form_are_given(form: str, text: str, chunks: list[str]) -> None:
    """With the places where they begin."""
    found = list(Seeker([form]).chunks(text))
    assert [chunk for _, chunk in found] == chunks
    assert all(text.startswith(chunk, place) for place, chunk in found)


LETTERS = st.text(alphabet="abzABZабжяАБЖЯёЁйЙіЇ059-./_'’–,&@ \n\u0301\u0306\u00ad\u200dßéª²ﬁ税😀\x00µ", max_size=40)


@given(LETTERS | st.text(max_size=40), st.data())
def test_no_chunk_with_a_form_is_missed(text: str, data: st.DataObject) -> None:
    """In any text, for any of its forms; what is given are chunks of the text, in order, each once."""
    everything = [(match.start(), match.group()) for match in CHUNK.finditer(text)]
    forms = sorted({entry.form for _, chunk in everything for entry in cut(chunk).entries})
    sought = set(data.draw(st.lists(st.sampled_from(forms), max_size=3))) if forms else set()
    given_chunks = list(Seeker(sought).chunks(text))
    assert given_chunks == [found for found in everything if found in given_chunks]
    for place, chunk in everything:
        if not sought.isdisjoint(entry.form for entry in cut(chunk).entries):
            assert (place, chunk) in given_chunks


def test_forms_of_too_many_beginnings_are_not_worth_it() -> None:
    """Each beginning is one pass over the text."""
    many = [f"{a}{b}{c}1" for a in "abcde" for b in "abcde" for c in "abcde"]
    assert Seeker(["контроль", "контракт", "контрабанда"]).is_worthwhile
    assert not Seeker(many).is_worthwhile
