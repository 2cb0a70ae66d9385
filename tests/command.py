"""The command line, called in the process of the tests: to start one of its own takes longer than most commands do.

That a process does the same is what `tests.process` is for. There too is `serve`, once it has come as far as its
database: it then takes the signals of the process for itself.
"""

import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from todo_gql.__main__ import main


def call(directory: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command as `tests.process.run` does, with no settings but those named."""
    with ExitStack() as stack:
        # Files, as `export` writes to the descriptor of its output.
        stdout, stderr = (stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(2))
        with _surroundings(directory, settings), redirect_stdout(stdout), redirect_stderr(stderr):
            try:
                code: object = main(arguments)
            except SystemExit as ended:  # argparse has said what is wrong.
                code = ended.code
        assert isinstance(code, int)
        said = [file.read() for file in (stdout, stderr) if not file.seek(0)]
    return subprocess.CompletedProcess(arguments, code, *said)


@contextmanager
def _surroundings(directory: Path, settings: dict[str, str]) -> Iterator[None]:
    """Be in a directory, with these settings and with logging of its own, until the end of the block."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    levels = [(logger, logger.level) for logger in loggers if isinstance(logger, logging.Logger)]
    handlers = logging.root.handlers
    logging.root.handlers = []  # Those that are there when logging is set up are closed, and pytest's are.
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("APP_", "OTEL_"))]:
                patch.delenv(name)
            for name, value in settings.items():
                patch.setenv(name, value)
            patch.chdir(directory)
            yield
    finally:
        logging.root.handlers = handlers
        for logger, level in levels:
            logger.setLevel(level)
