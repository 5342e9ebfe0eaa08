"""`python -m bot.reference DIR`: write every reference page into a folder."""

import sys
from pathlib import Path

from bot.reference._pages import pages


def main() -> None:
    """Write the pages and say which."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        sys.stdout.write(f"{folder / name}.md\n")


if __name__ == "__main__":
    main()
