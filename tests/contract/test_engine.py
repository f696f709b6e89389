"""The contract of `ports.Engine`, kept by one machine; `tests/ray` holds Ray to it."""

from pathlib import Path

import pytest

from proxy.ingest.one_machine import OneMachine
from tests.support import engine_contract
from tests.support.engine_stages import three_or_broken


async def test_results_come_in_order_each_once() -> None:
    await engine_contract.check_results_come_in_order_each_once(OneMachine())


async def test_what_is_made_once_sees_every_result(tmp_path: Path) -> None:
    await engine_contract.check_what_is_made_once_sees_every_result(OneMachine(), tmp_path)


async def test_nothing_comes_of_nothing(tmp_path: Path) -> None:
    await engine_contract.check_nothing_comes_of_nothing(OneMachine(), tmp_path)


async def test_a_run_can_be_left_and_another_begun() -> None:
    await engine_contract.check_a_run_can_be_left_and_another_begun(OneMachine())


async def test_what_a_stage_raises_is_raised() -> None:
    with pytest.raises(ValueError, match="the fifth is broken"):
        _ = [result async for result in OneMachine().run(range(20), three_or_broken)]
