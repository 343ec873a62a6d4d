"""What a command costs: CPU seconds of it and its children, seconds on the clock, the most memory of any one of them; and scans as a
peer reads them."""
import dataclasses
import os
import subprocess
import sys
import tempfile

ONE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "measure_one.py")
# On one core, with one thread.
ALONE = ["taskset", "-c", "0"]
ONE_THREAD = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}


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
        said = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in file)}
    # Networks hang on how many numbers are multiplied at once.
    wide = "with" if "avx512f" in said.get("flags", "").split() else "without"
    return f"{os.cpu_count()} cores, {said.get('model name', 'an unknown processor')}, {wide} AVX-512"


def together(costs):
    return sum(costs, NOTHING)


def pictures(folder, files):
    """The pages of scans as pictures, drawn for those who cannot open the files."""
    from PIL import Image, ImageSequence

    for n, file in enumerate(files):
        stem = os.path.join(folder, f"page-{n:02}")
        if file.endswith(".pdf"):
            subprocess.run(["pdftoppm", "-r", "300", "-png", file, stem], check=True)
        else:
            with Image.open(file) as picture:
                for at, page in enumerate(ImageSequence.Iterator(picture)):
                    page.convert("L").save(f"{stem}-{at}.png", dpi=(300, 300))
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".png"))


def tesseract(page, mode):
    """A page read by a peer, on one core; `mode` is how it takes the page apart (--psm)."""
    return run([*ALONE, "tesseract", page, "-", "-l", "jpn", "--psm", mode], env=ONE_THREAD)
