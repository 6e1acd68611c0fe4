"""Small inputs of every kind, whole, that a bench then damages."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom
import tifffile
from bench.read_cohort import small_reader
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from polyclinic.cli.app import main as polyclinic

SIZE = (48, 64)
CR = "1.2.840.10008.5.1.4.1.1.1"


@dataclass(frozen=True)
class Subject:
    """A folder with one file that is to be damaged, and what is then done with it.

    Args:
        name: of the subject.
        kind: of the file: `json`, `yaml`, `csv` have a structure, others are bytes.
        folder: holds the file and what belongs to it.
        file: to damage, from the folder.
        commands: arguments of the command line; `{}` stands for the copy of the folder and `{out}`
            for a folder to write to.
        sealed: whether a checksum tells every damage that changes what is read.
    """

    name: str
    kind: str
    folder: Path
    file: str
    commands: tuple[tuple[str, ...], ...]
    sealed: bool = False


def subjects(base: Path) -> list[Subject]:
    """Make all inputs in a folder, and the reader that reads them."""
    run, pictures = small_reader(base, patients=6, steps=2)
    exported = base / "exported" / "reader.polyclinic"
    exported.parent.mkdir()
    _quietly("export", run, "--to", "onnx", "--out", exported)
    reads = ("read", str(run), "{}/FILE", "--out", "{out}", "--precision", "fp32", "--workers", "1")
    found = []
    for name, file in _images(base / "images").items():
        commands = (tuple(one.replace("FILE", file) for one in reads),)
        found.append(Subject(name, "bytes", base / "images" / name, file, commands))
    for name, (kind, file, data) in _annotations(base / "data").items():
        folder = base / "data" / name
        train = ("fit", "segment", "--data", f"{{}}/{data}", "--out", "{out}")
        if name == "csv":
            train = ("fit", "diagnose", *train[2:])
        fit = (*train, *_settings("model.encoder=test_resnet", "train.steps=1", "train.workers=0"))
        found.append(Subject(name, kind, folder, file, (("check", f"{{}}/{data}"), fit)))
    for name, kind, file, sealed in (
        ("config", "yaml", "config.yaml", False),
        ("weights", "bytes", "model.safetensors", True),
        ("split", "json", "split.json", False),
    ):
        folder = base / "runs" / name
        shutil.copytree(run, folder)
        command = ("read", "{}", str(pictures[0]), *reads[3:])
        found.append(Subject(name, kind, folder, file, (command,), sealed))
    command = (
        "read",
        f"{{}}/{exported.name}",
        str(pictures[0]),
        "--out",
        "{out}",
        "--workers",
        "1",
    )
    found.append(Subject("exported", "bytes", exported.parent, exported.name, (command,), True))
    return found


def _settings(*given: str) -> tuple[str, ...]:
    return tuple(part for one in given for part in ("--set", one))


def _quietly(*arguments: Any) -> None:
    try:
        polyclinic([str(one) for one in arguments])
    except SystemExit as done:
        if done.code:
            raise RuntimeError(f"{arguments} ended with {done.code}") from done


def _images(folder: Path) -> dict[str, str]:
    """File names by kind; each kind lies in a folder of its own."""
    rng = np.random.default_rng(0)
    smooth = cv2.GaussianBlur(rng.random((*SIZE, 3)).astype(np.float32), (0, 0), 4)
    colour = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    deep = colour[..., 0].astype(np.uint16) * 16
    names = {
        "png": "a.png",
        "png16": "a.png",
        "jpeg": "a.jpg",
        "tiff": "a.tif",
        "tiff16": "a.tif",
        "dicom": "a.dcm",
    }
    for name in names:
        (folder / name).mkdir(parents=True)
    cv2.imwrite(str(folder / "png" / "a.png"), colour)
    cv2.imwrite(str(folder / "png16" / "a.png"), deep)
    cv2.imwrite(str(folder / "jpeg" / "a.jpg"), colour)
    tifffile.imwrite(folder / "tiff" / "a.tif", colour, compression="zlib")
    tifffile.imwrite(folder / "tiff16" / "a.tif", deep)
    _dicom(folder / "dicom" / "a.dcm", deep)
    return names


def _dicom(path: Path, pixels: np.ndarray) -> None:
    meta = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CR, generate_uid()
    data = pydicom.dataset.FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = CR, meta.MediaStorageSOPInstanceUID
    data.PatientID, data.Modality, data.StudyInstanceUID = "p1", "CR", generate_uid()
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.ImagerPixelSpacing = [0.2, 0.2]
    data.PixelData = pixels.tobytes()
    data["PixelData"].VR = "OW"
    data.save_as(path, enforce_file_format=True)


def _annotations(base: Path) -> dict[str, tuple[str, str, str]]:
    """(kind, file to damage, what is opened) by format; twelve images of six patients each."""
    square = [[20, 10], [40, 10], [40, 30], [20, 30]]
    stems = [f"p{n // 2}_{n % 2}" for n in range(12)]
    for name in ("coco", "csv", "labelme", "via", "picture"):
        (base / name).mkdir(parents=True)
        for n, stem in enumerate(stems):
            picture = np.full((*SIZE, 3), 60 + 5 * n, np.uint8)
            picture[10:31, 20:41] = 200
            cv2.imwrite(str(base / name / f"{stem}.png"), picture)
    coco = {
        "categories": [{"id": 1, "name": "square"}],
        "images": [
            {
                **{"id": n, "file_name": f"{stem}.png", "height": SIZE[0], "width": SIZE[1]},
                **{"patient_id": stem[:2], "spacing_mm": [0.1, 0.1]},
            }
            for n, stem in enumerate(stems)
        ],
        "annotations": [
            {
                **{"id": n, "image_id": n, "category_id": 1, "iscrowd": 0, "area": 400},
                **{
                    "bbox": [20, 10, 20, 20],
                    "segmentation": [[x for point in square for x in point]],
                },
            }
            for n in range(len(stems))
        ],
    }
    for name in ("coco", "picture"):
        (base / name / "data.json").write_text(json.dumps(coco))
    rows = ["image,patient_id,label,age"]
    rows += [f"{stem}.png,{stem[:2]},{'ab'[n // 2 % 2]},{40 + n}" for n, stem in enumerate(stems)]
    (base / "csv" / "table.csv").write_text("\n".join(rows) + "\n")
    for stem in stems:
        shape = {"label": "square", "points": square, "shape_type": "polygon", "flags": {}}
        one = {
            **{"version": "5.4.1", "flags": {}, "shapes": [shape], "imagePath": f"{stem}.png"},
            **{"imageData": None, "imageHeight": SIZE[0], "imageWidth": SIZE[1]},
        }
        (base / "labelme" / f"{stem}.json").write_text(json.dumps(one))
    xs, ys = zip(*square, strict=True)
    outline = {"name": "polygon", "all_points_x": list(xs), "all_points_y": list(ys)}
    via = {
        f"{stem}.png-1": {
            **{"filename": f"{stem}.png", "size": 1, "file_attributes": {"patient_id": stem[:2]}},
            "regions": [{"shape_attributes": outline, "region_attributes": {"class": "square"}}],
        }
        for stem in stems
    }
    (base / "via" / "via.json").write_text(json.dumps(via))
    return {
        "coco": ("json", "data.json", "data.json"),
        "csv": ("csv", "table.csv", "table.csv"),
        "labelme": ("json", f"{stems[0]}.json", ""),
        "via": ("json", "via.json", "via.json"),
        "picture": ("bytes", f"{stems[0]}.png", "data.json"),
    }
