"""The command `wco-search`: the library from a terminal. `wco-search --help` tells commands and exit codes.

commands/    the commands, thin over the library, by what they are for
options      options that several of them share, and their values
dictionaries the command `dictionary`
indexing     files into an index; with `progress`, its bar, and `demo`; `following` keeps it in step with files
answers      what a search found, by `render` for people, by `exports` for programs; `judging`, how well
failures     exit codes and errors
messages     every message in English and Russian
terminal     what may be written to a terminal
"""

from __future__ import annotations

import signal

from wco_search.cli.commands import cli
from wco_search.cli.dictionaries import dictionary
from wco_search.cli.failures import ExitCode
from wco_search.cli.terminal import prepare_streams

__all__ = ["ExitCode", "cli", "main"]

cli.add_command(dictionary)


def main() -> None:
    """Run the command with the arguments of this process, and end the process."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` has enough: end without a word
    prepare_streams()
    cli(prog_name="wco-search")
