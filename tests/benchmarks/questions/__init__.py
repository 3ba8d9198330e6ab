"""One question per file: a function of how much work it may be and of an empty folder, which gives a `Section`."""

from tests.benchmarks.questions.clusters import clusters
from tests.benchmarks.questions.dense import dense
from tests.benchmarks.questions.gpu import gpu
from tests.benchmarks.questions.gpu_circuits import gpu_circuits
from tests.benchmarks.questions.movie import movie
from tests.benchmarks.questions.rate import rate
from tests.benchmarks.questions.replay import replay
from tests.benchmarks.questions.scaling import scaling
from tests.benchmarks.questions.spiking import spiking
from tests.benchmarks.questions.start import start
from tests.benchmarks.questions.sweep import sweep

QUESTIONS = {
    "dense": dense,
    "rate": rate,
    "spiking": spiking,
    "start": start,
    "sweep": sweep,
    "scaling": scaling,
    "clusters": clusters,
    "movie": movie,
    "replay": replay,
    "gpu": gpu,
    "gpu_circuits": gpu_circuits,
}
