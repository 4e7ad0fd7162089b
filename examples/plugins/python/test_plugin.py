"""The plugin's rule on any Python: no server and no WebAssembly."""

import unittest
from types import SimpleNamespace

import plugin


def issue(**more):
    nothing = {"description": "", "estimate": None, "assignees": [], "due_date": None}
    return SimpleNamespace(**{**nothing, **more})


class TheRule(unittest.TestCase):
    def test_an_issue_without_estimate_lacks_it(self):
        self.assertEqual(plugin.missing(issue(), ["estimate"]), ["estimate"])

    def test_an_estimate_of_nothing_is_one(self):
        self.assertEqual(plugin.missing(issue(estimate=0), ["estimate"]), [])

    def test_a_company_may_ask_for_other_fields(self):
        self.assertEqual(plugin.missing(issue(), ["assignees", "due-date"]), ["assignees", "due-date"])

    def test_a_field_that_nobody_knows_is_not_missing(self):
        self.assertEqual(plugin.missing(issue(), ["colour"]), [])

    def test_one_is_missing_and_two_are(self):
        self.assertEqual(plugin.sentence(["estimate"]), "estimate is missing")
        self.assertEqual(plugin.sentence(["estimate", "due-date"]), "estimate, due-date are missing")


if __name__ == "__main__":
    unittest.main()
