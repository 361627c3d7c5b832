"""What the terminal command says, in English and in Russian. JSON keys, options and `--help` are not translated."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

_RUSSIAN_LOCALE = re.compile(r"ru(?:[_.@-]|\Z)", re.IGNORECASE)  # ru, ru_RU.UTF-8, but not `run`: that is Rundi


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Every message, as a template for `str.format`; numbers stand where no plural form is needed.

    Example:
        >>> print(ENGLISH.and_more.format(count=3), "|", RUSSIAN.and_more.format(count=3))
        and 3 more | и ещё 3
    """

    thousands: str  # what stands between groups of three digits

    # index
    report: str
    documents_in: str
    reanalyzed: str
    search_next: str
    and_more: str
    undeclared: str
    progress: str
    progress_left: str
    progress_elapsed: str
    progress_commit: str
    files_read: str
    following: str

    # search, suggest
    timeline: str
    undated: str
    drawn: str
    table_written: str
    found: str
    nothing_found: str
    nothing_begins: str
    nothing_related: str
    no_document: str
    note: str
    understood: str
    did_you_mean: str
    next_page: str
    empty_page: str
    near: str

    # duplicates, watches
    no_duplicates: str
    no_watches: str
    watching: str
    alert: str

    # judge
    judged_queries: str
    judged_against: str
    judged_difference: str
    judged_p: str
    judged_wins: str
    judged_left_out: str
    judged_absent: str

    # copy
    copied: str

    # stats, check, analyze
    stats_path: str
    stats_documents: str
    stats_words: str
    stats_forms: str
    stats_terms: str
    stats_segments: str
    stats_bytes: str
    stats_generation: str
    stats_dates: str
    stats_languages: str
    stats_sources: str
    stats_metadata: str
    stats_analyzer: str
    check_ok: str
    check_damaged: str
    repair_kept: str
    repair_lost: str
    repair_unnamed: str
    repair_aside: str
    repair_removed: str
    repair_dry: str
    no_words: str
    word_surface: str
    word_kind: str
    word_form: str
    word_language: str
    word_lemmas: str
    word_terms: str
    word_position: str
    word_stop_word: str

    # dictionary
    dictionary_added: str
    dictionary_unknown: str

    # demo
    demo_built: str
    demo_inflected_ru: str
    demo_inflected_en: str
    demo_phrase: str
    demo_date: str
    demo_filter: str
    demo_wildcard: str
    demo_kept: str
    demo_gone: str
    demo_go_on: str

    # failures
    stopped: str


