"""Keys of a reviewer: single ones of a terminal, else the first letter of each line."""

import contextlib
import os
import termios
import tty
from collections import deque
from typing import TextIO

END = "q"
_ESCAPE, _END_OF_FILE = "\x1b", "\x04"


class Keys:
    """Reads keys; at the end of the input all that is left is the key to quit."""

    def __init__(self, stream: TextIO) -> None:
        """Look whether a stream is a terminal.

        Args:
            stream: Standard input.
        """
        self._stream = stream
        self._typed: deque[str] = deque()

    def __call__(self) -> str:
        """Return the next key, in lower case; "" for one that means nothing, such as an arrow."""
        if not self._stream.isatty():
            line = self._stream.readline()
            return line.strip()[:1].lower() if line else END
        if not self._typed:
            typed = self._read()
            if typed.startswith(_ESCAPE):
                return ""
            self._typed.extend(typed or END)
        key = self._typed.popleft().lower()
        return END if key == _END_OF_FILE else key

    def _read(self) -> str:
        descriptor = self._stream.fileno()
        before = termios.tcgetattr(descriptor)
        try:
            tty.setcbreak(descriptor, termios.TCSADRAIN)  # what was typed ahead is kept, and Ctrl-C still interrupts
            return os.read(descriptor, 64).decode(errors="replace")
        except OSError:  # whoever held the other end of the terminal is gone
            return END
        finally:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
