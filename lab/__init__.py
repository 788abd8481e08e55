"""What runs the lab: the table, the two runtimes, and the commands behind `make`.

`make up`, from top to bottom:

    Makefile                       a virtual environment, where there is none:
      machine/bootstrap.py
    __main__.py                    python -m lab up
      commands/running.py          up: the order of all that follows
        generate/                  refuses files that don't follow lab.toml
        place.py                   which folder, which port
        runtimes/choice.py         as local processes or as containers?
        runtimes/local.py          or runtimes/compose.py, which has docker-compose.yml do it
          secrets.py               makes those that a site never had
          runtimes/nginx.py        fills in nginx/templates
          runtimes/supervision.py  starts supervisord, which starts for each service
            runtimes/serve.py      which takes its environment (environment.py) and becomes
              nginx                or
              gunicorn             with site_common/gunicorn.conf.py: `provision`, then workers
          runtimes/ready.py        waits until every site answers through nginx
        commands/banner.py         says where it is and who can sign in

Its layers: the modules of lab/ itself, machine/, generate/, runtimes/, commands/, __main__.py.
A module imports from its own and from those before it.
"""
