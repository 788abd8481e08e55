"""What tests and benchmark share: a running lab, browsers, one run of all suites."""
