"""split_linear: a + b*x is the text again, whatever the numbers."""

import numpy as np
import pytest

from neuroam import formula
from neuroam.linear import NotLinear, split_linear

VALUES = {"x": 0.7, "y": -1.3, "z": 2.1, "tau": 0.02}


@pytest.mark.parametrize(
    "text",
    ["y - x", "-(x - y)*3", "y*(z - x) + z*(y - x)", "(x + y)/tau - z", "-x", "+x + y", "y", "2*x*z - (y - x)/z", "x"],
)
def test_the_two_parts_make_the_whole(text):
    a, b = (formula.evaluate(part, VALUES) if part else 0.0 for part in split_linear(text, "x"))
    assert a + b * VALUES["x"] == pytest.approx(float(formula.evaluate(text, VALUES)), rel=1e-14)


@pytest.mark.parametrize("text", ["x*x", "exp(x)", "y/x", "x*(1 - x)", "abs(x) + y"])
def test_other_equations_are_refused(text):
    with pytest.raises(NotLinear):
        split_linear(text, "x")


def test_leak_has_slope_minus_one():
    assert split_linear("bias + drive - x", "x") == ("bias + drive", "-1")
    assert np.isclose(VALUES["y"], -1.3)
