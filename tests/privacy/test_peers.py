"""Our side of `benchmarks.peers` answers what the peers are asked, and nothing easier."""

import numpy as np

from benchmarks.peers import __main__ as peers
from benchmarks.peers import ours
from benchmarks.peers.common import CELLS
from dashboard.privacy.accounting import epsilon_of


class Silent:
    """Adds no noise, and notes how much would have been added."""

    def __init__(self):
        self.asked = []

    def add(self, exact, sigma_squared):
        self.asked.append(sigma_squared)
        return exact


def test_every_cell_s_count_is_exact_before_noise_and_its_mean_to_a_lattice_step(tmp_path):
    table, tap = tmp_path / "customers.parquet", Silent()
    exact = peers.write(table, 5_000)
    answer = ours.work(str(table), tap)
    found = np.array([answer[cell] for cell in CELLS])
    assert found[:, 0].tolist() == exact[:, 0].tolist()
    filled = exact[:, 0] > 0
    step = 1_000 / 2 / ours.STEPS + 1_000 / 32_767
    assert np.abs(found - exact)[filled, 1].max() <= step


def test_the_whole_epsilon_is_spent_on_the_one_question(tmp_path):
    table, tap = tmp_path / "customers.parquet", Silent()
    peers.write(table, 100)
    ours.work(str(table), tap)
    (sigma_squared,) = tap.asked
    rho = 2 * ours.STEPS**2 / (2 * sigma_squared)
    assert 0.999 < epsilon_of(rho, 1e-6) <= 1.0
