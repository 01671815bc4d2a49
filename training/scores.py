"""How well a witness tells what is over from what is not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def area(of_whole: Sequence[float] | NDArray[np.float64], of_cut: Sequence[float] | NDArray[np.float64]) -> float:
    """Area under ROC: the chance that a whole one is rated above a cut one, a tie counting half; 0.5 knows nothing."""
    ordered = np.sort(np.array(of_cut))
    below = np.searchsorted(ordered, of_whole, "left") + np.searchsorted(ordered, of_whole, "right")
    return float(below.mean() / 2 / len(ordered))
