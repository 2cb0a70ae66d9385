# The service, as `docker run -p 8082:8082 todo-app` serves it: README.md, "With Docker".
# No syntax line: it would be fetched before every build, and the parser that each engine has will do.

# A release names the base by its digest, which `docker buildx imagetools inspect python:3.12-slim` tells:
# --build-arg PYTHON=python:3.12-slim@sha256:...
ARG PYTHON=python:3.12-slim

# The pages of /graphql and /docs are the same on every architecture: built once, on that of the builder.
FROM --platform=$BUILDPLATFORM $PYTHON AS explorer
WORKDIR /source
COPY requirements-node.txt .
# Where tools/npm.sh would put Node.js itself, with uv.
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --target .tools/node --requirement requirements-node.txt \
    && cp requirements-node.txt .tools/node/made-from
COPY explorer explorer
COPY tools/explorer.sh tools/npm.sh tools/
RUN --mount=type=cache,target=/root/.npm tools/explorer.sh

FROM $PYTHON AS service
ENV PATH=/opt/todo-gql/bin:$PATH
WORKDIR /source
# For strip: the wheels have 18 MB of debugging symbols in them. Any version will do, and none gets into the image.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/todo-gql \
    && pip --python /opt/todo-gql install --no-compile --only-binary :all: --require-hashes --requirement requirements.txt \
    && find /opt -name '*.so*' -exec strip --strip-unneeded {} +
COPY requirements-dev.txt .
# The build backend, with the version and the hashes of the lock: its entry begins with the name and goes on indented.
RUN --mount=type=cache,target=/root/.cache/pip \
    awk '/^[^ ]/ { ours = /^poetry-core==/ } ours' requirements-dev.txt >backend.txt \
    && pip --python /usr/local/bin/python install --require-hashes --requirement backend.txt
COPY LICENSE README.md pyproject.toml ./
COPY todo_gql todo_gql
COPY --from=explorer /source/todo_gql/graphql/graphiql/static todo_gql/graphql/graphiql/static
RUN --mount=type=cache,target=/root/.cache/pip \
    /usr/local/bin/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir . . \
    && pip --python /opt/todo-gql install --no-compile --no-deps --no-index ./*.whl
# Compiled is what gets imported here; the rest would be 14 MB that nobody reads. All times are the same, so that the
# same files come out of the next build.
RUN find /opt -exec touch --no-dereference --date=@0 {} + \
    && python -c 'import aiosqlite, asyncpg, uvloop, todo_gql.__main__, todo_gql.app'
# A layer for the service and one for its dependencies, which change less often.
WORKDIR /opt/todo-gql
RUN mkdir --parents /image/data /image/opt/todo-gql \
    && cp --archive --parents bin/todo-gql lib/*/site-packages/todo_gql* /image/opt/todo-gql \
    && rm -r bin/todo-gql lib/*/site-packages/todo_gql* \
    && find /opt /image -exec touch --no-dereference --date=@0 {} +

FROM $PYTHON
ARG PYTHON
COPY --from=service /opt /opt
COPY --from=service /image/opt /opt
# Empty, and owned by the user of the service: a new volume takes over both.
COPY --from=service --chown=10001:10001 /image/data /data
ARG APP_COMMIT=
LABEL org.opencontainers.image.title="todo_gql" \
      org.opencontainers.image.description="A todo service: GraphQL and REST over one core, on PostgreSQL or SQLite." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="$PYTHON" \
      org.opencontainers.image.revision="$APP_COMMIT"
ENV PATH=/opt/todo-gql/bin:$PATH \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    APP_COMMIT=$APP_COMMIT \
    APP_DATABASE_URL=sqlite:////data/todo.db \
    APP_HOST=0.0.0.0 \
    APP_PORT=8082
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8082
STOPSIGNAL SIGTERM
# Whoever waits for a healthy container wants to use it, so that it is /readyz that is asked.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s \
    CMD ["python", "-c", "import http.client, os, sys; service = http.client.HTTPConnection('127.0.0.1', int(os.environ['APP_PORT']), timeout=4); service.request('GET', '/readyz'); sys.exit(service.getresponse().status != 200)"]
CMD ["todo-gql", "serve"]
