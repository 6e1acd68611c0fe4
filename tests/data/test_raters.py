from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import check_cohort, open_cohort, split_cohort, write_coco
from polyclinic.data.raters import Reference, settled
from polyclinic.errors import ConfigError, DataError
from polyclinic.sample import Instance, Mask, Sample

SIZE = (30, 40)


def block(rater, left, top=5, width=10, height=10, category=0, **more):
    pixels = np.zeros(SIZE, bool)
    pixels[top : top + height, left : left + width] = True
    mask = Mask.from_array(pixels)
    return Instance(box=mask.box(), mask=mask, category=category, rater=rater, **more)


def sample(*instances, **more):
    return Sample(image_id=1, size=SIZE, instances=instances, **more)


def majority(one):
    (found,) = Reference("majority").samples(one)
    return found


def test_most_raters_decide_pixel_by_pixel():
    found = majority(sample(block("A", 5), block("B", 7), block("C", 8)))
    (instance,) = found.instances
    votes = sum(one.mask.array().astype(int) for one in (block(0, 5), block(0, 7), block(0, 8)))
    assert (instance.mask.array() == (votes >= 2)).all()
    assert not instance.crowd
    assert found.raters == {}


def test_a_tie_is_outside_and_a_disputed_object_neither_hit_nor_miss():
    agreed = majority(sample(block("A", 5), block("B", 7))).instances[0]
    assert agreed.mask.area == 8 * 10
    one_of_two = sample(block("A", 5), raters={"A": {}, "B": {}})
    (disputed,) = majority(one_of_two).instances
    assert disputed.crowd
    assert disputed.mask.area == 100
    one_of_three = replace(one_of_two, raters={"A": {}, "B": {}, "C": {}})
    assert majority(one_of_three).instances == ()


def test_neighbours_of_one_class_stay_apart():
    both = [block(rater, left) for rater in "ABC" for left in (2, 20)]
    both[2] = block("B", 3)
    first, second = majority(sample(*both)).instances
    assert (first.mask.area, second.mask.area) == (100, 100)


def test_class_label_and_landmarks_of_most():
    points = [np.array([[x, 8.0, 2], [9, 9, v]]) for x, v in ((6, 2), (8, 2), (20, 0))]
    drawn = [
        block("A", 5, landmarks=points[0], labels={"grade": 1}),
        block("B", 5, landmarks=points[1], labels={"grade": 2}, category=1),
        block("C", 5, landmarks=points[2], labels={"grade": 2}, category=1),
    ]
    said = {"A": {"ill": "yes", "side": "l"}, "B": {"ill": "no"}, "C": {"ill": "no", "side": "r"}}
    found = majority(sample(*drawn, raters=said, labels={"stain": "he"}))
    (instance,) = found.instances
    assert (instance.category, instance.labels) == (1, {"grade": 2})
    assert instance.landmarks.tolist() == [[8, 8, 2], [9, 9, 2]]
    # Labelled raters don't say that they looked for objects; a tie is not annotated.
    assert found.labels == {"stain": "he", "ill": "no"}


def test_one_and_each_and_shared():
    several = sample(block("A", 5), block("B", 7), raters={"C": {}}, labels={"stain": "he"})
    (one,) = Reference("one", "B").samples(several)
    assert [drawn.rater for drawn in one.instances] == ["B"]
    (nobody,) = Reference("one", "Z").samples(several)
    assert nobody.instances is None
    each = Reference("each").samples(several)
    assert [list(one.raters) for one in each] == [["A"], ["B"], ["C"]]
    assert [len(one.instances) for one in each] == [1, 1, 0]
    assert all(one.labels == {"stain": "he"} for one in each)
    assert Reference("shared").samples(several) == (several,)
    plain = sample(block(None, 5))
    assert Reference("one", "B").samples(plain) == (plain,)


@pytest.mark.parametrize("text", ["", "one", "one:", "both", "Majority"])
def test_a_reference_that_can_not_be_read(text):
    with pytest.raises(ConfigError, match="one:RATER, majority, each or shared"):
        Reference.parse(text, "--reference")


def png(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path):
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
        png(tmp_path / "images" / f"{number}.png", pixels)
        for shift, rater in enumerate(("EM", "FK", "LT")):
            mask = block(rater, 5 + number + shift).mask.array() * np.uint8(255)
            png(tmp_path / "raters" / rater / f"{number}.png", mask * (number > 0 or shift > 0))
    return tmp_path


