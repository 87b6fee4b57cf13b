"""Greet Caller: looks a caller up among the contacts and leaves a greeting."""

import json

import wit_world
from componentize_py_types import Err
from wit_world.imports import call, phone
from wit_world.imports.dynamics import Operation, ReadOptions
from wit_world.imports.types import (
    Effect_SetVariable,
    Exit,
    Failure_Dynamics,
    Manifest,
    Outcome,
    Output,
    OutputKind,
    VariableAssignment,
)

PROPERTIES = {
    "type": "object",
    "properties": {
        "number": {
            "type": "string",
            "description": "The caller's number in any notation, such as `$(item.from)`.",
            "x-patchcord-kind": "text",
        },
        "greeting": {
            "type": "string",
            "description": "The variable that receives the greeting.",
            "x-patchcord-kind": "variable-name",
        },
    },
    "required": ["number", "greeting"],
    "additionalProperties": False,
    "x-patchcord-tables": ["contacts"],
}

CONTACTS = phone.Search("contacts", ["telephone1", "mobilephone"], ["fullname"], active_only=True)
SHARED = ReadOptions(None, None, annotations=False, share=True, max_age_ms=None, stale_for_ms=None)


class WitWorld(wit_world.WitWorld):
    def describe(self) -> Manifest:
        """What this block is, and what it may do."""
        return Manifest(
            id="example.greet-caller-python",
            version="0.1.0-dev",
            title="Greet Caller",
            category="Examples",
            description="Looks a caller up among the contacts and leaves a greeting.",
            icon="phone",
            properties=json.dumps(PROPERTIES),
            exits=[Exit("no_data", "No Data", "Nobody has this number.")],
            outputs=[Output("greeting", OutputKind.VARIABLE, "The greeting.")],
            operations=[Operation.QUERY],
            selects_account=False,
            pops_screen=False,
        )

    def run(self, properties: str) -> Outcome:
        """Does the work. What is raised leaves the step by `failed`."""
        wanted = json.loads(properties)
        try:
            found = phone.find(wanted["number"], [CONTACTS], 2, SHARED)
        except Err as error:
            raise Err(Failure_Dynamics(error.value)) from error
        if found.verdict in (phone.Verdict.NO_NUMBER, phone.Verdict.NOBODY):
            call.log(call.Level.INFO, "nobody has this number")
            return Outcome("no_data", [])
        call.log(call.Level.INFO, f"{found.records.count()} contact(s) have this number")
        one = found.verdict == phone.Verdict.ONE
        name = json.loads(found.records.column(0, "fullname") or "null") if one else None
        value = json.dumps(f"Hello, {name}!" if name else "Hello!")
        return Outcome(None, [Effect_SetVariable(VariableAssignment(wanted["greeting"], value))])
