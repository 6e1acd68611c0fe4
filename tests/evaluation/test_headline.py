from polyclinic.evaluation.headline import headline_names
from polyclinic.metrics.pooled import ratio_figure

FIGURES = [
    ratio_figure(name, [1], [1], group=group)
    for name, group in (
        ("mask_dice", "masks"),
        ("mask_iou", "masks"),
        ("width_mae", "measurements"),
        ("width_bias", "measurements"),
        ("height_mae", "measurements"),
        ("area_mae", "measurements"),
    )
]


def test_the_first_of_each_kind_where_nobody_names_any():
    assert headline_names((), FIGURES) == ["mask_dice", "width_mae"]


def test_errors_of_measurements_follow_what_a_recipe_names():
    assert headline_names(("mask_iou", "box_ap"), FIGURES) == [
        "mask_iou",
        "width_mae",
        "height_mae",
    ]


def test_a_recipe_that_names_measurements_is_left_alone():
    assert headline_names(("area_mae", "mask_dice"), FIGURES) == ["area_mae", "mask_dice"]
