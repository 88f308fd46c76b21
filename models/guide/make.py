"""Makes the guide from its data: `python3 make.py [--out FILE.gguf] [options of train.py]`.

check → train → export → inspect → evaluate → quality. Needs requirements.txt, and Node with `npm ci` done.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

ENVIRONMENT = {
    # Threads that wait should not spin: on shared cores two spinning threads are seven times slower than one.
    "OMP_WAIT_POLICY": "passive",
    # Freed memory stays with the process: glibc would give large tensors back and fetch them again at every step.
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "268435456",
}


def run(step: str, *command: str | Path, cwd: Path = HERE) -> None:
    started = time.monotonic()
    print(f"── {step}", flush=True)
    code = subprocess.run([str(part) for part in command], cwd=cwd, env=ENVIRONMENT | os.environ, check=False).returncode
    if code != 0:
        raise SystemExit(f"{step} failed with exit code {code}.")
    print(f"── {step}: {time.monotonic() - started:.0f} s", flush=True)


def main(given: list[str]) -> None:
    out = HERE / "guide.gguf"
    if "--out" in given:
        at = given.index("--out")
        out = Path(given[at + 1]).resolve()
        given = given[:at] + given[at + 2 :]
    checkpoint = HERE / "build" / "guide.pt"
    model = ("npm", "run", "-s", "model", "--")

    run("check", sys.executable, "check-data.py")
    run("train", sys.executable, "train.py", "--out", checkpoint, *given)
    run("export", sys.executable, "export.py", checkpoint, out)
    run("inspect", *model, "inspect", out, cwd=ROOT)
    run("evaluate", *model, "evaluate-guide", "--model", out, cwd=ROOT)
    run("quality", *model, "quality", out, cwd=ROOT)


if __name__ == "__main__":
    main(sys.argv[1:])
