import pytest

from polyclinic.cli.app import main

TOY = "tests.recipes.toy:Toy"


@pytest.fixture
def polyclinic(capsys):
    """Run the command line in this process; gives exit code, output and complaints."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run


@pytest.fixture(scope="session")
def toy_run(phantoms, tmp_path_factory):
    """A run of a recipe that trains in a second."""
    out = tmp_path_factory.mktemp("runs") / "toy"
    with pytest.raises(SystemExit) as left:
        main(["fit", TOY, "--data", str(phantoms), "--out", str(out)])
    assert left.value.code == 0
    return out
