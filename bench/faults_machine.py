"""Commands that are killed, whose disk is full, or which may not write where they would.

Is anything lost, and does each end in a clear error? Full disks and mounts are made in namespaces
of their own by `unshare -rm`, without root.

python -m bench.faults_machine [--only kill|fill|starve] [--count 50] [--seed 0]
    [docs/results/faults_machine.json]
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.machine import machine
from bench.read_cohort import PHANTOM, label_reader
from safetensors.numpy import load_file

from polyclinic.atomic import write_json
from polyclinic.systems.nailfold.phantoms import make_cohort

COUNTS = {"kill": 50, "fill": 20, "starve": 1}
"""How often each is done unless --count says otherwise; `fill` is by command."""
TINY = ("model.encoder=test_resnet", "data.frame.longest=64", "train.steps=2", "train.workers=0")
SETTINGS = tuple(word for one in TINY for word in ("--set", one))
COMMANDS: dict[str, tuple[str, ...]] = {
    "fit": ("fit", "diagnose", "--data", "labels.csv", "--out", "out/run", *SETTINGS),
    "read": ("read", "out/run", "phantoms/images", "--out", "out/read", "--precision", "fp32"),
    "evaluate": ("evaluate", "out/run", "--data", "labels.csv", "--part", "all"),
    "calibrate": ("calibrate", "out/run", "--data", "unseen.csv"),
    "export": ("export", "out/run", "--to", "onnx", "--out", "out/one.polyclinic"),
}
"""By verb, run in a folder of its own; all that they write lies in `out`."""
SAME = ("*.safetensors", "readings.json", "*.csv", "metrics.json", "calibration.json")
"""What must be the same bits after an accident; it holds no times of day, see `bits`."""
LIMIT_S = 300


@contextmanager
def prepared() -> Iterator[Path]:
    """A folder with images, their labels and a run of them, to be copied for each accident."""
    with tempfile.TemporaryDirectory() as name:
        base = Path(name) / "base"
        base.mkdir()
        label_reader(base, patients=6, steps=2)
        (base / "out").mkdir()
        (base / "run").rename(base / "out" / "run")
        table = base / "labels.csv"
        text = table.read_text("utf-8").replace(f"{base}/", "")
        table.write_text(text, encoding="utf-8")
        _unseen(base)
        yield base


def _unseen(base: Path) -> None:
    """Patients that the run has not seen, as `calibrate` asks for."""
    make_cohort(base / "unseen", patients=4, images_per_patient=1, seed=1, config=PHANTOM)
    images = sorted((base / "unseen" / "images").iterdir())
    rows = [
        f"unseen/images/{image.name},q{n},{('odd', 'even')[n % 2]}"
        for n, image in enumerate(images)
    ]
    text = "\n".join(("image,patient_id,label", *rows)) + "\n"
    (base / "unseen.csv").write_text(text, encoding="utf-8")


def copied(base: Path, folder: Path, verb: str) -> Path:
    shutil.copytree(base, folder)
    if verb == "fit":
        shutil.rmtree(folder / "out" / "run")
    return folder


def command(verb: str) -> list[str]:
    return [sys.executable, "-m", "polyclinic", *COMMANDS[verb]]


def again(verb: str, folder: Path) -> list[str]:
    """The command as it is given after an accident: `fit` goes on where there is a run."""
    resumed = verb == "fit" and (folder / "out" / "run").exists()
    return [*command(verb), *(["--resume"] if resumed else [])]


def run(words: list[str], folder: Path) -> tuple[int | None, str]:
    """Exit code, None for a hang, and the complaints."""
    try:
        done = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None, "hang"
    return done.returncode, done.stdout + done.stderr


def bits(folder: Path) -> dict[str, bytes]:
    """By file: its bytes; of weights their tensors, as beside them stands when they were made."""
    files = {file for pattern in SAME for file in (folder / "out").rglob(pattern)}
    return {str(file.relative_to(folder)): _content(file) for file in sorted(files)}


def _content(file: Path) -> bytes:
    if file.suffix != ".safetensors":
        return file.read_bytes()
    tensors = load_file(file)
    return b"".join(f"{name}{tensors[name].dtype}".encode() + tensors[name].tobytes()
                    for name in sorted(tensors))  # fmt: skip


def judged(whole: dict[str, bytes], folder: Path, code: int | None, said: str) -> str:
    """What came of a command that was given again after an accident."""
    if code is None:
        return "hang"
    if "Traceback" in said:
        return "traceback"
    if code != 0:
        return f"error {code}"
    now = bits(folder)
    other = sorted(name for name in whole.keys() | now.keys() if whole.get(name) != now.get(name))
    return f"differs: {', '.join(other)}" if other else "same bits"


def kill(count: int, seed: int) -> dict[str, Any]:
    """SIGKILL at random moments, the verbs in turn; then the command is given again."""
    rows = []
    with prepared() as base:
        whole = {verb: _undisturbed(base, verb) for verb in COMMANDS}
        for number in range(count):
            chance = random.Random(f"{seed}:{number}")
            verb = list(COMMANDS)[number % len(COMMANDS)]
            folder = copied(base, base.parent / f"kill{number}", verb)
            after = chance.uniform(0, whole[verb][0])
            process = subprocess.Popen(
                command(verb), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                process.wait(after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            killed = process.wait() == -signal.SIGKILL
            code, said = run(again(verb, folder), folder)
            outcome = judged(whole[verb][1], folder, code, said)
            row = {"verb": verb, "after_s": round(after, 2), "killed": killed, "outcome": outcome}
            rows.append(row if outcome == "same bits" else row | {"said": said[-600:]})
            shutil.rmtree(folder)
    return {"seed": seed, "same_bits": _count(rows), "of": len(rows), "kills": rows}


def _undisturbed(base: Path, verb: str) -> tuple[float, dict[str, bytes]]:
    folder = copied(base, base.parent / f"whole_{verb}", verb)
    began = time.monotonic()
    code, said = run(command(verb), folder)
    if code != 0:
        raise SystemExit(said)
    return time.monotonic() - began, bits(folder)


def _count(rows: list[dict[str, Any]]) -> int:
    return sum(row["outcome"] == "same bits" for row in rows)


def fill(count: int, seed: int) -> dict[str, Any]:
    """A disk (tmpfs in a mount namespace of its own) that is full at random; then has room.

    Its size is rounded up to pages of 4096 bytes by the kernel.
    """
    rows = []
    with prepared() as base:
        for verb in COMMANDS:
            _, whole = _undisturbed(base, verb)
            written = _size(base.parent / f"whole_{verb}" / "out")
            for number in range(count):
                chance = random.Random(f"{seed}:{verb}:{number}")
                folder = copied(base, base.parent / f"fill_{verb}{number}", verb)
                least = _size(folder / "out")
                size = least + 4096 + chance.randrange(max(1, written - least))
                first, second = _full(verb, folder, size)
                outcome = judged(whole, folder, *second)
                trace = "Traceback" in first[1]
                row = {"verb": verb, "size": size, "first": first[0], "outcome": outcome}
                bad = trace or first[0] is None or outcome != "same bits"
                said = {"said": first[1][-600:], "then": second[1][-600:]} if bad else {}
                rows.append({**row, "traceback": trace, **said})
                shutil.rmtree(folder)
    way = "tmpfs in `unshare -rm`, no root"
    return {"way": way, "seed": seed, "same_bits": _count(rows), "of": len(rows), "fills": rows}


def _full(
    verb: str, folder: Path, size: int
) -> tuple[tuple[int | None, str], tuple[int | None, str]]:
    """Run on a disk of SIZE bytes, then on the same one grown, and keep what is there."""
    script = """
