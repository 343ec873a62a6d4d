"""What a command costs: CPU seconds of it and its children, seconds on the clock, the most memory of any one of them."""
import dataclasses
import os
import subprocess
import tempfile
import time


@dataclasses.dataclass
class Cost:
    cpu: float
    wall: float
    peak: float
    out: str = ""

    def __add__(self, other):
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.peak, other.peak), self.out + other.out)


NOTHING = Cost(0.0, 0.0, 0.0)


def run(command, good=(0,), env=None):
    """Runs a command alone; its standard output comes along."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**os.environ, **(env or {})})
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode not in good:
            raise RuntimeError(f"{command[0]} ended with {child.returncode}: {err.read()[-500:].decode('utf-8', 'replace')}")
        return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, out.read().decode("utf-8", "replace"))


def machine():
    """Cores and processor: what a figure needs beside it, and nothing that names the machine."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "an unknown processor")
    return f"{os.cpu_count()} cores, {model}"
