"""Nothing is completed without an estimate. Which fields are asked for is a setting, so a company may ask for more.

The same plugin is beside this in Rust and in JavaScript. It knows nothing of the host: that is in app.py, so that the tests
can run this file anywhere.
"""

FILLED = {
    "estimate": lambda issue: issue.estimate is not None,
    "assignees": lambda issue: bool(issue.assignees),
    "due-date": lambda issue: issue.due_date is not None,
    "description": lambda issue: issue.description.strip() != "",
}


def missing(issue, required):
    """The required fields that this issue lacks."""
    return [field for field in required if field in FILLED and not FILLED[field](issue)]


def sentence(fields):
    """`estimate is missing`; `estimate, due-date are missing`."""
    return f"{', '.join(fields)} {'is' if len(fields) == 1 else 'are'} missing"
