"""What should come out?  Closed forms, to draw beside results and to test against; nothing here is simulated."""

from neuroam.theory.capacity import (
    binary_entropy,
    clean_load,
    error_free_load,
    exponential_limit,
    freezing_load,
    nearest_pattern_load,
)
from neuroam.theory.clusters import correctable_share, correction_probability, one_step_correction, remaining_errors
from neuroam.theory.escape import escape_rate
from neuroam.theory.firing import constant_drive_rate, noisy_drive_rate, steps_between_spikes
from neuroam.theory.membrane import membrane_sd, step_sd
from neuroam.theory.stability import euler_step_limit, relaxation_rates

__all__ = [
    "binary_entropy",
    "clean_load",
    "constant_drive_rate",
    "correctable_share",
    "correction_probability",
    "error_free_load",
    "escape_rate",
    "euler_step_limit",
    "exponential_limit",
    "freezing_load",
    "membrane_sd",
    "nearest_pattern_load",
    "noisy_drive_rate",
    "one_step_correction",
    "relaxation_rates",
    "remaining_errors",
    "step_sd",
    "steps_between_spikes",
]
