# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that one running server knows, and how it is put back to how it was at the start."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from .access import Access
from .authority import Authority
from .call import Options
from .clock import Clock
from .documented import Exchange, preload
from .faults import Fault, Holds
from .recorder import Recorder
from .scenario import build
from .world import World


@dataclass
class State:
    base: str
    access: Access
    options: Options
    documented: list[Exchange]
    # What the server was started with; None is a world without anything of its own.
    scenario: Any = None
    clock: Clock = field(default_factory=Clock)
    world: World = field(default_factory=World)
    recorder: Recorder = field(default_factory=Recorder)
    faults: list[Fault] = field(default_factory=list)
    holds: Holds = field(default_factory=Holds)
    # Outlives every reset: what it issued must go on to verify.
    authority: Authority = field(default_factory=Authority)


def load_world(state: State, scenario: Any) -> None:
    """Replace the world. A scenario's own objects come before documented ones with the same identifier."""
    world = build(scenario, state.clock())
    preload(world, copy.deepcopy(state.documented))
    for request in world.requests.values():
        # Its template may be a documented one, which has come only now.
        template = world.templates.get(request.document["ProfileTemplateUuid"])
        request.document["IsSmartcard"] |= template is not None and template.smartcard
    state.world = world


def reset_calls(state: State) -> None:
    state.recorder = Recorder(started=state.recorder.started)


def reset(state: State) -> None:
    state.clock.reset()
    # What is still held belongs to the world that ends here.
    state.holds.drop()
    load_world(state, state.scenario)
    reset_calls(state)
    state.faults = []
