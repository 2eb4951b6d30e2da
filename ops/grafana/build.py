"""Write the dashboards: `python ops/grafana/build.py`, or with `--check` only say which of them differ."""

import json
import sys
from pathlib import Path

from crimes import crimes
from pipeline import pipeline
from quality import quality

DASHBOARDS = Path(__file__).parent / "dashboards"


def documents() -> dict[Path, str]:
    """Text of every dashboard."""
    made = (pipeline(), quality(), crimes())
    return {DASHBOARDS / f"{d['uid']}.json": f"{json.dumps(d, ensure_ascii=False, indent=1)}\n" for d in made}


def main(*, check: bool) -> int:
    """Write what differs, or only name it; how many differ."""
    texts = documents()
    different = [p for p, text in texts.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    for path in different:
        if not check:
            path.write_text(texts[path], encoding="utf-8")
        print(f"{path.name}: {'difere; execute make docs' if check else 'escrito'}")  # noqa: T201
    return len(different) if check else 0


if __name__ == "__main__":
    sys.exit(min(1, main(check="--check" in sys.argv)))
