"""What ops/k8s, ops/terraform and the service have to agree upon."""

import inspect
import re

import pytest
import uvicorn

from tests.ops.overlays import ROOT, container, environment, of_kind, on_azure, on_each, selected, site
from todo_gql.database import parse_database_url
from todo_gql.database.entra import with_tokens
from todo_gql.health import DEADLINE_S, health_routes
from todo_gql.server import STOP_TIMEOUT_S
from todo_gql.settings import Settings, variable

TERRAFORM = ROOT / "ops/terraform"


@on_each
def test_the_service_gets_settings_that_it_knows(name: str) -> None:
    settings = {variable(setting) for setting in Settings.model_fields}

    given = {each for each in environment(name) if each.startswith("APP_")}

    assert "APP_DATABASE_URL" in given
    assert given <= settings


@on_each
def test_the_port_is_the_services_own(name: str) -> None:
    [port] = container(name)["ports"]
    [service_port] = of_kind(name, "Service")["todo-service"]["spec"]["ports"]

    assert port["containerPort"] == Settings.model_fields["port"].default
    assert service_port["targetPort"] == port["name"]


@on_each
@pytest.mark.parametrize("probe", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_a_probe_asks_for_what_the_service_answers(name: str, probe: str) -> None:
    routes = inspect.getsource(health_routes)

    assert f'Route("{container(name)[probe]["httpGet"]["path"]}"' in routes


@on_each
def test_the_probe_waits_longer_than_the_service_does_for_the_database(name: str) -> None:
    assert container(name)["readinessProbe"]["timeoutSeconds"] > DEADLINE_S


@on_each
def test_a_pod_has_the_time_to_stop(name: str) -> None:
    pause = container(name)["lifecycle"]["preStop"]["sleep"]["seconds"]
    [pod] = selected(name, of_kind(name, "Deployment")["todo-service"]["spec"]["selector"])

    # And 5 seconds for connections that cannot be closed politely, and 5 for its telemetry.
    assert pod["spec"]["terminationGracePeriodSeconds"] >= pause + STOP_TIMEOUT_S + 5 + 5


@on_each
def test_traefik_lets_go_of_a_connection_before_the_service_does(name: str) -> None:
    kept_s = inspect.signature(uvicorn.Config).parameters["timeout_keep_alive"].default
    timeouts = of_kind(name, "ServersTransport")["todo-service"]["spec"]["forwardingTimeouts"]

    assert float(timeouts["idleConnTimeout"].removesuffix("s")) < kept_s


@on_azure
def test_the_identity_is_the_one_that_terraform_trusts(name: str) -> None:
    variables = (TERRAFORM / "modules/identity/variables.tf").read_text()
    account = of_kind(name, "ServiceAccount")["todo-service"]

    assert f'"{account["metadata"]["namespace"]}:{account["metadata"]["name"]}"' in variables
    assert account["metadata"]["annotations"]["azure.workload.identity/client-id"] == site(name)["clientId"]
    for pod in selected(name, {"app.kubernetes.io/name": "todo-service"}):
        assert pod["metadata"]["labels"]["azure.workload.identity/use"] == "true"
        assert pod["spec"]["serviceAccountName"] == "todo-service"


@on_azure
def test_the_service_reaches_the_subnet_of_its_database_alone(name: str) -> None:
    settings = (TERRAFORM / f"env/{name}.tfvars").read_text()
    default = (TERRAFORM / "variables.tf").read_text()
    pattern = r'database_prefix(?: += |" \{\n.*\n.*\n +default += )"([^"]+)"'
    [prefix] = re.findall(pattern, settings) or re.findall(pattern, default)
    policy = of_kind(name, "NetworkPolicy")["service-to-database"]["spec"]

    [rule] = policy["egress"]
    assert rule == {"to": [{"ipBlock": {"cidr": prefix}}], "ports": [{"port": 5432}, {"port": 6432}]}


@on_azure
def test_the_database_is_reached_without_a_password(name: str) -> None:
    reference = environment(name)["APP_DATABASE_URL"]["valueFrom"]["secretKeyRef"]
    secret = of_kind(name, "Secret")[reference["name"]]["stringData"]
    identity = {"AZURE_CLIENT_ID": "client", "AZURE_TENANT_ID": "tenant", "AZURE_FEDERATED_TOKEN_FILE": "/run/token"}

    url = with_tokens(parse_database_url(secret[reference["key"]]), identity)

    assert secret == {reference["key"]: site(name)["databaseUrl"]}
    assert re.fullmatch(rf"todo-{name}-\w{{4}}-service", url.user or "")
    assert "sslmode=verify-full" in str(url)
    assert ":" not in url.dsn.removeprefix("postgresql://").partition("@")[0]
    assert len(list(of_kind(name, "Secret"))) == 1


@on_azure
def test_everything_that_connects_has_a_token_for_it(name: str) -> None:
    connecting = [
        container
        for pod in selected(name, {"app.kubernetes.io/name": "todo-service"})
        for container in pod["spec"]["containers"]
    ]

    assert len(connecting) == 3
    for each in connecting:
        assert {"name": "APP_DATABASE_AUTH", "value": "entra"} in each["env"]


def test_the_cluster_has_a_version_that_the_manifests_were_checked_with() -> None:
    [default] = re.findall(
        r'kubernetes_version" \{\n.*\n.*\n +default += "([^"]+)"', (TERRAFORM / "variables.tf").read_text()
    )

    assert f'"{default}"' in (ROOT / "ops/tools/verify_k8s.py").read_text().partition("VERSIONS")[2].partition("\n")[0]
