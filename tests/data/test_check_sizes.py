"""The table of image sizes stays short."""

from polyclinic.data import Cohort
from polyclinic.data.check.summary import MOST_SIZES, summary_tables
from polyclinic.sample import Sample


def sizes_of(heights):
    samples = [Sample(image_id=row, size=(height, 100)) for row, height in enumerate(heights)]
    return summary_tables(Cohort(samples=tuple(samples)))["image sizes"]


def test_the_commonest_sizes_come_first_and_the_rest_is_counted():
    heights = [50, 50, *range(60, 60 + MOST_SIZES + 2)]
    table = sizes_of(heights)
    assert next(iter(table.items())) == ("100 x 50", {"images": 2})
    assert table["3 other sizes"] == {"images": 3}
    assert sum(row["images"] for row in table.values()) == len(heights)


def test_few_sizes_are_all_listed():
    assert list(sizes_of([50, 60])) == ["100 x 50", "100 x 60"]
