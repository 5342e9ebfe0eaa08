"""Builds the API into dist/: checks that every file is Python, and copies what runs."""

import shutil
from pathlib import Path

HERE = Path(__file__).parent


def main():
    dist = HERE / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    for path in [HERE / "server.py", *sorted((HERE / "routes").glob("*.py"))]:
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
        into = dist / path.relative_to(HERE)
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, into)
        print(f"checked {path.relative_to(HERE)}", flush=True)


if __name__ == "__main__":
    main()
