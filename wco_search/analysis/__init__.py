"""Text to terms, for documents and queries alike.

    text --CHUNK--> chunks --cut--> entries (forms with offsets) --terms--> terms

`tokenizer` finds the forms, `russian` and `english` give each form its terms by its script, `analyzer` joins the two
and keeps what it has worked out. Offsets are code points of the original text: `text[token.start:token.end] ==
token.surface`.
"""

from wco_search.analysis.analyzer import Analyzer, Token, TokenTrace, default_analyzer

__all__ = ["Analyzer", "Token", "TokenTrace", "default_analyzer"]
