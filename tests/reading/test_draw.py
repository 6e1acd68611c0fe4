from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.reading import Reading
from polyclinic.reading.draw import draw_pair, draw_reading
from polyclinic.reading.drawing.canvas import Canvas
from polyclinic.reading.palette import SKY_BLUE, VERMILION, YELLOW
from polyclinic.sample import Instance, Mask, Spacing

from .hairpins import paint_hairpins


def _count(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((np.abs(picture.astype(int) - colour).max(-1) <= 2).sum())


def _square(size: tuple[int, int] = (1000, 1200)) -> Mask:
    array = np.zeros(size, bool)
    array[400:600, 500:700] = True
    return Mask.from_array(array)


def _one(mask: Mask, **changes: object) -> Reading:
    instance = Instance(box=mask.box(), category=0, mask=mask, score=0.5)
    fields = {"image_id": 1, "size": mask.size, "classes": ("c",), "instances": (instance,)}
    return Reading(**fields | changes)


def test_the_image_is_not_changed_and_stays_visible_inside() -> None:
    image = np.full((1000, 1200, 3), 90, np.uint8)
    before = image.copy()
    drawn = _one(_square()).draw(image)
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(drawn[405:595, 505:695], image[405:595, 505:695])


def test_the_outline_lies_on_the_edge_of_the_mask() -> None:
    """Half-way between the last pixel inside and the first outside: centred on 499.5."""
    drawn = _one(_square()).draw(np.zeros((1000, 1200, 3), np.uint8)).astype(float)
    profile = drawn[500, 490:510, 2]
    assert (profile * np.arange(490, 510)).sum() / profile.sum() == pytest.approx(499.5, abs=0.2)
    assert _count(drawn, SKY_BLUE) > 700


def test_a_hole_has_its_own_outline() -> None:
    array = _square().array()
    array[480:520, 580:620] = False
    drawn = _one(Mask.from_array(array)).draw(np.zeros((1000, 1200, 3), np.uint8))
    assert drawn[500, 577:583].max() > 150


@pytest.mark.parametrize("size", [(1, 1), (30, 40), (384, 512), (1100, 200)])
def test_small_images_are_enlarged_by_whole_factors(size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 128, np.uint8)
    drawn = draw_reading(image, Reading(image_id=1, size=size))
    factor = Canvas.over(image).factor
    assert factor == 8 or factor * max(size) >= 960
    assert drawn.shape[1] == max(size[1] * factor, 480)
    assert (drawn[: size[0] * factor, : size[1] * factor] == 128).all()


@pytest.mark.parametrize(
    "image",
    [
        np.arange(24, dtype=np.uint16).reshape(4, 6) * 2700,
        np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6, 1),
        np.zeros((4, 6, 4), np.uint8),
        np.full((4, 6, 3), np.nan, np.float32),
    ],
)
def test_any_depth_gives_rgb_bytes(image: np.ndarray) -> None:
    drawn = draw_reading(image, Reading(image_id=1, size=(4, 6)))
    assert drawn.dtype == np.uint8
    assert drawn.shape[2] == 3


def test_refuses_an_image_of_another_size() -> None:
    with pytest.raises(DataError, match=r"a\.jpg: the image has 4 x 5 pixels; expected 4 x 6"):
        draw_reading(np.zeros((4, 5, 3), np.uint8), Reading(image_id=1, file="a.jpg", size=(4, 6)))


def test_tags_hide_no_instance() -> None:
    """Where the tags are left away, the same pixels inside the masks are seen."""
    image, _, reading = paint_hairpins((768, 1024), loops=16)
    instances = reading.instances or ()
    bare = replace(reading, instances=tuple(replace(one, crowd=True) for one in instances))
    with_tags, without = reading.draw(image), bare.draw(image)
    changed = (with_tags != without).any(-1)[: image.shape[0]]
    assert changed.sum() > 5000
    for one in instances:
        assert one.mask is not None
        inside = changed & one.mask.array()
        assert inside.sum() < 0.03 * one.mask.area, "only a fine leader line may cross"


def test_tags_without_room_are_counted_in_the_strip() -> None:
    full = Mask.from_array(np.ones((1000, 1200), bool))
    image = np.zeros((1000, 1200, 3), np.uint8)
    crowd = _one(full, instances=(replace((_one(full).instances or ())[0], crowd=True),))
    assert len(_one(full).draw(image)) > len(crowd.draw(image))


