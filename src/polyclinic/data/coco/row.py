"""Read one annotation row, with everything there is to say about it."""

from __future__ import annotations

from dataclasses import replace

from polyclinic.data.coco.annotation import Size, instance_box, read_landmarks
from polyclinic.data.coco.document import Row
from polyclinic.data.coco.faults.boxes import box_findings
from polyclinic.data.coco.faults.landmarks import landmark_findings
from polyclinic.data.coco.faults.masks import mask_of
from polyclinic.data.coco.labels import label_findings, outline_findings, read_labels, read_outlines
from polyclinic.data.completeness import has_error, not_annotated
from polyclinic.data.findings import Finding, Place
from polyclinic.sample import Instance, Mask
from polyclinic.schema import LandmarkSchema


def read_row(
    row: Row,
    size: Size,
    category: int | None,
    schema: LandmarkSchema | None,
    place: Place,
    *,
    decoded: Mask | None = None,
    landmarks_complete: bool = False,
) -> tuple[Instance | None, list[Finding]]:
    """Make an instance of a row, or None where nobody can say where the object lies.

    A mask or landmarks that can't be read are not annotated, and a box that can't be is taken
    around the mask or the landmarks, as where it is missing. `Instance.extra` is the row itself,
    so that what does not change is written back as it was.

    Args:
        row: the annotation.
        size: (height, width) of its image.
        category: index of its class.
        schema: the landmarks that categories declare.
        place: where findings say the row stands.
        decoded: the mask, where it was decoded with those of the other rows.
        landmarks_complete: the image says that its landmarks were annotated, so that all-zero
            keypoints mean "none visible" and not "not annotated".
    """
    mask, findings = mask_of(row, size, place, decoded)
    points = not_annotated(landmark_findings(row, size, schema, place), "landmarks")
    landmarks = None
    if not has_error(points):
        landmarks = read_landmarks(row, size, landmarks_complete=landmarks_complete)
    box = instance_box(row, size, mask, landmarks)
    lost = not (box[2] > box[0] and box[3] > box[1])
    boxes = list(box_findings(row, size, place))
    if lost and not has_error(boxes):
        boxes.append(place.error("no box can be made of this row", "[x, y, w, h]"))
    findings += not_annotated(boxes, "instances") if lost else [_around(one) for one in boxes]
    findings += [*points, *label_findings(row, place), *outline_findings(row, place)]
    if lost:
        return None, findings
    score, rater = row.get("score"), row.get("rater")
    instance = Instance(
        box=box,
        category=category,
        mask=mask,
        landmarks=landmarks,
        score=score if isinstance(score, int | float) else None,
        crowd=bool(row.get("iscrowd", 0)),
        rater=None if rater is None else str(rater),
        outlines=read_outlines(row),
        labels=read_labels(row),
        id=row["id"],
        extra=row,
    )
    return instance, findings


def _around(finding: Finding) -> Finding:
    """What became of a box that can't be used."""
    if finding.severity != "error":
        return finding
    return replace(finding, hint="it is taken around the mask or the landmarks")
