#!/bin/sh
# Brings an image into a cluster, or leaves everything as it was:
#   ops/k8s/deploy.sh OVERLAY IMAGE@sha256:DIGEST [URL]
# First the migration, then the pods, then, if a URL is given, a question to the service there, then what runs at night.
# When the pods do not become ready or the service does not answer, the pods go back to the image before: it can work
# with newer tables.
# Uses the cluster and the rights that kubectl has.
set -eu
[ $# -ge 2 ] && [ $# -le 3 ] || { sed -n '2,3s/^# *//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
overlay=$1 image=$2 url=${3:-}

[ -f "$here/overlays/$overlay/kustomization.yaml" ] || { echo "There is no overlay $overlay." >&2; exit 2; }
# A tag can be moved; what was tested and signed is the digest.
expr "x$image" : 'x[a-z0-9][a-z0-9./_-]*@sha256:[0-9a-f]\{64\}$' >/dev/null ||
    { echo "The image has to be named by its digest: registry/name@sha256:..." >&2; exit 2; }

manifests=$(mktemp)
trap 'rm -f "$manifests"' EXIT
trap 'exit 130' HUP INT TERM
kubectl kustomize "$here/overlays/$overlay" | sed "s|image: todo-app\$|image: $image|" >"$manifests"

# By the server: the dashboards are larger than what kubectl can note down on its own side.
apply() {
    kubectl apply --server-side --force-conflicts --field-manager=deploy --filename "$manifests" --selector "$1"
}

# A Job cannot be changed, so that the last one has to go first.
kubectl --namespace todo delete job todo-migration --ignore-not-found
apply 'app.kubernetes.io/component notin (service, purge)'
while :; do
    state=$(kubectl --namespace todo get job todo-migration \
        --output 'jsonpath={.status.conditions[?(@.status=="True")].type}')
    case $state in
        *Failed*)
            kubectl --namespace todo logs job/todo-migration --tail 50 >&2 || true
            echo "The migration failed. The pods are as they were." >&2
            exit 1
            ;;
        *Complete*) break ;;
    esac
    sleep 2
done

# A version that is refused leaves no revision to go back from.
before=$(kubectl --namespace todo get deployment todo-service --ignore-not-found --output name)
apply 'app.kubernetes.io/component=service'

answers() {
    # The redirect or the certificate of a load balancer says nothing about the service: its own words do.
    curl --fail --silent --show-error --max-time 10 --retry 5 --retry-all-errors "$url/readyz" | grep -q '"ready"' &&
        curl --fail --silent --show-error --max-time 10 --header 'Content-Type: application/json' \
            --data '{"query": "{ __typename }"}' "$url/graphql" | grep -q '"Query"'
}

if kubectl --namespace todo rollout status deployment todo-service --timeout 300s && { [ -z "$url" ] || answers; }; then
    # Not with the rest: an image that did not work may not remove anything.
    apply 'app.kubernetes.io/component=purge'
    echo "$image runs in $overlay."
    exit
fi
if [ -n "$before" ]; then
    kubectl --namespace todo rollout undo deployment todo-service
    kubectl --namespace todo rollout status deployment todo-service --timeout 300s
    echo "$image did not work. The pods are those of the image before again." >&2
fi
exit 1
