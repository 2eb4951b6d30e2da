"""Dashboards as TypeScript literals of Grafana's published type, for tsc: `python ops/grafana/typed.py <folder>`."""

import json
import sys
from pathlib import Path

_HEAD = """import type { Dashboard } from "@grafana/schema";

// A file has the words of an enumeration, not its members.
type Plain<T> = T extends string ? `${T}` : T extends readonly (infer E)[] ? Plain<E>[] : T extends object
  ? { [K in keyof T]: Plain<T[K]> } : T;
export const dashboard: Plain<Dashboard> = """
_OPTIONS = {
    "compilerOptions": {
        "noEmit": True,
        "strict": True,
        "module": "nodenext",
        "moduleResolution": "nodenext",
        "target": "es2022",
        "skipLibCheck": True,
    },
    "include": ["sinesp-*.ts"],
}


def main(folder: Path) -> None:
    """One file per dashboard, and what tsc is told."""
    for path in (Path(__file__).parent / "dashboards").glob("*.json"):
        (folder / f"{path.stem}.ts").write_text(f"{_HEAD}{path.read_text(encoding='utf-8')};\n", encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps(_OPTIONS))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
