r"""The query language: `parse` reads query text into a tree of frozen nodes, which `to_text()` writes back.

**Every string is a query.** What is not syntax is read as words and told in `ParsedQuery.warnings`; under `strict=True`
that is a `QuerySyntaxError` instead.

| typed                                    | means                                                               |
|------------------------------------------|---------------------------------------------------------------------|
| `контрабанда fossils`                    | either word, in any of its forms; better both                       |
| `COVID-19`, `HSC/66`, `C++`, `U.S.`      | one word, as typed, but for `,` `;` `:` `!` `?` `…` at its end      |
| `"regional workshop"`, `«единое окно»`   | a phrase; “…” and „…“ too; inside `"…"`, `\"` is a quote, `\\` a `\`  |
| `"customs fossils"~5`                    | these words in any order, at most five others between               |
| `=fossils`, `="единое окно"`             | exactly this form                                                   |
| `контр*`, `wom?n`, `*graph`              | `*` is any run of characters, `?` any one; `what?` just asks        |
| `Mikuria~`, `Mikurya~2`                  | within one or two edits                                             |
| `title:fossils`, `title:(a b)`           | in this field; a known field may have a space behind its colon      |
| `дата:2020-10`, `date:"last week"`       | a date (`wco_search.dates`); several words need quotes, or `dates=True` |
| `country:Guinea`, `страна:Гвинея`        | texts that name it, in either language (`wco_search.languages.countries`) |
| `people:"Kunio Mikuriya"`, `организации:ВТамО` | texts that name them (`wco_search.languages.entities`)              |
| `people:Mikuriya`, `люди:Микурии`        | texts that name anyone of that surname, in any case; also by its sound    |
| `date.weekday:Friday`, `date.weekday:5`  | documents of that day of the week, 1 for Monday                           |
| `date.month:2020-10`, `date.year:2020`   | as `date:2020-10` and `date:2020`: facets have these names                |
| `fossils last week`                      | with `dates=True`: `fossils` of these days; else, and in quotes, words |
| `fossils date:2020 source:WCO`           | `fossils`, of 2020 and of this source                               |
| `date:[2019 TO 2020}`, `views:[10 ПО *]` | a range; `[ ]` with its ends, `{ }` without; `*` or nothing is open |
| `date:2019..2020`, `date:2019..`         | the same, with its ends                                             |
| `views:>=10`, `views:<20`                | the same, open on one side                                          |
| `source:*`                               | has this field                                                      |
| `*`                                      | every document                                                      |
| `fossils^2`, `(a b)^0.5`                 | ranks higher, or lower: 0.01 to 100                                 |
| `a AND b`, `a И b`, `a && b`             | both                                                                |
| `a OR b`, `a ИЛИ b`, `a \|\| b`          | either, as side by side                                             |
| `NOT a`, `НЕ a`, `!a`                    | not this; `a NOT b` is `a -b`                                       |
| `+a b`                                   | `a` is required, `b` only ranks                                     |
| `a -b`                                   | without `b`                                                         |
| `(a b) AND c`                            | parentheses, to 50 deep; those in `container(s)` belong to the word |
| `\AND`, `\*`, `a\:b`                     | a backslash makes an ordinary character of the next one             |

As a grammar (`x?` is optional, `x*` any number)::

    query    = clause*                               side by side, with or without OR between
    clause   = factor ("AND" factor)*                in a chain with AND, `+` says nothing and `-` negates
    factor   = ("+" | "-" | "!" | "NOT")* operand    the signs touch what follows
    operand  = field? (leaf | "(" query ")") boost?  field and boost of a group go to the leaves in it
    leaf     = word | wildcard | fuzzy | phrase | exact | range | "*"           a range needs a field
    field    = name ":"
    fuzzy    = word "~" digits?
    phrase   = quoted ("~" digits)?
    exact    = "=" (word | quoted)
    range    = ("[" | "{") value? ("TO" | "ПО") value? ("]" | "}")
             | value? ".." value?
             | (">" | ">=" | "<" | "<=") value
    boost    = "^" number

- NOT binds closest, then AND, then OR. They are operators in capitals only, and not in a query all in capitals.
- Side by side, let R be the clauses with `+`, X those with `-` or NOT, and O the others. With R, the query is all of R,
  none of X, and O only ranks; without R, any of O and none of X. Beside an OR, as in `a OR NOT b`, a NOT is one of O.
- A value of a field that holds no text narrows the words beside it: `fossils date:2020` is `fossils` in 2020. Of
  several values of one field one must hold; open ranges hold together, as `views:>10 views:<20`. Beside an OR, as in
  `fossils OR date:2020`, a value is one of O.
- Names of fields may be in any case. `заголовок`, `текст`, `дата`, `источник`, `язык` and `страна` are `title`,
  `body`, `date`, `source`, `language`, `country`; `люди` is `people`, `организации` and `organizations` are
  `organisations`. Addresses (`http://…`, `mailto:…`) and times of day (`12:30`) are words.
- With `dates=True`, as in a search, a date among the words is a value of the field `date`, if it is unmistakable:
  `workshop 19-23 October 2020`, `таможня на прошлой неделе`, never `2020`, `may` or `8.3`. It may be negated, grouped
  and joined as any value. What a document says of other days than its own is found by quotes, or without `dates`.
- A sign acts at the start of a word only: nothing in `COVID-19`, ` - ` or ` — ` is an operator.
- What has neither letter nor digit is no word. Spaces, control characters and closing quotes part words.

Limits: 10,000 characters, 1,024 leaves, 50 levels of parentheses. What is beyond is told.

Example:
    >>> parsed = parse('title:"единое окно" +Гвинея -дата:2019..')
    >>> parsed.query.to_text()
    '+Гвинея -date:[2019 TO *] title:"единое окно"'
    >>> parse("sorce:WCO", fields=["source"]).warnings[0]
    QueryWarning(message="there is no field 'sorce' (did you mean source?); read as words", start=0, end=6)
"""

from __future__ import annotations

from wco_search.query.parser import ParsedQuery, PlainQuery, parse, plain_query
from wco_search.query.report import QueryWarning
from wco_search.query.tree import (
    AndMaybeQuery,
    AndQuery,
    EverythingQuery,
    ExactQuery,
    FuzzyQuery,
    NothingQuery,
    NotQuery,
    OrQuery,
    PhraseQuery,
    Query,
    RangeQuery,
    WildcardQuery,
    WordQuery,
    all_of,
    any_of,
    leaves,
    negation,
    walk,
)

__all__ = [
    "AndMaybeQuery",
    "AndQuery",
    "EverythingQuery",
    "ExactQuery",
    "FuzzyQuery",
    "NotQuery",
    "NothingQuery",
    "OrQuery",
    "ParsedQuery",
    "PhraseQuery",
    "PlainQuery",
    "Query",
    "QueryWarning",
    "RangeQuery",
    "WildcardQuery",
    "WordQuery",
    "all_of",
    "any_of",
    "leaves",
    "negation",
    "parse",
    "plain_query",
    "walk",
]
