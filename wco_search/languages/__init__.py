"""Crossing between Russian and English, and between keyboard layouts, as far as no index is needed.

    rows            what a bilingual dictionary says, one head a row
    cldr, dictionaries   names from Unicode CLDR; dictionaries of dictd and StarDict -> rows
    packed          rows -> one sorted text that is searched where it lies
    lexicon         a word or phrase in any form -> weighted translations, both directions
    installed       the user's own dictionaries, and all sources together
    synonyms        the user's own words that mean the same
    countries       what texts call a country, in both languages
    names           a name -> words of the other alphabet that sound like it
    trigrams, layouts    a query on the wrong keyboard layout, or in the wrong alphabet -> the query that was meant
    packing         the workshop: how the bundled lexicon in `vocabulary/` is put together and checked

Everything takes folded forms (`wco_search.text.fold`), as tokens have them. Nothing is loaded before it is asked for.
"""

from wco_search.languages.countries import Country, countries, country_code, country_expressions
from wco_search.languages.dictionaries import read_dictionary
from wco_search.languages.installed import (
    InstalledDictionary,
    default_lexicon,
    install_dictionary,
    installed_dictionaries,
    remove_dictionary,
)
from wco_search.languages.layouts import (
    Correction,
    corrected,
    dictionary,
    from_latin,
    latin_readings,
    swapped,
    trigram_score,
)
from wco_search.languages.lexicon import Lexicon, Lexicons, PhraseMatch, Source, Translation
from wco_search.languages.names import NameMatch, NameTable, likeliest, name_codes, phonetic_keys, romanised
from wco_search.languages.synonyms import Synonyms

__all__ = [
    "Correction",
    "Country",
    "InstalledDictionary",
    "Lexicon",
    "Lexicons",
    "NameMatch",
    "NameTable",
    "PhraseMatch",
    "Source",
    "Synonyms",
    "Translation",
    "corrected",
    "countries",
    "country_code",
    "country_expressions",
    "default_lexicon",
    "dictionary",
    "from_latin",
    "install_dictionary",
    "installed_dictionaries",
    "latin_readings",
    "likeliest",
    "name_codes",
    "phonetic_keys",
    "read_dictionary",
    "remove_dictionary",
    "romanised",
    "swapped",
    "trigram_score",
]
