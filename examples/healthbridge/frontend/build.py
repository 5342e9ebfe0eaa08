"""Builds the page into dist/: checks what runs, and copies it."""

import shutil
from pathlib import Path

HERE = Path(__file__).parent


def main():
    dist = HERE / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    compile((HERE / "server.py").read_text(encoding="utf-8"), "server.py", "exec")
    page = (HERE / "page.html").read_text(encoding="utf-8")
    if "{{version}}" not in page:
        raise SystemExit("page.html does not show its version: {{version}} is missing")
    for name in ("server.py", "page.html"):
        shutil.copyfile(HERE / name, dist / name)
        print(f"checked {name}", flush=True)


if __name__ == "__main__":
    main()
