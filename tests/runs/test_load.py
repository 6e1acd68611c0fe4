"""A reader from disk says what the network said that was kept."""

import numpy as np

from polyclinic.data.facts import gather_facts
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.landmarks import Landmarks
from polyclinic.runs.load import load_network, make_reader
from polyclinic.sample import Instance, Sample
from polyclinic.schema import LandmarkSchema
from polyclinic.training.run_directory import RunDirectory

SIZE = (64, 80)
SCHEMA = LandmarkSchema(names=("a", "b", "c"))
SETTINGS = {
    "preset": "paper",
    "data": {"frame": {"longest": 80}},
    "model": {"hourglass": {"width": 8, "depth": 2}},
}


def annotated():
    pixels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    points = np.array([[10.0, 20, 2], [30, 40, 2], [50, 60, 2]])
    one = Instance(box=np.array([5.0, 5, 60, 60]), category=0, landmarks=points)
    return Sample(image_id=1, size=SIZE, image=pixels, instances=(one,))


def test_a_loaded_reader_reads_as_the_network_that_was_kept(tmp_path):
    recipe, sample = Landmarks(), annotated()
    config = recipe.resolve(SETTINGS)
    facts = gather_facts([sample], ("knee",), SCHEMA)
    network = assemble(recipe, config, facts).network
    description = {"facts": facts.to_json(), "accept": 0.0, "provenance": {}}
    run = RunDirectory.start(tmp_path / "run", config, resume=False)
    run.save_model(network.state_dict(), description)
    (found,) = load_network(run.path).read(sample).instances
    (wanted,) = make_reader(recipe, config, facts, network, description).read(sample).instances
    np.testing.assert_allclose(found.landmarks, wanted.landmarks, rtol=1e-5)
    np.testing.assert_allclose(found.landmark_confidence, wanted.landmark_confidence, atol=1e-5)
