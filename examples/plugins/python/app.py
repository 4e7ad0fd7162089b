"""What becomes the component: the plugin's answers as values of the contract."""

import json

import plugin
from wit_world import exports
from wit_world.imports import log, settings
from wit_world.imports.types import Category, FieldError
from wit_world.exports.workflow import (
    Denial,
    NextState,
    Proposal_Create,
    Proposal_Transition,
    Verdict_Allow,
    Verdict_Deny,
)


def required():
    text = settings.get("required")
    return ["estimate"] if text is None else json.loads(text)


def logged(run):
    """A component that raises tells its host nothing, so the log does."""

    def running(*given):
        try:
            return run(*given)
        except Exception as error:
            # Not `traceback`: it reads source files, and a component has none.
            log.write(log.Level.ERROR, f"{type(error).__name__}: {error}", [])
            raise

    return running


class Workflow(exports.Workflow):
    def amend(self, call, issue, proposal):
        return []

    @logged
    def validate(self, call, issue, proposal):
        fields = plugin.missing(issue, required()) if completes(issue, proposal) else []
        if not fields:
            return Verdict_Allow()
        # One that is being created has no key yet.
        message = f"{issue.key or 'this issue'} is not done: {plugin.sentence(fields)}"
        return Verdict_Deny(Denial(message, [FieldError(key, "is missing") for key in fields]))

    @logged
    def next_states(self, call, issues, candidates):
        fields = required()
        return [narrowed(plugin.missing(issue, fields), states) for issue, states in zip(issues, candidates)]


def completes(issue, proposal):
    """Whether the issue would be completed: by a move, or because it is created so."""
    if isinstance(proposal, Proposal_Create):
        return issue.state.category == Category.COMPLETED
    return isinstance(proposal, Proposal_Transition) and proposal.value.to.category == Category.COMPLETED


def narrowed(fields, states):
    """Every state, those of completion only when nothing is missing."""
    return [
        NextState(state, False, plugin.sentence(fields))
        if fields and state.category == Category.COMPLETED
        else NextState(state, True, None)
        for state in states
    ]
