import pytest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fit",), "recipe"),
        (("read", "run", "image.png", "--batch-size", "0"), "batch"),
        (("evaluat",), "evaluat"),
        (("evaluate", "run", "--dat", "x"), "--dat"),
    ],
)
def test_a_wrong_command_gives_one_message(polyclinic, arguments, said):
    code, _, complaint = polyclinic(*arguments)
    assert code == 2
    assert said in complaint.lower()
    assert "--help" in complaint
    assert "Traceback" not in complaint
