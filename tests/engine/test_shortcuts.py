"""What spares time on the way of a call changes nothing that can be seen."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from random import Random

from engine.collecting import rare_collections
from engine.recipe import rng_for


def test_chance_that_is_made_late_is_the_chance_of_the_seed_and_the_index():
    late, real = rng_for(7, 42), Random("skillweave:7:42")
    assert [late.random(), late.choice("abc"), late.sample(range(99), 5)] == [
        real.random(),
        real.choice("abc"),
        real.sample(range(99), 5),
    ]
    assert late.getstate() == real.getstate()


def test_chance_that_is_made_late_is_a_generator_to_whoever_asks_and_can_be_copied():
    late = rng_for(7, 42)
    assert isinstance(late, Random)
    copies = [copy.copy(late), copy.deepcopy(late), pickle.loads(pickle.dumps(late))]
    wanted = Random("skillweave:7:42").random()
    assert [late.random(), *(other.random() for other in copies)] == [wanted] * 4


def test_of_two_blocks_at_once_the_last_to_end_restores_the_thresholds():
    before, second_is_in, first_is_out = gc.get_threshold(), threading.Event(), threading.Event()
    seen = []

    def second() -> None:
        with rare_collections():
            second_is_in.set()
            first_is_out.wait(60)
            seen.append(gc.get_threshold())

    thread = threading.Thread(target=second)
    with rare_collections():
        rare = gc.get_threshold()
        thread.start()
        second_is_in.wait(60)
    first_is_out.set()
    thread.join()
    assert rare != before
    assert (seen, gc.get_threshold()) == ([rare], before)