cp -a out kept && mount -t tmpfs -o size=$1 tmpfs out && cp -a kept/. out/; shift
"$@" > first 2>&1; echo $? > first_code
mount -o remount,size=1g out
resume=; [ "$2 $3 $4" = "-m polyclinic fit" ] && [ -e out/run ] && resume=--resume
"$@" $resume > second 2>&1; echo $? > second_code
rm -rf kept; cp -a out kept
"""
    words = ["unshare", "-rm", "sh", "-c", script, "sh", str(size), *command(verb)]
    code, _ = run(words, folder)
    if code is None:
        return (None, "hang"), (None, "hang")
    shutil.rmtree(folder / "out")
    (folder / "kept").rename(folder / "out")

    def of(name: str) -> tuple[int, str]:
        said = (folder / name).read_text("utf-8", errors="replace")
        return int((folder / f"{name}_code").read_text()), said

    return of("first"), of("second")


def _size(folder: Path) -> int:
    """Bytes in whole pages, as a tmpfs counts them."""
    return sum(-(-file.stat().st_size // 4096) * 4096 for file in folder.rglob("*"))


def starve() -> dict[str, Any]:
    """Shared memory of 64 MiB, run and HOME that can't be written to, two writers at once."""
    rows = []
    with prepared() as base:
        mounts = {
            "shared_memory_64_mib": "mount -t tmpfs -o size=64m tmpfs /dev/shm",
            "read_only_run": "mount --bind out/run out/run && mount -o remount,ro,bind out/run",
            "read_only_home": "mount -t tmpfs -o ro tmpfs $HOME",
        }
        for name, mount in mounts.items():
            for verb in ("fit", "read"):
                if verb == "fit" and name == "read_only_run":
                    continue
                folder = copied(base, base.parent / f"{name}_{verb}", verb)
                script = f'mkdir -p home; HOME=$PWD/home; export HOME; {mount}; exec "$@"'
                words = ["unshare", "-rm", "sh", "-c", script, "sh", *command(verb)]
                rows.append(_row(name, verb, *run(words, folder)))
        for verb in ("fit", "read"):
            folder = copied(base, base.parent / f"two_{verb}", verb)
            with subprocess.Popen(
                command(verb), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True,
            ) as other:  # fmt: skip
                rows.append(_row("two_writers", verb, *run(command(verb), folder)))
                said, _ = other.communicate(timeout=LIMIT_S)
                rows.append(_row("two_writers, the other", verb, other.returncode, said))
    return {"cases": rows, "tracebacks_or_hangs": sum(row["bad"] for row in rows)}


def _row(name: str, verb: str, code: int | None, said: str) -> dict[str, Any]:
    bad = code is None or "Traceback" in said
    return {"case": name, "verb": verb, "code": code, "bad": bad, "said": said[-600:]}


def main() -> None:
    asked = arguments()
    parts = {"kill": kill, "fill": fill, "starve": lambda _, __: starve()}
    known = asked.result is not None and asked.result.exists()
    shown = json.loads(asked.result.read_text("utf-8")) if known else {}
    for name in [asked.only] if asked.only else list(parts):
        result = parts[name](asked.count or COUNTS[name], asked.seed)
        shown[name] = {"machine": machine(), **result}
        print(json.dumps({name: result}, indent=1), flush=True)
        if asked.result:  # part by part, as each takes long
            write_json(shown, asked.result, indent=1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", nargs="?", type=Path)
    parser.add_argument("--only", choices=sorted(COUNTS))
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
