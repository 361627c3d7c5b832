"""How a run of the command ends: exit codes, and expected errors as one message in place of a traceback."""

from __future__ import annotations

import errno
import os
import sys
from enum import IntEnum
from typing import Any

import click

from wco_search.cli.messages import current_messages
from wco_search.cli.terminal import tell
from wco_search.errors import CorruptIndexError, IndexLockedError, WcoSearchError

_REMEDIES = {
    errno.EACCES: "; check the rights of this user there",
    errno.EPERM: "; check the rights of this user there",
    errno.EROFS: "; searching works there, indexing needs a folder that can be written",
    errno.ENOSPC: "; make room and run the command again",
}


class ExitCode(IntEnum):
    """What the shell is told. 2 also is what click ends with on wrong usage, 130 what shells give after Ctrl-C."""

    FOUND = 0
    NOTHING_FOUND = 1
    BAD_INPUT = 2
    DAMAGED = 3
    LOCKED = 4
    INTERRUPTED = 130


def exit_code_of(error: WcoSearchError) -> ExitCode:
    """The exit code that tells *error*.

    Example:
        >>> exit_code_of(CorruptIndexError("indexes/newsroom", "manifest-0000000001.json is not a manifest")).value
        3
    """
    if isinstance(error, CorruptIndexError):
        return ExitCode.DAMAGED
    return ExitCode.LOCKED if isinstance(error, IndexLockedError) else ExitCode.BAD_INPUT


class CommandGroup(click.Group):
    """A group of commands whose expected failures are told in one message; a bug still shows its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """See `click.Group.invoke`."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()  # here, where a full disk can still be told
        except WcoSearchError as error:
            tell(f"wco-search: {error}")
            ctx.exit(exit_code_of(error))
        except KeyboardInterrupt:
            tell(f"wco-search: {current_messages().stopped}")
            ctx.exit(ExitCode.INTERRUPTED)
        except BrokenPipeError:
            raise  # click ends the program without a word
        except OSError as error:
            tell(f"wco-search: {_told(error)}")
            _give_up_output()
            ctx.exit(ExitCode.BAD_INPUT)


def _told(error: OSError) -> str:
    where = "" if error.filename is None else f"{error.filename}: "
    return f"{where}{error.strerror or error}{_REMEDIES.get(error.errno or 0, '')}"


def _give_up_output() -> None:
    """Where standard output cannot be written, send the rest nowhere: the interpreter would try and complain again."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
