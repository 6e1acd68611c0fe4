"""KNEEL: 16 landmarks of each knee on a film, joint spaces and tibial width from them.

Tiulpin, Melekhov, Saarakkala: "KNEEL: Knee Anatomical Landmark Localization Using Hourglass
Networks", ICCV workshop VRMI 2019. One network looks at each half of the film and places the
centre of the knee; a second one looks at 140 mm around it, left knees mirrored, and places the
landmarks; the window is moved onto the found centre and read again. Both are hourglasses with
hierarchical multi-scale parallel blocks, soft-argmax and wing loss, trained with mixup.

Beyond the paper: the second network also says whether a window shows a native knee, an implant
or none; windows are read mirrored too; and every view is one homography, there and back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, PositiveFloat

from polyclinic.config import Config, merge
from polyclinic.data import Cohort, Facts
from polyclinic.recipes.budget import with_shared_budget
from polyclinic.recipes.landmarks import PAPER as HOURGLASS
from polyclinic.recipes.landmarks import RELEASED as RELEASED_HOURGLASS
from polyclinic.recipes.landmarks import SMALL_NETWORK as LIGHT_HOURGLASS
from polyclinic.recipes.landmarks import Landmarks, LandmarksConfig
from polyclinic.recipes.recipe import PhantomSizes, Progress
from polyclinic.recipes.settings import DataConfig, ImageConfig, ModelConfig, RecipeConfig
from polyclinic.recipes.staged import Stage, Staged
from polyclinic.runtime.reader import Reader
from polyclinic.sample import Sample
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.knee import KNEE
from polyclinic.systems.knee.figures import knee_figures
from polyclinic.systems.knee.films import FilmConfig, knee_views, locate_views
from polyclinic.systems.knee.films.views import CENTRE_SCHEMA, check_films
from polyclinic.systems.knee.measure.measurer import KneeMeasurer
from polyclinic.systems.knee.reader import FilmReader
from polyclinic.tasks import Case, Figure
from polyclinic.tasks.classes import ClassesConfig
from polyclinic.tasks.points import PointsConfig
from polyclinic.training.balance import BalanceConfig
from polyclinic.training.config import TrainConfig

LOCATE, PLACE = "locate", "place"
LOCATE_SHARE = 0.2
"""Of minutes that are given for both networks, those of the first."""

FilmFacts = tuple[tuple[str, ...], LandmarkSchema | None, FilmConfig]
Cut = Callable[[Sample, tuple[str, ...], LandmarkSchema | None, FilmConfig, int], list[Sample]]

FINE_TUNED: Mapping[str, Any] = {"mixup": 0.75, "data": {"augment": {"cutout": 0.1}}}
"""Of the authors' last configuration, which also has no weight decay."""

PAPER: Mapping[str, Any] = {
    **merge(HOURGLASS, FINE_TUNED),
    "locate": merge(HOURGLASS, FINE_TUNED),
    "film": {"half_mm": 450.0, "knee_mm": 135.0, "flip": False},
}
"""The network of the paper's text at 1 mm per pixel, then at 0.3 mm."""

RELEASED: Mapping[str, Any] = {
    **merge(RELEASED_HOURGLASS, FINE_TUNED),
    "locate": merge(RELEASED_HOURGLASS, FINE_TUNED),
    "film": PAPER["film"],
}
"""The same with the network that the released weights most likely belong to."""

SMALL_NETWORK: Mapping[str, Any] = merge(
    LIGHT_HOURGLASS,
    {"model": {"hourglass": {"depth": 3}}, "train": {"batch_size": 8}},
)

SMALL: Mapping[str, Any] = merge(
    SMALL_NETWORK,
    {
        "data": {
            "frame": {"longest": 160},
            "augment": {
                "mirror": 0.5,
                "degrees": 15.0,
                "scale": (0.85, 1.2),
                "shift": 0.1,
                "brightness": 0.2,
                "contrast": 0.2,
                "gamma": 0.4,
                "noise": 6.0,
            },
        },
        "train": {"steps": 2000, "max_minutes": 18.0},
        "film": {"half_mm": 400.0},
        "locate": merge(
            SMALL_NETWORK,
            {
                "data": {
                    "frame": {"longest": 128},
                    "augment": {
                        "mirror": 0.5,
                        "degrees": 10.0,
                        "scale": (0.85, 1.15),
                        "shift": 0.1,
                        "gamma": 0.4,
                        "noise": 6.0,
                    },
                },
                "train": {"steps": 600, "max_minutes": 5.0},
            },
        ),
    },
)
"""Both networks learn from scratch in minutes on two cores.

The minutes are twice those of two quiet cores: on a busy machine the steps are done all the same.
"""


class LocateConfig(Config):
    """Settings of the first network, which places the centre of each knee."""

    data: ImageConfig = ImageConfig()
    model: ModelConfig = ModelConfig()
    balance: BalanceConfig = BalanceConfig()
    points: PointsConfig = PointsConfig()
    mixup: PositiveFloat | None = None
    train: TrainConfig = TrainConfig()


