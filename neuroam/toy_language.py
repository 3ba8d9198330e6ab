"""A text for those who have none: a toy language in which words of one topic are near each other.

Twelve topics of eight words stand in pairs.  Every sentence is about one topic, and borrows a word from the other topic
of the pair now and then, so words are close (same topic), related (paired topics) or neither: `judged_pairs`.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

TOPICS = (  # topics 0 and 1 are a pair, 2 and 3 are one, ...
    "dog cat horse cow sheep goat pig hen",
    "grass barn farmer hay fence tractor field plough",
    "bread butter cheese soup salt pepper onion garlic",
    "plate spoon kettle oven knife bowl table pan",
    "rain cloud storm wind snow thunder fog hail",
    "river lake sea wave beach island harbour tide",
    "violin piano drum flute trumpet guitar cello harp",
    "concert singer stage audience opera ballet theatre choir",
    "doctor nurse hospital fever medicine wound pulse bandage",
    "heart lung bone blood muscle brain nerve skin",
    "king queen castle crown throne prince palace knight",
    "sword shield battle army siege archer banner march",
)
FILL = ["the", "of", "a", "and", "to", "in", "it", "with", "was", "on", "for", "at"]
SENTENCES = 10_000
LENGTH = 13


def words() -> list[str]:
    """All words with a meaning, topic by topic."""
    return [word for topic in TOPICS for word in topic.split()]


def toy_text(rng: np.random.Generator) -> list[str]:
    """Sentences of 13 words: half have no meaning, one in eight of the others comes from the paired topic."""
    topics = [topic.split() for topic in TOPICS]
    lines = []
    for _ in range(SENTENCES):
        about = int(rng.integers(len(topics)))
        line = []
        for place in range(LENGTH):
            if (place + int(rng.integers(2))) % 2:
                line.append(FILL[int(rng.integers(len(FILL)))])
                continue
            topic = topics[about ^ 1 if rng.random() < 1 / 8 else about]
            line.append(topic[int(rng.integers(len(topic)))])
        lines.append(" ".join(line))
    return lines


def judged_pairs() -> list[tuple[str, str, float]]:
    """Every pair of words with its closeness: 2 in one topic, 1 in paired topics, 0 otherwise."""
    topic_of = {word: number for number, topic in enumerate(TOPICS) for word in topic.split()}

    def close(a: int, b: int) -> float:
        return 2.0 if a == b else 1.0 if a ^ 1 == b else 0.0

    return [(a, b, close(topic_of[a], topic_of[b])) for a, b in combinations(words(), 2)]
