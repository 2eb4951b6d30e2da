"""Debian's wrk: as many requests as the server answers, or a fixed rate by hey."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Load:
    """What a run saw; times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    errors: int
    megabytes_per_second: float


def peak(base: str, paths: list[str], seconds: int, folder: Path, headers: tuple[str, ...] = ()) -> Load:
    """Every path in its turn, over and over, each connection at once after its answer."""
    script = folder / "paths.lua"
    listed = ",".join(f'"{p}"' for p in paths)
    script.write_text(
        f"local paths = {{{listed}}}\nlocal n = 0\n"
        "request = function() n = n % #paths + 1 return wrk.format('GET', paths[n]) end\n"
    )
    options = [x for h in headers for x in ("-H", h)]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script), *options, base]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    errors = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)|timeout (\d+)", text) for n in n if n)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    size = re.search(r"Transfer/sec:\s+([\d.]+)(\w+)", text)
    assert rate is not None
    assert size is not None
    scale = {"B": 1e-6, "KB": 1e-3, "MB": 1.0, "GB": 1e3}[size[2]]
    return Load(float(rate[1]), _percentile(text, 50), _percentile(text, 99), errors, float(size[1]) * scale)


def _percentile(text: str, n: int) -> float:
    found = re.search(rf"{n}%\s+([\d.]+)(us|ms|s)", text)
    assert found is not None
    return float(found[1]) * _UNITS[found[2]]


def at_rate(url: str, per_second: float, seconds: int) -> float:
    """The p99 in milliseconds at a fixed rate."""
    each = max(1, int(per_second / CONNECTIONS))
    command = ["hey", "-z", f"{seconds}s", "-c", str(CONNECTIONS), "-q", str(each), url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"99%+ in ([\d.]+) secs", text)
    assert found is not None, text
    return float(found[1]) * 1000
