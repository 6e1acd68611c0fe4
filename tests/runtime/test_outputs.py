from polyclinic.reading import Reading
from polyclinic.runtime.outputs import write_readings
from polyclinic.runtime.stored import read_readings


def reading(image, **known):
    return Reading(image_id=image, size=(4, 4), file=f"{image}.png", patient_id="p", **known)


def names(readings, folder, formats):
    return [path.name for path in write_readings(readings, folder, formats)]


def test_tables_are_written_of_what_there_is(tmp_path):
    plain = [reading("a")]
    assert names(plain, tmp_path, ["csv"]) == ["measurements.csv"]
    judged = [
        reading("a", findings={"sick": {"no": 0.25, "yes": 0.75}}, quality={"quality": 0.5}),
        reading("b", error="truncated"),
    ]
    written = names(judged, tmp_path, ["coco", "csv"])
    tables = ["measurements.csv", "findings.csv", "patients.csv", "quality.csv"]
    assert written == ["readings.json", *tables]
    assert names(judged, tmp_path / "coco", ["coco"]) == ["readings.json"]


def test_readings_come_back_from_beside_their_patients(tmp_path):
    written = [reading("a", findings={"sick": {"no": 0.25, "yes": 0.75}})]
    write_readings(written, tmp_path, ["coco"])
    (again,) = read_readings(tmp_path)
    assert again.findings == written[0].findings
