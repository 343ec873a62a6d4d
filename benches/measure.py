"""What a command costs: CPU seconds of it and its children, seconds on the clock, the most memory of any one of them."""
import dataclasses
import os
import subprocess
import sys
import tempfile

ONE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "measure_one.py")


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
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.NamedTemporaryFile("r") as result:
        whole = [sys.executable, "-S", "-E", ONE, result.name, *(str(part) for part in command)]
        subprocess.run(whole, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**os.environ, **(env or {})}, check=True)
        cpu, wall, peak, code = result.read().split()
        out.seek(0)
        err.seek(0)
        if int(code) not in good:
            raise RuntimeError(f"{command[0]} ended with {code}: {err.read()[-500:].decode('utf-8', 'replace')}")
        return Cost(float(cpu), float(wall), float(peak) / 1024, out.read().decode("utf-8", "replace"))


def machine():
    """Cores and processor: what a figure needs beside it, and nothing that names the machine."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "an unknown processor")
    return f"{os.cpu_count()} cores, {model}"
