"""The contract of `ports.Engine`, kept by Ray; and what one machine cannot show: lost workers."""

import os
from functools import partial
from pathlib import Path

import pytest

from proxy.adapters.ray.engine import RayEngine
from proxy.errors import UpstreamFailed
from tests.support import engine_contract
from tests.support.engine_contract import BATCHES, expected
from tests.support.engine_stages import (
    Stamping,
    three,
    three_and_one_death,
    three_or_broken,
    three_or_dead,
)
from tests.support.processes import descendants, environment_of, listening, name_of


async def test_results_come_in_order_each_once(ray_engine: RayEngine) -> None:
    await engine_contract.check_results_come_in_order_each_once(ray_engine)


async def test_what_is_made_once_sees_every_result(ray_engine: RayEngine, tmp_path: Path) -> None:
    await engine_contract.check_what_is_made_once_sees_every_result(ray_engine, tmp_path)


async def test_nothing_comes_of_nothing(ray_engine: RayEngine, tmp_path: Path) -> None:
    await engine_contract.check_nothing_comes_of_nothing(ray_engine, tmp_path)


async def test_a_run_can_be_left_and_another_begun(ray_engine: RayEngine) -> None:
    await engine_contract.check_a_run_can_be_left_and_another_begun(ray_engine)


async def test_the_work_of_lost_workers_is_done_anew(ray_engine: RayEngine, tmp_path: Path) -> None:
    stage = partial(three_and_one_death, tmp_path / "first")
    made = partial(Stamping, tmp_path, dies=True)
    results = [result async for result in ray_engine.run(BATCHES, stage, made)]
    assert results == expected("cut and stamped")
    assert (tmp_path / "first").exists()
    assert (tmp_path / "death").exists()


async def test_what_kills_every_worker_ends_the_run(ray_engine: RayEngine) -> None:
    with pytest.raises(UpstreamFailed, match="Ray gave up: The worker died"):
        _ = [result async for result in ray_engine.run(BATCHES, three_or_dead)]
    assert len([result async for result in ray_engine.run(BATCHES, three)]) == len(expected(""))


async def test_what_a_stage_raises_is_said_in_one_line(ray_engine: RayEngine) -> None:
    with pytest.raises(UpstreamFailed) as failed:
        _ = [result async for result in ray_engine.run(BATCHES, three_or_broken)]
    assert failed.value.message == "Ray gave up: ValueError: the fifth is broken"


async def test_ray_listens_on_this_machine_only_and_reports_to_nobody(
    ray_engine: RayEngine,
) -> None:
    assert [result async for result in ray_engine.run([0], three)]
    ours = set(descendants(os.getpid()))
    assert len(ours) > 3
    assert listening(ours) == {"127.0.0.1"}
    # Workers write a name of theirs over what they were started with; these two do not.
    servers = [pid for pid in ours if name_of(pid) in {"gcs_server", "raylet"}]
    assert len(servers) == 2
    assert all(b"RAY_USAGE_STATS_ENABLED=0" in environment_of(pid) for pid in servers)
