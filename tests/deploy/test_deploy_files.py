"""The files of deploy/ name only what exists."""

import json
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.servers import ROOT, ServerProcess

DEPLOY = ROOT / "deploy"
_METRIC = re.compile(r"\b((?:fourline|process|python)_[a-z_]+)\b")
_LABEL = re.compile(r"\b([a-z]+)=~?\"")
OF_PROMETHEUS = {"job", "instance", "le"}


def exported(server: ServerProcess) -> tuple[set[str], set[str]]:
    """The names of all series of a process, and of their labels."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)", text, re.MULTILINE))
    series = set(types)
    for name, kind in types.items():
        if kind == "histogram":
            series |= {f"{name}{suffix}" for suffix in ("_bucket", "_sum", "_count")}
    return series, set(_LABEL.findall(text))


def expressions() -> list[str]:
    """All of Prometheus's expressions in the dashboard and the alerts."""
    dashboard = json.loads((DEPLOY / "grafana" / "fourline.json").read_text())
    rules = yaml.safe_load((DEPLOY / "prometheus" / "fourline.rules.yml").read_text())
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    found += [variable["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    return found + [rule["expr"] for group in rules["groups"] for rule in group["rules"]]


def test_dashboard_and_alerts_name_only_metrics_that_exist(uvicorn_server: ServerProcess) -> None:
    series, labels = exported(uvicorn_server)
    for expression in expressions():
        names = set(_METRIC.findall(expression))
        assert names or "up{" in expression
        assert names <= series, expression
    used = {name for expression in expressions() for name in _LABEL.findall(expression)}
    assert used <= labels | OF_PROMETHEUS | {"code", "way", "kind", "status"}


def test_every_alert_says_what_it_means() -> None:
    rules: Any = yaml.safe_load((DEPLOY / "prometheus" / "fourline.rules.yml").read_text())
    for rule in rules["groups"][0]["rules"]:
        assert rule["annotations"]["summary"].endswith((".", "?"))
        assert rule["labels"]["severity"] in ("warning", "critical")


@pytest.mark.parametrize("name", ["postgresql.conf", "redis.conf", "README.md"])
def test_every_file_says_what_of_it_was_tested(name: str) -> None:
    assert re.search(r"test", (DEPLOY / name).read_text())


@pytest.mark.needs("systemd-analyze")
def test_the_units_are_valid(tmp_path: Path) -> None:
    units = []
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text().replace("/srv/fourline/.venv/bin/python", shutil.which("true") or "/bin/true")
        units.append(tmp_path / unit.name.replace("@.", "@8001."))
        units[-1].write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if line.startswith(("fourline", str(tmp_path)))]
    assert not complaints


def test_nobody_playing_is_no_sign_of_health() -> None:
    """The panel that says whether people can play asks the store, not for moves; without a figure it says so."""
    dashboard = json.loads((DEPLOY / "grafana" / "fourline.json").read_text())
    panel = next(panel for panel in dashboard["panels"] if panel["title"] == "Can people play?")
    assert [target["expr"] for target in panel["targets"]] == ['min(fourline_store_up{job=~"$job"})']
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["noValue"] == "No answer"
    assert [(step["color"], step["value"]) for step in defaults["thresholds"]["steps"]] == [("red", None), ("green", 1)]
    playing = next(panel for panel in dashboard["panels"] if panel["title"] == "Playing now")
    assert {step["color"] for step in playing["fieldConfig"]["defaults"]["thresholds"]["steps"]} == {"text"}


def test_the_scrape_configuration_asks_each_process_by_its_own_port() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    assert [(DEPLOY / "prometheus" / name).exists() for name in config["rule_files"]] == [True]
    (job,) = config["scrape_configs"]
    ports = re.findall(
        r"^server 127\.0\.0\.1:(\d+) max_fails=1", (DEPLOY / "nginx/fourline/processes.conf").read_text(), re.M
    )
    assert job["job_name"] == "fourline"  # what the alerts name
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
