"""Plain measurements of small cases: the width of each box and of all boxes together."""

from polyclinic.metrics.measured import truth_reading
from polyclinic.reading import Measurement
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS


def widths(reading):
    """`width` of each instance and `total_width`; um where the scale is known, else px."""
    spacing = reading.spacing
    scale = 1000 * spacing.column_mm if spacing.known else 1.0
    known = {"unit": "um" if spacing.known else "px", "scale_source": spacing.origin}
    each = [scale * float(one.box[2] - one.box[0]) for one in reading.instances or ()]
    return (
        *(
            Measurement(name="width", value=value, instance=row, **known)
            for row, value in enumerate(each)
        ),
        Measurement(
            name="total_width",
            value=sum(each) if each else None,
            flags=() if each else ("nothing-found",),
            **known,
        ),
    )


def measured(cases, measure=widths):
    """The cases with measured readings, and the measurements of their annotations."""
    read = [(sample, one.with_measurements(measure(one))) for sample, one in cases]
    return read, [measure(truth(sample)) for sample, _ in cases]


def truth(sample):
    """The annotation as a reading."""
    return truth_reading(sample, NAILFOLD_CLASSES, NAILFOLD_LANDMARKS)
