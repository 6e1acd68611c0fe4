"""An annotated cohort of small images and readings of it, as files."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from PIL import Image

from polyclinic.data import open_cohort
from polyclinic.reading import Measurement, Reading
from polyclinic.reading.coco import readings_to_coco
from polyclinic.sample import Instance

SIZE = 48
CLASSES = ("round", "square")


def write_cohort(folder, patients=12, images=2, seed=0):
    """Squares on noise: `patients` people at two sites, each with some images."""
    random = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    rows, annotations = [], []
    for number in range(patients * images):
        patient = number // images
        name = f"{number}.png"
        pixels = random.integers(0, 255, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).resize((SIZE, SIZE)).save(folder / "images" / name)
        rows.append(
            {
                "id": number,
                "file_name": name,
                "width": SIZE,
                "height": SIZE,
                "patient_id": f"p{patient}",
                "site": "north" if patient % 3 else "south",
                "spacing_mm": [0.1, 0.1],
                "labels": {"grade": patient % 2, "width": 10.0 + patient},
            }
        )
        for x in (5, 25):
            square = [x, 10, x + 12, 10, x + 12, 22, x, 22]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 1 + number % 2,
                    "bbox": [x, 10, 12, 12],
                    "segmentation": [square],
                }
            )
    document = {
        "images": rows,
        "annotations": annotations,
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(CLASSES)],
    }
    file = folder / "cohort.coco.json"
    file.write_text(json.dumps(document))
    return file


def write_readings(cohort_file, path, *, missed=0.2, error=1.0, seed=0):
    """What a reader that misses a share of the objects would store."""
    random = np.random.default_rng(seed)
    readings = []
    for sample in open_cohort(cohort_file).samples:
        found = tuple(
            replace(one, score=float(random.uniform(0.5, 1)), extra={}, id=None)
            for one in sample.instances
            if random.uniform() > missed
        )
        found = tuple(Instance(**_plain(one)) for one in found)
        width = sample.labels["width"] + random.normal(0, error)
        sick = float(
            np.clip(0.5 + (sample.labels["grade"] - 0.5) * 0.6 + random.normal(0, 0.2), 0, 1)
        )
        readings.append(
            Reading(
                image_id=sample.image_id,
                size=sample.size,
                file=sample.file,
                patient_id=sample.patient_id,
                spacing=sample.spacing,
                classes=CLASSES,
                instances=found,
                findings={"grade": {"0": 1 - sick, "1": sick}},
                measurements=(
                    Measurement(
                        name="width",
                        value=width,
                        unit="mm",
                        lower=width - 2,
                        upper=width + 2,
                        scale_source="calibrated",
                    ),
                ),
            )
        )
    path.write_text(json.dumps(readings_to_coco(readings)))
    return path


def _plain(one):
    return {"box": one.box, "category": one.category, "mask": one.mask, "score": one.score}
