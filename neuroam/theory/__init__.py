"""What should come out?  Closed forms, to draw beside results and to test against; nothing here is simulated."""

from neuroam.theory.capacity import (
    binary_entropy,
    clean_load,
    error_free_load,
    exponential_limit,
    freezing_load,
    nearest_pattern_load,
)
from neuroam.theory.cascade import cascade_correlations, cascade_trace
from neuroam.theory.clusters import correctable_share, correction_probability, one_step_correction, remaining_errors
from neuroam.theory.crosstalk import exponential_separation, power_separation, wrong_bit
from neuroam.theory.dwell import box_dwell, delay_dwell, dwell_times, exponential_dwell
from neuroam.theory.escape import escape_rate
from neuroam.theory.firing import constant_drive_rate, noisy_drive_rate, steps_between_spikes
from neuroam.theory.membrane import membrane_sd, step_sd
from neuroam.theory.sequence_limits import (
    bias_limit,
    coincidence_sequence,
    coincidence_transitions,
    exponential_sequence_limit,
    exponential_transition_limit,
    mixed_sequence_limit,
    mixed_transition_limit,
    sequence_limit,
    transition_limit,
)
from neuroam.theory.sequences import sequence_capacity, transition_capacity
from neuroam.theory.stability import euler_step_limit, relaxation_rates

__all__ = [
    "bias_limit",
    "binary_entropy",
    "box_dwell",
    "cascade_correlations",
    "cascade_trace",
    "clean_load",
    "coincidence_sequence",
    "coincidence_transitions",
    "constant_drive_rate",
    "correctable_share",
    "correction_probability",
    "delay_dwell",
    "dwell_times",
    "error_free_load",
    "escape_rate",
    "euler_step_limit",
    "exponential_dwell",
    "exponential_limit",
    "exponential_separation",
    "exponential_sequence_limit",
    "exponential_transition_limit",
    "freezing_load",
    "membrane_sd",
    "mixed_sequence_limit",
    "mixed_transition_limit",
    "nearest_pattern_load",
    "noisy_drive_rate",
    "one_step_correction",
    "power_separation",
    "relaxation_rates",
    "remaining_errors",
    "sequence_capacity",
    "sequence_limit",
    "step_sd",
    "steps_between_spikes",
    "transition_capacity",
    "transition_limit",
    "wrong_bit",
]
