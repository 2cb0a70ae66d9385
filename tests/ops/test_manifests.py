from tests.ops.overlays import (
    K8S,
    build,
    container,
    environment,
    of_kind,
    on_azure,
    on_each,
    overlay,
    pods,
    selected,
    site,
)


@on_each
def test_nothing_but_traefik_can_be_reached_from_outside(name: str) -> None:
    assert {each["spec"]["type"] for each in of_kind(name, "Service").values()} == {"ClusterIP"}
    assert set(of_kind(name, "Ingress")) == {"todo-ingress"}


@on_each
def test_what_the_ingress_names_is_there(name: str) -> None:
    ingress = of_kind(name, "Ingress")["todo-ingress"]
    annotations = ingress["metadata"]["annotations"]
    middlewares = annotations["traefik.ingress.kubernetes.io/router.middlewares"].split(",")
    service = of_kind(name, "Service")["todo-service"]
    transport = service["metadata"]["annotations"]["traefik.ingress.kubernetes.io/service.serverstransport"]
    [rule] = ingress["spec"]["rules"]

    # Traefik calls what is defined in Kubernetes NAMESPACE-NAME@kubernetescrd.
    assert {f"todo-{each}@kubernetescrd" for each in of_kind(name, "Middleware")} == set(middlewares)
    assert {f"todo-{each}@kubernetescrd" for each in of_kind(name, "ServersTransport")} == {transport}
    assert rule["host"] == site(name)["host"]
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == "todo-service"


@on_each
def test_answers_are_not_buffered(name: str) -> None:
    assert [each for each in of_kind(name, "Middleware").values() if "buffering" in each["spec"]] == []


@on_azure
def test_callers_come_by_https(name: str) -> None:
    ingress = of_kind(name, "Ingress")["todo-ingress"]

    assert ingress["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.entrypoints"] == "websecure"
    assert ingress["spec"]["tls"] == [{"hosts": [site(name)["host"]], "secretName": "todo-tls"}]


@on_each
def test_a_selector_selects_something(name: str) -> None:
    selectors = [
        each["spec"]["selector"]
        for each in overlay(name)
        if each["kind"] in {"Deployment", "Service", "PodDisruptionBudget"}
    ]
    selectors += [each["spec"]["podSelector"] for each in of_kind(name, "NetworkPolicy").values()]

    assert [each for each in selectors if not selected(name, each)] == []


@on_each
def test_everything_is_forbidden_first(name: str) -> None:
    nothing = of_kind(name, "NetworkPolicy")["nothing"]["spec"]

    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@on_each
def test_only_traefik_reaches_the_service(name: str) -> None:
    [pod] = selected(name, {"app.kubernetes.io/component": "service"})

    policies = [
        policy["spec"]["ingress"]
        for policy in of_kind(name, "NetworkPolicy").values()
        if "ingress" in policy["spec"] and pod in selected(name, policy["spec"]["podSelector"])
    ]

    [[rule]] = policies
    assert rule["ports"] == [{"port": "http"}]
    assert rule["from"][0]["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "traefik"}


@on_each
def test_pods_are_as_restricted_as_the_namespace_wants_them(name: str) -> None:
    for pod in pods(name):
        if pod["metadata"]["labels"]["app.kubernetes.io/name"] == "otel-collector":
            continue
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for each in pod["spec"]["containers"]:
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


@on_each
def test_the_service_and_its_migration_run_the_same_image_on_the_same_database(name: str) -> None:
    [migration] = of_kind(name, "Job")["todo-migration"]["spec"]["template"]["spec"]["containers"]

    assert migration["image"] == container(name)["image"]
    assert migration["args"] == ["todo-gql", "migrate"]
    assert migration["env"] == [each for each in container(name)["env"] if each["name"].startswith("APP_DATABASE_")]


@on_each
def test_the_purge_runs_as_the_migration_does_but_one_at_a_time_and_not_for_ever(name: str) -> None:
    job = of_kind(name, "CronJob")["todo-purge"]["spec"]
    [purge] = job["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    [migration] = of_kind(name, "Job")["todo-migration"]["spec"]["template"]["spec"]["containers"]

    differing = {key for key in purge.keys() | migration.keys() if purge.get(key) != migration.get(key)}

    assert differing == {"name", "args", "resources"}
    assert purge["args"] == ["todo-gql", "purge"]
    assert (job["concurrencyPolicy"], job["timeZone"]) == ("Forbid", "Etc/UTC")
    assert job["jobTemplate"]["spec"]["activeDeadlineSeconds"] < 24 * 3600


@on_each
def test_what_works_on_the_database_may_reach_it_and_is_reached_by_nobody(name: str) -> None:
    to_database = of_kind(name, "NetworkPolicy")["service-to-database"]["spec"]["podSelector"]
    jobs = [pod for pod in pods(name) if pod["spec"].get("restartPolicy") == "Never"]

    assert len(jobs) == 2
    for pod in jobs:
        assert pod in selected(name, to_database)
        for each in ("Service", "PodDisruptionBudget"):
            selectors = [one["spec"]["selector"] for one in of_kind(name, each).values()]
            assert all(pod not in selected(name, selector) for selector in selectors)


@on_each
def test_two_pods_or_more_run_and_none_goes_before_a_new_one_is_ready(name: str) -> None:
    deployment = of_kind(name, "Deployment")["todo-service"]["spec"]
    autoscaler = of_kind(name, "HorizontalPodAutoscaler").get("todo-service")

    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    # With an autoscaler the number is the autoscaler's alone.
    assert ("replicas" in deployment) == (autoscaler is None)
    assert (autoscaler["spec"]["minReplicas"] if autoscaler else deployment["replicas"]) >= 2


@on_each
def test_telemetry_goes_where_it_may_go(name: str) -> None:
    endpoint = environment(name)["OTEL_EXPORTER_OTLP_ENDPOINT"]["value"]

    if "otel-collector" in of_kind(name, "Service"):
        ports = [each["port"] for each in of_kind(name, "Service")["otel-collector"]["spec"]["ports"]]
        assert ports == [3000, 4317, 4318]
        assert endpoint == "http://otel-collector:4317"
        assert {"service-to-collector", "collector-from-service"} <= set(of_kind(name, "NetworkPolicy"))
    else:
        assert endpoint == site(name)["otlpEndpoint"]


def test_the_namespace_is_restricted_but_for_otel_lgtm() -> None:
    def enforced(folder: str) -> object:
        [namespace] = build(K8S / "namespace" / folder)
        return namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]

    assert (enforced("restricted"), enforced("otel-lgtm")) == ("restricted", "baseline")
