"""Undamaged inputs of every kind that polyclinic reads, tiny, with the command that reads each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from bench.read_cohort import label_reader
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from polyclinic import load
from polyclinic.runtime.export.write import export

TINY = ("model.encoder=test_resnet", "data.frame.longest=64", "train.steps=1", "train.workers=0")
"""Settings of a training that takes a moment."""


@dataclass(frozen=True)
class Kind:
    """One kind of input: the file that is damaged, and the commands that are given it.

    Args:
        name: of the kind.
        file: that is damaged, inside the folder.
        verbs: arguments; FOLDER and OUT stand for where a case lies and where it may write.
    """

    name: str
    file: str
    verbs: tuple[tuple[str, ...], ...]


def make_inputs(folder: Path) -> list[Kind]:
    """Fill FOLDER with one folder a kind; the reader that reads lies in `reader`."""
    run, images = label_reader(folder / "made", patients=6, steps=2)
    shutil.copytree(run, folder / "reader")
    kinds = [_picture(folder, name, write) for name, write in PICTURES.items()]
    kinds += [_annotated(folder, images, name, write) for name, write in ANNOTATED.items()]
    return kinds + _readers(folder, images[0])


def _pixels() -> NDArray[np.uint8]:
    """(48, 64) grey, with something in it."""
    return np.random.default_rng(0).integers(0, 255, (48, 64)).astype(np.uint8)


def _dicom(path: Path) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["faults"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = Dataset()
    data.file_meta = meta
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    data.PatientID, data.Modality = "p1", "CT"
    data.Rows, data.Columns, data.SamplesPerPixel = 48, 64, 1
    data.PhotometricInterpretation, data.PixelRepresentation = "MONOCHROME2", 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.PixelSpacing = [0.5, 0.5]
    data.PixelData = (_pixels().astype(np.uint16) * 16).tobytes()
    data.save_as(path, enforce_file_format=True)


PICTURES: dict[str, Callable[[Path], None]] = {
    "one.png": lambda path: Image.fromarray(_pixels()).save(path),
    "one.jpg": lambda path: Image.fromarray(_pixels()).save(path),
    "one.tif": lambda path: Image.fromarray(_pixels()).save(path, compression="tiff_lzw"),
    "deep.png": lambda path: Image.fromarray(_pixels().astype(np.uint16) * 257).save(path),
    "one.dcm": _dicom,
}


def _picture(folder: Path, name: str, write: Callable[[Path], None]) -> Kind:
    home = folder / name.replace(".", "_")
    home.mkdir()
    write(home / name)
    return Kind(home.name, name, (_read("READER", f"FOLDER/{name}"),))


def _read(reader: str, image: str) -> tuple[str, ...]:
    options = ("--out", "OUT", "--format", "coco,csv", "--precision", "fp32")
    return ("read", reader, image, *options)


def _coco(names: list[str]) -> str:
    images = [
        {"id": n, "file_name": name, "width": 128, "height": 96, "patient_id": f"p{n}"}
        for n, name in enumerate(names)
    ]
    box = {"category_id": 1, "bbox": [20.0, 20.0, 40.0, 30.0], "area": 1200.0, "iscrowd": 0}
    ring = {"segmentation": [[20.0, 20.0, 60.0, 20.0, 60.0, 50.0, 20.0, 50.0]]}
    rows = [{"id": n, "image_id": n, **box, **ring} for n in range(len(names))]
    classes = [{"id": 1, "name": "vessel"}]
    return json.dumps({"images": images, "annotations": rows, "categories": classes})


def _table(names: list[str]) -> str:
    rows = (f"{name},p{n},{('odd', 'even')[n % 2]}" for n, name in enumerate(names))
    return "\n".join(("image,patient_id,label", *rows)) + "\n"


def _labelme(names: list[str]) -> str:
    points = [[20.0, 20.0], [60.0, 20.0], [60.0, 50.0]]
    shape = {"label": "vessel", "points": points, "shape_type": "polygon", "flags": {}}
    size = {"imageWidth": 128, "imageHeight": 96, "imageData": None}
    return json.dumps({"version": "5.4.1", "shapes": [shape], "imagePath": names[0], **size})


def _via(names: list[str]) -> str:
    shape = {"name": "rect", "x": 20, "y": 20, "width": 40, "height": 30}
    region = {"shape_attributes": shape, "region_attributes": {"class": "vessel"}}
    records = {
        name: {"filename": name, "size": -1, "regions": [region], "file_attributes": {}}
        for name in names
    }
    return json.dumps(records)


ANNOTATED: dict[str, Callable[[list[str]], str]] = {
    "coco.json": _coco,
    "table.csv": _table,
    "labelme.json": _labelme,
    "via.json": _via,
}


def _annotated(
    folder: Path, images: list[Path], name: str, write: Callable[[list[str]], str]
) -> Kind:
    home = folder / name.replace(".", "_")
    home.mkdir()
    kept = images[::4]
    for image in kept:
        shutil.copy(image, home)
    (home / name).write_text(write([image.name for image in kept]), encoding="utf-8")
    data = "FOLDER" if name == "labelme.json" else f"FOLDER/{name}"
    verbs: tuple[tuple[str, ...], ...] = (("check", data),)
    recipe = {"coco.json": "segment", "table.csv": "diagnose"}.get(name)
    if recipe:
        verbs += (_fit(recipe, data),)
    return Kind(home.name, name, verbs)


def _fit(recipe: str, data: str, *more: str) -> tuple[str, ...]:
    settings = [word for setting in TINY for word in ("--set", setting)]
    return ("fit", recipe, "--data", data, "--out", "OUT/run", *settings, *more)


def _readers(folder: Path, image: Path) -> list[Kind]:
    """A run, an exported file and a file of settings to be damaged."""
    picture = "FOLDER/../one_png/one.png"
    weights = folder / "weights"
    shutil.copytree(folder / "reader", weights / "run")
    tensors = min((weights / "run").rglob("*.safetensors")).relative_to(weights)
    shutil.copytree(weights, folder / "run_config")
    exported = folder / "exported"
    exported.mkdir()
    export(load(folder / "reader"), exported / "one.polyclinic", to="onnx")
    settings = folder / "settings"
    settings.mkdir()
    chosen = {"train": {"steps": 1, "batch_size": 2, "workers": 0, "learning_rate": 0.001}}
    (settings / "settings.yaml").write_text(yaml.safe_dump(chosen), encoding="utf-8")
    data = "FOLDER/../table_csv/table.csv"
    fit = _fit("diagnose", data, "--config", "FOLDER/settings.yaml")
    return [
        Kind("weights", str(tensors), (_read("FOLDER/run", picture),)),
        Kind("run_config", "run/config.yaml", (_read("FOLDER/run", picture),)),
        Kind("exported", "one.polyclinic", (_read("FOLDER/one.polyclinic", picture),)),
        Kind("settings", "settings.yaml", (fit,)),
    ]
