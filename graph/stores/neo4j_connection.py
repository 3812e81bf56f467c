"""Reach a Neo4j server, and say in one sentence why that does not work."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import neo4j
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError

from engine.errors import InputError, StorageError
from graph.stores.neo4j_address import Address

_CONNECT_TIMEOUT_S = 10.0


logging.getLogger("neo4j").addHandler(logging.NullHandler())  # what it would say is told by `failures_told`


def connect(address: Address) -> neo4j.Driver:
    """A driver that has reached the server once; safe to use from several threads. Raises InputError as told below."""
    driver = neo4j.GraphDatabase.driver(
        address.url,
        auth=(address.user, address.password),
        connection_timeout=_CONNECT_TIMEOUT_S,
        connection_acquisition_timeout=2 * _CONNECT_TIMEOUT_S,
        max_transaction_retry_time=2 * _CONNECT_TIMEOUT_S,
        notifications_min_severity="OFF",
        telemetry_disabled=True,
        user_agent="skillweave",
    )
    try:
        with failures_told(address):
            driver.verify_connectivity()
    except BaseException:
        driver.close()
        raise
    return driver


@contextmanager
def failures_told(address: Address, timeout_s: float | None = None) -> Iterator[None]:
    """Turn what the driver and the server raise into one error that names the next command.

    `timeout_s`: what the transaction was given; None where it is not a person's query.
    """
    try:
        yield
    except (AuthError, Neo4jError) as error:
        raise _told(address, error, timeout_s) from None
    except ConfigurationError as error:
        raise InputError(f"{address.url} cannot be reached so ({error}); see docs/stores.md") from None
    except (DriverError, OSError) as error:
        raise InputError(
            f"no Neo4j answers at {address.url} ({_first_line(error)}); start one: skillweave neo4j start, or: docker "
            "compose up -d"
        ) from None


def _told(address: Address, error: Neo4jError, timeout_s: float | None) -> InputError | StorageError:
    code, why = error.code or "", _first_line(error.message or error)
    if "Security.Unauthorized" in code or "Security.AuthenticationRateLimit" in code or isinstance(error, AuthError):
        return InputError(
            f"Neo4j at {address.url} refuses the user {address.user!r} or its password ({why}); export "
            "SKILLWEAVE_NEO4J_USER=... SKILLWEAVE_NEO4J_PASSWORD=... and give the same command again"
        )
    if "ConstraintValidationFailed" in code:
        return InputError(f"two of the rows to load share an id: {why}; choose the runs anew")
    if timeout_s is None:
        return StorageError(f"Neo4j at {address.url} fails ({why}); see its log, then give the same command again")
    if "TransactionTimedOut" in code or "Transaction.Terminated" in code:
        return InputError(f"the query took longer than {timeout_s:g} s; ask for less, or --timeout more")
    if "OutOfMemory" in code:
        return InputError("the query needs more memory than the server gives one; ask for less, or raise its limit")
    return InputError(f"the store refuses the query: {why}; see: skillweave graph queries")


def _first_line(error: object) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(":")
