"""The array functions of the kernel agree with numpy to the last bits, and compiled code never outlives its source."""

from pathlib import Path

import numpy as np

from mixmodel_app.engine.kernel.elementary import exp_in_place, log_in_place
from mixmodel_app.engine.kernel.jit import cache_folder, source_digest

EPSILON = np.finfo(float).eps


def test_the_exponential_is_that_of_numpy():
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.uniform(-708, 708, 50_000), rng.normal(size=50_000), [0.0, -0.0, 1e-300, -1e-300]])
    found = values.copy()
    exp_in_place(found, np.empty_like(found))
    np.testing.assert_allclose(found, np.exp(values), rtol=2 * EPSILON, atol=0)


def test_the_exponential_stays_finite_beyond_its_limits():
    found = np.array([-1e9, -709.0, 709.0, 1e9, -np.inf])
    exp_in_place(found, np.empty_like(found))
    np.testing.assert_allclose(found, np.exp([-708.0, -708.0, 708.0, 708.0, -708.0]), rtol=2 * EPSILON)


def test_the_logarithm_is_that_of_numpy():
    rng = np.random.default_rng(2)
    near_one = 1 + 1e-3 * rng.normal(size=50_000)
    values = np.concatenate([10 ** rng.uniform(-300, 300, 50_000), near_one, [1.0, 0.5**0.5, 2.0**0.5, 2.0]])
    found = values.copy()
    log_in_place(found, np.empty_like(found))
    np.testing.assert_allclose(found, np.log(values), rtol=3 * EPSILON, atol=0)


def test_compiled_code_is_kept_by_the_text_of_all_sources(tmp_path: Path):
    (tmp_path / "outer.py").write_text("calls inner")
    (tmp_path / "inner.py").write_text("x + 1")
    before = source_digest(tmp_path)
    assert before == source_digest(tmp_path)
    (tmp_path / "inner.py").write_text("x + 2")
    assert source_digest(tmp_path) != before


def test_code_of_an_older_source_is_removed(tmp_path: Path):
    old = cache_folder([tmp_path], "old")
    (old / "compiled.nbc").write_bytes(b"code")
    assert cache_folder([tmp_path], "new") == tmp_path / "kernel-new"
    assert not old.exists()


def test_where_nothing_can_be_written_a_process_keeps_its_own(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    found = cache_folder([blocked], "new")
    assert found.is_dir()
    assert found.parent != blocked
    assert found.stat().st_mode & 0o077 == 0, "nobody else can put code there"
    found.rmdir()