def test_data_of_several_raters_are_refused_until_it_is_said_what_counts(folder):
    cohort = open_cohort(folder)
    with pytest.raises(DataError) as caught:
        settled(cohort, None, "--set data.reference=")
    for words in ("6 of 6 images", "EM, FK, LT", "--set data.reference=one:EM", "=majority"):
        assert words in str(caught.value)
    with pytest.raises(DataError, match=r"no rater 'EN'.*EM"):
        settled(cohort, "one:EN", "--reference ")
    report = check_cohort(folder)
    assert any("several raters: EM, FK, LT" in one.what for one in report.findings)
    assert report.tables["raters"]["EM"]["images"] == 6
    assert report.tables["raters"]["EM"]["objects"] == 5
    # 9 of 10 columns are shared with one, 8 of 10 with the other; of image 0 it drew nothing.
    assert report.tables["raters"]["EM"]["Dice with others"] == pytest.approx(
        0.85 * 5 / 6, abs=1e-3
    )


def test_each_rater_stays_on_the_side_of_the_image(folder):
    cohort = open_cohort(folder)
    each = settled(cohort, "each", "--reference ")
    assert len(each) == 18
    assert each.digest() == cohort.digest()
    split = split_cohort(each, (0.5, 0.25, 0.25))
    parts = [{each.samples[row].image_id for row in rows} for rows in split.parts.values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 6
    again = type(split).from_json(split.to_json(), each)
    assert again.parts == split.parts


def test_raters_survive_a_coco_file(folder):
    cohort = open_cohort(folder)
    write_coco(cohort, folder / "again" / "set.json")
    again = open_cohort(folder / "again" / "set.json")
    assert again.samples[0].raters == {"EM": {}, "FK": {}, "LT": {}}
    for one, other in zip(
        *(settled(c, "majority", "").samples for c in (cohort, again)), strict=True
    ):
        areas = [[drawn.mask.area for drawn in found.instances] for found in (one, other)]
        assert areas[0] == areas[1]


def test_raters_of_a_table_may_differ_in_labels(tmp_path):
    png(tmp_path / "a.png", np.zeros((20, 20), np.uint8))
    table = tmp_path / "grades.csv"
    rows = ["a.png,EM,2,l", "a.png,FK,3,l", "a.png,LT,3,l"]
    table.write_text("image,rater,grade,side\n" + "\n".join(rows))
    cohort = open_cohort(table)
    assert not cohort.skipped
    (one,) = cohort.samples
    assert one.labels == {"side": "l"}
    assert one.raters["EM"] == {"grade": 2, "side": "l"}
    with pytest.raises(DataError, match="several raters"):
        settled(cohort, None, "")
    assert settled(cohort, "majority", "").samples[0].labels == {"grade": 3, "side": "l"}
    assert settled(cohort, "one:EM", "").samples[0].labels == {"grade": 2, "side": "l"}
    table.write_text("image,rater,grade\na.png,EM,2\na.png,EM,3")
    assert "contradicts row 2" in str(open_cohort(table).skipped[0])


def test_raters_of_different_kinds_need_no_reference(tmp_path):
    png(tmp_path / "a.png", np.zeros(SIZE, np.uint8))
    row = {"id": 1, "file_name": "a.png", "labels": {"grade": 1}, "raters": {"FK": {"grade": 1}}}
    drawn = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "rater": "EM"}
    document = {"images": [row], "categories": [{"id": 1, "name": "x"}], "annotations": [drawn]}
    (tmp_path / "set.json").write_text(json.dumps(document))
    cohort = open_cohort(tmp_path)
    assert settled(cohort, None, "") is cohort


def test_the_real_cells_agree_with_their_experts(shared_data, tmp_path):
    """Of one cell an image, majority and union of pixels are those of plain votes."""
    home = shared_data / "bubil_multirater_cells" / "ds1"
    experts = ("expert_person1_amira", "expert_person2_amira", "expert_person3_amira")
    for part, names in (("images", ("",)), ("masks", experts)):
        for name in names:
            target = tmp_path / ("images" if part == "images" else f"raters/{name}")
            target.mkdir(parents=True)
            for number in ("b01", "b03"):
                (target / f"{number}.png").symlink_to(home / part / name / f"{number}.png")
    cohort = open_cohort(tmp_path)
    for one, agreed in zip(cohort.samples, settled(cohort, "majority", "").samples, strict=True):
        assert len(one.instances) == 3
        votes = sum(drawn.mask.array().astype(int) for drawn in one.instances)
        (instance,) = agreed.instances
        assert (instance.mask.array() == (votes >= 2)).all()
