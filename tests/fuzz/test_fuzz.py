"""Three hundred bad inputs, the same each time; `make fuzz` runs ten thousand."""

from tests.fuzz.cases import cases
from tests.fuzz.run import fault

COUNT, SEED = 300, 1


def test_no_bad_input_ends_in_a_traceback() -> None:
    wrong = {
        f"{number}: {' '.join(case.arguments)[:120]}": reason
        for number, case in enumerate(cases(COUNT, SEED))
        if (reason := fault(case))
    }
    assert not wrong, "\n\n".join(f"{case}\n{reason}" for case, reason in wrong.items())
