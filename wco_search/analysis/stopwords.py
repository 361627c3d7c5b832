"""Words that say little about a text, in both languages.

They are indexed like all others, because phrases need them. In a query they weigh a third of other words: dropping them
loses "to be or not to be", keeping them at full weight lets "of" outrank a topic. Written for this project from the
function words of both languages: prepositions, conjunctions, particles, pronouns, auxiliary verbs; no word of any
topic.
"""

from __future__ import annotations

RUSSIAN = frozenset(
    """
    а без более бы был была были было быть в вам вами вас весь во вот все всего всей всем всеми всему всех всею всю вся
    вы где да для до его ее ей ему если есть еще же за здесь и из или им ими их к как какая какие каким каких какого
    какой какую когда кого ком кому которая которого которое которой котором которому которую которые который которым
    которыми которых кто ли либо лишь меня мне мной мы на над нам нами нас наш наша наше наши не него нее ней нем ни ним
    ними них но ну о об обо однако он она они оно от ото перед по под при про с сам сама сами само со свое своего своей
    своем своему своею свои своим своими своих свой свою своя себе себя собой так также такая такие таким такими таких
    такого такое такой такую там те тебе тебя тем теми то тобой того тоже той только том тому тот ту тут ты у уже хотя
    чего чем чему через что чтоб чтобы чье чьей чьи чья эта эти этим этими этих это этого этой этом этому этот эту
    является являются я
    """.split()
)

ENGLISH = frozenset(
    """
    a about above after again all also although am an and any are aren't as at be because been before being below
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't during each either for
    from further had hadn't has hasn't have haven't having he her here hers herself him himself his how i if in into is
    isn't it it's its itself me more most my myself neither no nor not of off on once only or other our ours ourselves
    out over own same she should shouldn't so some such than that that's the their theirs them themselves then there
    these they this those through to too under until up upon very was wasn't we were weren't what when where which while
    who whom whose why will with won't would wouldn't you your yours yourself yourselves
    """.split()
)

STOP_WORDS = RUSSIAN | ENGLISH


def is_stop_word(form: str) -> bool:
    """Whether folded *form* is a function word of either language.

    Example:
        >>> is_stop_word("ее"), is_stop_word("the"), is_stop_word("таможня")
        (True, True, False)
    """
    return form in STOP_WORDS
