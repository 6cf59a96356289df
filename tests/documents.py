"""What the README and the documentation hold that can be run: examples, each by the name of its file, and commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parent.parent
MARK = "<!-- example:"


def examples(text: str) -> dict[str, str]:
    """The Python of each marked example of a document, by the name of the file that it stands for."""
    return dict(re.findall(MARK + r" (\S+) -->\n```python\n(.*?)```", text, flags=re.DOTALL))


def commands(text: str, program: str) -> list[list[str]]:
    """The calls of a program in the shell examples of a document, each split into words, comments left out."""
    blocks = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    lines = (shlex.split(line, comments=True) for block in blocks for line in block.splitlines())
    return [words[1:] for words in lines if words[:1] == [program]]