ENGLISH = Messages(
    thousands=",",
    report="{added} added, {updated} updated, {unchanged} unchanged, {skipped} skipped",
    documents_in="documents in {path}: {documents}",
    reanalyzed="analysed anew from their stored text",
    search_next="search them: wco-search search WORDS --index {path}",
    and_more="and {count} more",
    undeclared=(
        "metadata left out, because the index has no such fields: {fields}; to have them, make a new index with "
        "{options} (types: str, list, int, float, bool, date)"
    ),
    progress="documents: {documents}, {rate}/s",
    progress_left="{time} left",
    progress_elapsed="{time}",
    progress_commit="documents: {documents}, building the index",
    files_read="files: {files} read, {passed} passed over as unchanged; documents deleted: {deleted}",
    following="looking for changes every {seconds} s; Ctrl-C ends it",
    timeline="timeline",
    undated="without a date: {count}",
    drawn="drawn in {path}",
    table_written="table written in {path}",
    found="{total} found in {ms} ms",
    nothing_found="nothing found",
    nothing_begins="no word of the index begins with “{prefix}”",
    nothing_related="no word stands with “{word}” more often than by chance",
    no_document="there is no document {id} in {path}",
    note="note: {text}",
    understood="understood: {parts}",
    did_you_mean="did you mean “{text}”?",
    next_page="{rest} more; the next page: --offset {offset}",
    empty_page="none of them on this page",
    judged_queries="queries: {queries}",
    judged_against="against",
    judged_difference="difference",
    judged_p="p, by chance",
    judged_wins="better/same/worse",
    judged_left_out="queries left out, for which no document is relevant: {count}",
    judged_absent="relevant documents that the index does not have: {count}; nobody could find them",
    near="nearly the same: {ids}",
    no_duplicates="no document is nearly the same as another",
    no_watches="the index has no watches; make one: wco-search watch DIR NAME QUERY",
    watching="watching “{watch}”: {query}",
    alert="new for “{watch}”: {count}",
    copied="documents copied to {target}: {documents}; checksum of ids: {checksum}",
    stats_path="folder",
    stats_documents="documents",
    stats_words="words",
    stats_forms="different words",
    stats_terms="different terms",
    stats_segments="segments",
    stats_bytes="bytes",
    stats_generation="commits",
    stats_dates="dates",
    stats_languages="languages",
    stats_sources="sources",
    stats_metadata="metadata",
    stats_analyzer="analysis",
    check_ok="no damage; documents checked: {documents}",
    check_damaged="damaged; restore a copy of {path}, keep what is whole (wco-search repair {path}), or build it again",
    repair_kept="documents kept: {documents}",
    repair_lost="documents lost: {documents}",
    repair_unnamed="{file}: documents whose ids cannot be read: {documents}",
    repair_aside="files put aside in {path}/damaged: {files}",
    repair_removed="files of killed writers removed: {files}; bytes: {bytes}",
    repair_dry="nothing was changed",
    no_words="there are no words in this text",
    word_surface="written",
    word_kind="kind",
    word_form="form",
    word_language="language",
    word_lemmas="lemmas",
    word_terms="terms",
    word_position="position",
    word_stop_word="stop word",
    dictionary_added="added {name}: {path}",
    dictionary_unknown="there is no dictionary {name}; wco-search dictionary list shows them",
    demo_built="Invented customs news, half Russian and half English, documents: {documents}.",
    demo_inflected_ru="A Russian word finds its other forms:",
    demo_inflected_en="So does an English one:",
    demo_phrase="Words in quotes must stand together:",
    demo_date="Dates are written as people write them, in either language:",
    demo_filter="A filter restricts, facets count:",
    demo_wildcard="An asterisk stands for any letters:",
    demo_kept="The index stays in {path}, and these commands work.",
    demo_gone="The index is gone again. To keep it, so that these commands work: wco-search demo --into {path}",
    demo_go_on="To index files of yours: wco-search index FILES; all that can be asked: wco-search search --help",
    stopped="stopped; the last commit stands",
)

