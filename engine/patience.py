"""When conversation after conversation gives no row: the two stops that spare their price."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from engine.budget import Budget
from engine.errors import Fruitless, LimitReached


@dataclass
class Patience:
    """What became of the last conversations that this process asked for."""

    run: str
    most: int
    """Refusals in a row after which it is enough."""
    _in_vain: Counter[str] = field(default_factory=Counter)
    """Reasons of the refusals since the last row."""
    _last: deque[str | None] = field(default_factory=deque)
    """The last conversations: None where one gave a row, else why not."""

    def after(self, reason: str | None, budget: Budget) -> Fruitless | LimitReached | None:
        """A conversation ended with a row (None) or was refused. Returns what stops the run, if anything does."""
        if reason is None:
            self._in_vain.clear()
        else:
            self._in_vain[reason] += 1
        if self._in_vain and self._in_vain.total() >= self.most:
            return Fruitless(
                f"the last {self._in_vain.total():,} conversations of run {self.run} gave no row "
                f"({_told(self._in_vain)}); nothing more is sent. See them: skillweave show {self.run} --rejected   or "
                f"go on all the same: skillweave resume {self.run} --patience {self.most * 10}"
            )
        return self.watch(reason, budget)

    def watch(self, reason: str | None, budget: Budget) -> LimitReached | None:
        """The same for the error rate alone, in which what the endpoint failed counts too."""
        most = budget.max_error_rate
        if most is None:
            return None
        self._last.append(reason)
        while len(self._last) > budget.error_window:
            self._last.popleft()
        failed = Counter(why for why in self._last if why is not None)
        if len(self._last) < budget.error_window or failed.total() <= most * budget.error_window:
            return None
        rate = failed.total() / budget.error_window
        return LimitReached(
            f"{rate:.0%} of the last {budget.error_window:,} conversations of run {self.run} gave no row "
            f"({_told(failed)}), and --max-error-rate {most:g} is its limit; nothing more is sent. See them: "
            f"skillweave show {self.run} --rejected   or go on all the same: skillweave resume {self.run} "
            "--max-error-rate 1"
        )


def _told(reasons: Counter[str]) -> str:
    return ", ".join(f"{why} {n:,}" for why, n in reasons.most_common(5))
