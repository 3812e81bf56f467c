"""Votes in rounds: the size of a round decides what is paid, not what comes out."""

from __future__ import annotations

import pytest

from engine.call import Call, Message, Reply
from engine.run import Target
from engine.votes import majority

CALL = Call((Message("user", "Is it good?"),))


def hold(ballot: str, votes: int, round_size: int):
    """Hold a vote in which voter i says ballot[i]; returns the outcome, and the samples asked in each round."""
    rounds = []
    voting = majority(CALL, votes, round_size, lambda reply: reply.text if reply.text in "yn" else None)
    asked = next(voting)
    while True:
        rounds.append([call.sample for call in asked])
        try:
            asked = voting.send(tuple(Reply(ballot[call.sample]) for call in asked))
        except StopIteration as end:
            return end.value, rounds


@pytest.mark.parametrize(
    ("ballot", "size", "winner", "rounds"),
    [
        ("yyy", 3, "y", [[0, 1, 2]]),
        ("yyn", 1, "y", [[0], [1]]),
        ("ynn", 1, "n", [[0], [1], [2]]),
        ("yyyyn", 2, "y", [[0, 1], [2, 3]]),
        ("ynyn", 2, None, [[0, 1], [2, 3]]),
        ("????", 1, None, [[0], [1]]),
        ("y??y", 4, None, [[0, 1, 2, 3]]),
    ],
)
def test_voting_ends_when_it_is_decided(ballot, size, winner, rounds):
    (verdict, cast), asked = hold(ballot, len(ballot), size)
    assert verdict == winner
    assert asked == rounds
    assert len(cast) == sum(map(len, rounds))


def test_rounds_of_one_pay_less_and_accept_the_same_rows(toy, simulated):
    endpoint = simulated()
    all_at_once = toy.create("all", size=60, target=Target(), voters=5, round_size=5)
    one_by_one = toy.create("one", size=60, target=Target(), voters=5, round_size=1)
    toy.work(all_at_once, endpoint)
    asked = endpoint.asked
    toy.work(one_by_one, endpoint)
    assert endpoint.asked - asked < asked
    numbers = [toy.table(run, "rows")["number"].to_pylist() for run in (all_at_once, one_by_one)]
    assert numbers[0] == numbers[1]
    assert numbers[0]
