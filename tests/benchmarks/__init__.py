"""How fast is it?  Every speed claim has its number here: ``make bench``, or ``python -m tests.benchmarks --help``.

``questions/`` holds one question per file, ``peers/`` the same circuits in other hands (Brian2, numpy, JAX, NEST),
``ours.py`` the same circuits in ours, ``circuits/`` their YAML.  ``compare.py`` measures: competitors take turns within
a round, on the same core; what counts is the median over rounds of the ratio within a round.  Simulations are compared
by processor time, on one thread each: waiting for a busy machine is not part of it.  Builds, starts and sweeps are what
a person waits for: elapsed time.  ``report.py`` prints and writes ``.benchmarks/results.json`` and ``.benchmarks/table.md``.
"""
