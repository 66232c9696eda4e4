"""Charts are drawn by a process of their own, which takes the engine's memory with it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from survey.charts.drawing import drawn
from survey.settings import ROOT

BAR = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}
LINE = BAR | {"mark": "line"}


def test_charts_come_back_in_their_order_and_the_engine_is_not_loaded_here() -> None:
    specs = json.dumps([json.dumps(BAR), json.dumps(LINE)])
    code = (
        "import json, sys\n"
        "from survey.charts.drawing import drawn\n"
        f"specs = json.loads({specs!r})\n"
        "png, svg = drawn(specs, 'png'), drawn(specs, 'svg')\n"
        "assert [one[:4] for one in png] == [b'\\x89PNG', b'\\x89PNG'] and png[0] != png[1]\n"
        "assert ['mark-rect' in one.decode() for one in svg] == [True, False]\n"
        "assert 'vl_convert' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_without_charts_no_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    assert drawn([], "png") == []


def test_what_the_engine_refuses_is_said_and_not_left_out() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        drawn(["{"], "png")
    assert b"JSON" in refused.value.stderr or b"json" in refused.value.stderr
