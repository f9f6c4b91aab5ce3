"""deploy/kubernetes against the schemas of Kubernetes, and what no schema knows."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mixmodel_app.config import Settings

PLACE = Path(__file__).resolve().parents[3] / "deploy/kubernetes"
FOREIGN = {"Kustomization", "ScaledObject", "TriggerAuthentication"}
"""Kinds of kustomize and KEDA, for which there is no schema."""
STRONG = "9f8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d"
SECRET = {
    "DATABASE_URL": f"postgresql://mixmodel:{STRONG}@db/mixmodel",
    "REDIS_URL": f"rediss://:{STRONG}@redis/0",
    "JWT_SECRET_KEY": STRONG,
    "S3_ACCESS_KEY": STRONG[:12],
    "S3_SECRET_KEY": STRONG,
}


def _objects() -> list[dict[str, Any]]:
    return [found for path in sorted(PLACE.glob("*.yaml")) for found in yaml.safe_load_all(path.read_text())]


OBJECTS = {f"{found['kind']} {found.get('metadata', {}).get('name', '')}".strip(): found for found in _objects()}
PODS = {name: found["spec"]["template"] for name, found in OBJECTS.items() if "template" in found.get("spec", {})}


@pytest.mark.parametrize("name", [name for name, found in OBJECTS.items() if found["kind"] not in FOREIGN])
def test_each_object_is_what_kubernetes_expects(name: str) -> None:
    import kubernetes_validate  # seconds, of which other files need nothing

    kubernetes_validate.validate(OBJECTS[name], kubernetes_validate.latest_version(), strict=True)


def test_every_file_is_applied() -> None:
    named = OBJECTS["Kustomization"]["resources"]
    assert sorted([*named, "kustomization.yaml"]) == sorted(path.name for path in PLACE.glob("*.yaml"))


def test_there_is_every_process_and_the_workers_follow_the_queue() -> None:
    assert set(PODS) == {"Deployment web", "Deployment worker", "Deployment janitor", "Job migrate"}
    assert OBJECTS["Deployment web"]["spec"]["replicas"] == 2
    assert "replicas" not in OBJECTS["Deployment worker"]["spec"], "the scaler's number would be set back at each apply"
    scaler = OBJECTS["ScaledObject worker"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == "worker"
    assert "model_runs" in scaler["triggers"][0]["metadata"]["query"]


@pytest.mark.parametrize("name", PODS)
def test_each_pod_is_restricted_and_bounded(name: str) -> None:
    pod = PODS[name]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    little = container["securityContext"]
    assert little["readOnlyRootFilesystem"] is True
    assert little["allowPrivilegeEscalation"] is False
    assert little["capabilities"] == {"drop": ["ALL"]}
    assert "memory" in container["resources"]["limits"]
    assert {"secretRef": {"name": "mixmodel"}} in container["envFrom"], "secrets by reference"
    assert "env" not in container


def test_the_settings_are_valid_in_production() -> None:
    assert Settings.from_env(OBJECTS["ConfigMap mixmodel"]["data"] | SECRET).is_production


def test_a_pod_has_time_to_finish_what_is_under_way() -> None:
    pod = PODS["Deployment web"]["spec"]
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    grace = int(OBJECTS["ConfigMap mixmodel"]["data"]["MIXMODEL_STOP_GRACE_S"])
    assert pod["terminationGracePeriodSeconds"] > pause + grace
