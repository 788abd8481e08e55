# One image for all sites; SITE_PACKAGE says which one a container is.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Complete and hashed; --no-deps because django-simple-sso's pin of itsdangerous from 2014
# is overridden (docs/dependencies.md).
COPY requirements/site.txt /tmp/site.txt
RUN pip install --root-user-action=ignore --no-deps --require-hashes -r /tmp/site.txt \
    && python -m compileall -q "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && rm /tmp/site.txt

# A new volume takes over this folder's owner: the sites' databases are theirs.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin site \
    && install -d -o site -g site -m 0700 /data \
    && install -d -o site -g site -m 0711 /events

WORKDIR /app
COPY lab.toml ./
COPY lab/__init__.py lab/errors.py lab/ideas.py lab/kinds.py lab/rows.py lab/table.py lab/
COPY docs/protocol.md docs/
COPY sso_kit sso_kit
COPY site_common site_common
# >>> sites: from lab.toml, by `make generate`
COPY lab_desk lab_desk
COPY server_site server_site
COPY client_a client_a
COPY client_b client_b
# <<< sites
RUN PYTHONDONTWRITEBYTECODE= python -m compileall -q .

USER 10001
EXPOSE 8000
CMD ["gunicorn", "-c", "site_common/gunicorn.conf.py"]
