"""Every Python block of docs/sandbox.md runs, in order, as one program."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_the_blocks_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    names: dict[str, object] = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{DOCUMENT.name}, block {number + 1}", "exec"), names)
