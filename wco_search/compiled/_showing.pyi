from collections.abc import Iterable

from wco_search.fragments import Fragment

def shown(fragments: Iterable[Fragment], as_html: bool, opening: str, closing: str) -> str | None: ...