RUSSIAN = Messages(
    thousands="\N{NO-BREAK SPACE}",
    report="добавлено {added}, обновлено {updated}, без изменений {unchanged}, пропущено {skipped}",
    documents_in="документов в {path}: {documents}",
    reanalyzed="разобраны заново по сохранённому тексту",
    search_next="искать в них: wco-search search СЛОВА --index {path}",
    and_more="и ещё {count}",
    undeclared=(
        "метаданные не сохранены, в индексе нет таких полей: {fields}; чтобы они были, создайте новый индекс с "
        "{options} (типы: str, list, int, float, bool, date)"
    ),
    progress="документов: {documents}, {rate}/с",
    progress_left="осталось {time}",
    progress_elapsed="прошло {time}",
    progress_commit="документов: {documents}, строится индекс",
    files_read="файлов прочитано: {files}, не изменились: {passed}; документов удалено: {deleted}",
    following="изменения ищутся каждые {seconds} с; закончить: Ctrl-C",
    timeline="по времени",
    undated="без даты: {count}",
    drawn="картинка в файле {path}",
    table_written="таблица в файле {path}",
    found="найдено: {total}, {ms} мс",
    nothing_found="ничего не найдено",
    nothing_begins="в индексе нет слов, которые начинаются с «{prefix}»",
    nothing_related="ни одно слово не стоит рядом с «{word}» чаще, чем случайно",
    no_document="в {path} нет документа {id}",
    note="замечание: {text}",
    understood="понято так: {parts}",
    did_you_mean="может быть, «{text}»?",
    next_page="ещё {rest}; следующая страница: --offset {offset}",
    empty_page="на этой странице ни одного",
    judged_queries="запросов: {queries}",
    judged_against="против",
    judged_difference="разница",
    judged_p="p, случайно",
    judged_wins="лучше/так же/хуже",
    judged_left_out="пропущено запросов, к которым нет ни одного подходящего документа: {count}",
    judged_absent="подходящих документов, которых нет в индексе: {count}; их не найти",
    near="почти то же: {ids}",
    no_duplicates="нет документов, почти одинаковых с другими",
    no_watches="в индексе нет подписок; создать: wco-search watch ПАПКА ИМЯ ЗАПРОС",
    watching="подписка «{watch}»: {query}",
    alert="новое по подписке «{watch}»: {count}",
    copied="документов скопировано в {target}: {documents}; контрольная сумма id: {checksum}",
    stats_path="папка",
    stats_documents="документов",
    stats_words="слов",
    stats_forms="разных слов",
    stats_terms="разных термов",
    stats_segments="сегментов",
    stats_bytes="байт",
    stats_generation="сохранений",
    stats_dates="даты",
    stats_languages="языки",
    stats_sources="источники",
    stats_metadata="метаданные",
    stats_analyzer="разбор",
    check_ok="повреждений нет; проверено документов: {documents}",
    check_damaged=(
        "индекс повреждён; восстановите копию {path}, сохраните целое (wco-search repair {path}) или постройте заново"
    ),
    repair_kept="документов сохранено: {documents}",
    repair_lost="документов потеряно: {documents}",
    repair_unnamed="{file}: документов, чьи id не прочесть: {documents}",
    repair_aside="файлов отложено в {path}/damaged: {files}",
    repair_removed="файлов прерванной записи удалено: {files}; байт: {bytes}",
    repair_dry="ничего не изменено",
    no_words="в этом тексте нет слов",
    word_surface="написано",
    word_kind="вид",
    word_form="форма",
    word_language="язык",
    word_lemmas="леммы",
    word_terms="термы",
    word_position="место",
    word_stop_word="стоп-слово",
    dictionary_added="добавлен {name}: {path}",
    dictionary_unknown="словаря {name} нет; имеющиеся покажет wco-search dictionary list",
    demo_built="Вымышленные новости таможни, половина на русском, половина на английском, документов: {documents}.",
    demo_inflected_ru="Русское слово находит другие свои формы:",
    demo_inflected_en="Английское тоже:",
    demo_phrase="Слова в кавычках должны стоять рядом:",
    demo_date="Даты пишутся так, как их пишут люди, на любом из двух языков:",
    demo_filter="Фильтр ограничивает, фасеты считают:",
    demo_wildcard="Звёздочка заменяет любые буквы:",
    demo_kept="Индекс остался в {path}, и эти команды работают.",
    demo_gone="Индекса уже нет. Чтобы он остался и эти команды работали: wco-search demo --into {path}",
    demo_go_on="Индекс своих файлов: wco-search index ФАЙЛЫ; что можно спросить: wco-search search --help",
    stopped="остановлено; последнее сохранение цело",
)


def messages_for(environ: Mapping[str, str]) -> Messages:
    """The messages in the language of a locale: Russian or English, by the variables that POSIX looks at, in its order.

    Example:
        >>> messages_for({"LANG": "ru_RU.UTF-8"}) is RUSSIAN, messages_for({"LC_ALL": "C", "LANG": "ru"}) is RUSSIAN
        (True, False)
    """
    names = (environ.get(variable) for variable in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "")
    return RUSSIAN if _RUSSIAN_LOCALE.match(locale) else ENGLISH


def current_messages() -> Messages:
    """The messages in the language of this process."""
    return messages_for(os.environ)


def format_count(number: float, messages: Messages) -> str:
    """A whole number with its digits in groups of three.

    Example:
        >>> format_count(12345, ENGLISH)
        '12,345'
    """
    return f"{number:,.0f}".replace(",", messages.thousands)