def test_boxes_label_maps_and_landmarks_are_drawn() -> None:
    image = np.zeros((1000, 1200, 3), np.uint8)
    box = Reading(
        image_id=1,
        size=(1000, 1200),
        classes=("a", "b", "c", "d"),
        instances=(Instance(box=np.array([100.0, 300, 400, 500]), category=3),),
    )
    assert _count(box.draw(image), VERMILION) > 900
    layers = np.zeros((1000, 1200), int)
    layers[300:400], layers[400:] = 1, 2
    drawn = Reading(image_id=1, size=(1000, 1200), label_maps={"layers": layers}).draw(image)
    assert _count(drawn, SKY_BLUE) > 1000
    assert _count(drawn, YELLOW) > 1000
    nailfold, _, reading = paint_hairpins((768, 1024))
    white = _count(reading.draw(nailfold)[:768], (255, 255, 255))
    without = replace(
        reading, instances=tuple(replace(i, landmarks=None) for i in reading.instances or ())
    )
    assert white > _count(without.draw(nailfold)[:768], (255, 255, 255)) + 200


def test_places_outside_or_nowhere_do_no_harm() -> None:
    nothing = np.zeros((20, 30), bool)
    reading = Reading(
        image_id=1,
        size=(20, 30),
        classes=("c",),
        instances=(
            Instance(box=np.array([-500.0, -500, 900, 900]), category=0),
            Instance(box=np.full(4, np.nan), category=0, mask=Mask.from_array(nothing)),
            Instance(box=np.full(4, np.nan), category=0),
            Instance(box=np.array([5.0, 5, 5, 5]), category=0),
        ),
    )
    drawn = reading.draw(np.zeros((20, 30, 3), np.uint8))
    assert drawn.shape[2] == 3


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    """1000 um in 1000 px; a fifth of it fits, so the bar is 100 um or 100 px long."""
    from polyclinic.reading.drawing.strip import scale_length_um

    reading = Reading(image_id=1, size=(1000, 1000), spacing=Spacing.square(0.001, "calibrated"))
    strip = reading.draw(np.zeros((1000, 1000, 3), np.uint8))[1000:]
    white = (strip == 255).all(-1)
    longest = max(int(row[700:].sum()) for row in white)
    assert longest == scale_length_um(0.6 * 250) == 100


@pytest.mark.parametrize(
    ("room", "length"), [(150, 100), (200, 200), (499, 200), (5, 5), (0.3, 0.2), (12000, 10000)]
)
def test_scale_bars_have_round_lengths(room: float, length: float) -> None:
    from polyclinic.reading.drawing.strip import scale_length_um

    assert scale_length_um(room) == pytest.approx(length)


def test_a_pair_stands_side_by_side() -> None:
    """The missed last loop is outlined on the left alone."""
    image, sample, reading = paint_hairpins()
    pair = draw_pair(image, sample, reading)
    assert pair.shape[1] == 2 * 1024 + 6
    left, right = pair[:768, :1024], pair[:768, 1030:]
    x1, y1, x2, y2 = (2 * sample.instances[-1].box).astype(int)
    here = np.s_[y1 - 4 : y2 + 4, x1 - 4 : x2 + 4]
    assert _count(left[here], SKY_BLUE) > 300
    assert _count(right[here], SKY_BLUE) == 0


def test_a_pair_needs_no_landmark_schema() -> None:
    image, sample, reading = paint_hairpins()
    instances = tuple(replace(one, landmarks=None) for one in reading.instances or ())
    without = replace(reading, landmark_schema=None, instances=instances)
    assert draw_pair(image, sample, without).shape[2] == 3
    assert draw_pair(image, replace(sample, instances=None), without).shape[2] == 3


def test_drawing_is_deterministic() -> None:
    image, _, reading = paint_hairpins()
    np.testing.assert_array_equal(reading.draw(image), reading.draw(image))


def test_lines_that_bound_parts_stay_open() -> None:
    """A joint surface is drawn along its course; its two ends are not joined."""
    rim = np.array([[100.0, 300.0], [100.0, 100.0], [400.0, 100.0], [400.0, 300.0]])
    instance = Instance(box=np.array([50.0, 50.0, 450.0, 350.0]), category=0, outlines={"rim": rim})
    reading = Reading(image_id=1, size=(1000, 1200), classes=("c",), instances=(instance,))
    drawn = reading.draw(np.zeros((1000, 1200, 3), np.uint8))
    assert _count(drawn[95:105, 120:380], SKY_BLUE) > 250
    assert drawn[295:305, 120:380].max() == 0
