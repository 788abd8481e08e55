import pytest

# No module of tests by its name: without this its assertions would fail without saying how.
pytest.register_assert_rewrite("tests.sites.every_app")