class KneeConfig(RecipeConfig):
    """Settings of the knee recipe: those of the second network, `locate` and `film`."""

    film: FilmConfig = FilmConfig()
    points: PointsConfig = PointsConfig()
    classes: ClassesConfig = ClassesConfig(label=KNEE)
    mixup: PositiveFloat | None = Field(None, description="see the landmarks recipe")
    locate: LocateConfig = LocateConfig()


class Knee(Staged[KneeConfig]):
    """Centres of knees, then their landmarks; joint spaces and widths from them."""

    name = "knee"
    summary = "knees on radiographs: 16 landmarks each, joint space widths, tibial width"
    source = "KNEEL, Tiulpin et al., ICCV workshop VRMI 2019"
    settings = KneeConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": SMALL,
        "paper": PAPER,
        "released": RELEASED,
    }
    monitor = "knee_error_mean_mm"
    phantoms = PhantomSizes(patients=200, images=1, others=24, other_images=1)
    headline = (
        "knee_pck_2mm",
        "knee_outliers_10mm",
        "knee_error_median_mm",
        "native_knees_found",
        "medial_joint_space_min_mae",
    )

    def share_budget(self, overrides: Mapping[str, Any]) -> Mapping[str, Any]:
        """Minutes given under `train` are those of both networks, a fifth for the first."""
        return with_shared_budget(overrides, LOCATE, LOCATE_SHARE)

    def budget(self, config: KneeConfig) -> float | None:
        """Of both networks."""
        each = (config.locate.train.max_minutes, config.train.max_minutes)
        known = [minutes for minutes in each if minutes is not None]
        return sum(known) if len(known) == len(each) else None

    def stages(self, config: KneeConfig, facts: Facts) -> Sequence[Stage]:
        """The centre in halves of the film, then the landmarks in windows around it."""
        films = (facts.classes, facts.landmark_schema, config.film)
        locate = _settings(config, config.locate, LOCATE, None)
        place = _settings(config, config, PLACE, config.classes)
        return (
            Stage(
                name=LOCATE,
                recipe=Landmarks(),
                config=locate,
                classes=(KNEE,),
                landmark_schema=CENTRE_SCHEMA,
                views=partial(_views, locate_views, films, locate.data.frame.longest),
            ),
            Stage(
                name=PLACE,
                recipe=Landmarks(),
                config=place,
                classes=(KNEE,),
                landmark_schema=facts.landmark_schema,
                views=partial(_views, knee_views, films, place.data.frame.longest),
            ),
        )

    def join(
        self,
        readers: Mapping[str, Reader],
        config: KneeConfig,
        facts: Facts,
        provenance: Mapping[str, Any],
    ) -> FilmReader:
        """One network after the other, as often as the film settings say."""
        return FilmReader(
            readers[LOCATE],
            readers[PLACE],
            film=config.film,
            facts=facts,
            measurer=self.measurer(config),
            provenance=provenance,
        )

    def check(self, cohort: Cohort, config: KneeConfig) -> None:
        """Landmarks, a scale and known sides are needed."""
        check_films(cohort, config.film)

    def measurer(self, config: KneeConfig) -> KneeMeasurer:
        """Tibial width and joint spaces of each knee, differences between the sides."""
        return KneeMeasurer()

    def figures(self, cases: Sequence[Case], config: KneeConfig, accept: float) -> list[Figure]:
        """Errors in mm by landmark and by grade, outliers, and the cells of the paper's tables."""
        return knee_figures(cases, accept)

    def make_phantoms(
        self, folder: Path, *, patients: int, images: int, seed: int, progress: Progress
    ) -> Path:
        """Procedural films with osteoarthritis and exact truth, as DICOM."""
        from polyclinic.systems.knee.phantoms import KneePhantomConfig, make_cohort

        films = KneePhantomConfig(films_per_patient=images)
        return make_cohort(folder, patients=patients, seed=seed, config=films, progress=progress)


def _settings(
    config: KneeConfig, own: KneeConfig | LocateConfig, stage: str, classes: ClassesConfig | None
) -> LandmarksConfig:
    """Those of one stage as an ordinary run: what the whole shares, then what is its own."""
    return LandmarksConfig(
        recipe=Landmarks.name,
        preset=config.preset,
        seed=config.seed,
        init=_stage_of(config.init, stage),
        data=DataConfig(frame=own.data.frame, augment=own.data.augment, degrade=own.data.degrade),
        model=own.model,
        balance=own.balance,
        points=own.points,
        classes=classes,
        mixup=own.mixup,
        train=own.train,
    )


def _stage_of(run: Path | None, stage: str) -> Path | None:
    """The run of a stage inside a run of this recipe; a run of another recipe is one network."""
    if run is None or not (run / stage / "config.yaml").is_file():
        return run
    return run / stage


def _views(cut: Cut, films: FilmFacts, pixels: int, film: Sample) -> list[Sample]:
    classes, schema, config = films
    return cut(film, classes, schema, config, pixels)
