"""A second opinion: circuits in plain numpy and scipy, written from the documented rules and never from `sim`.

It shares the nouns with the rest (a `Circuit`, its `Trials`), and nothing that makes time pass: equations are evaluated
as they stand, linear ones are solved from two values of their rate, random numbers come from its own generator at
the documented addresses.  It is slow and short, so that it can be read; ``neuroam verify`` compares devices with it.
"""

from neuroam.reference.run import integrate

__all__ = ["integrate"]
