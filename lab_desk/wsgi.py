from site_common.wsgi import of_site

application = of_site("lab_desk", frozenset())
