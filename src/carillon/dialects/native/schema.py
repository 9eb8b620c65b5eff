"""carillon.v1 as JSON Schema and AsyncAPI 3, made from the very structs that the server encodes and decodes."""

from __future__ import annotations

from typing import Any

import msgspec

from carillon.dialects.native import frames
from carillon.realtime.command import Nothing, registered_commands
from carillon.realtime.event import registered_facts
from carillon.realtime.exchange import BUILT_IN

JsonSchema = dict[str, Any]

_CONTROL = (
    frames.HelloFrame,
    frames.ResyncFrame,
    frames.DrainFrame,
    frames.TokenExpiringFrame,
    frames.ErrorFrame,
    frames.ReplyFrame,
)


def native_schema() -> JsonSchema:
    """One document with a definition for each struct, each event frame and each command frame."""
    facts, commands = registered_facts(), _commands()
    structs = [
        *facts.values(),
        *_CONTROL,
        *(struct for pair in commands.values() for struct in pair if struct is not Nothing),
        Nothing,
    ]
    _, components = msgspec.json.schema_components(structs, ref_template="#/$defs/{name}")
    definitions = dict(components)
    definitions.update({_title(name) + "Event": _event_frame(name, _ref(struct)) for name, struct in facts.items()})
    definitions.update(
        {_title(name) + "Command": _command_frame(name, params) for name, (params, _) in commands.items()}
    )
    definitions["ServerFrame"] = {
        "anyOf": [_ref_to(_title(name) + "Event") for name in sorted(facts)] + [_ref(each) for each in _CONTROL]
    }
    definitions["ClientFrame"] = {"anyOf": [_ref_to(_title(name) + "Command") for name in sorted(commands)]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "carillon.v1",
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }


def asyncapi(version: str) -> JsonSchema:
    """The socket as AsyncAPI 3.0: one channel, what the server sends and what it takes."""
    schemas = msgspec.json.decode(
        msgspec.json.encode(native_schema()["$defs"]).replace(b"#/$defs/", b"#/components/schemas/")
    )
    sent = sorted(name for name in schemas if name.endswith("Event")) + [each.__name__ for each in _CONTROL]
    taken = sorted(name for name in schemas if name.endswith("Command"))
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Carillon, carillon.v1", "version": version},
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/ws/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in [*sent, *taken]},
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": {
            "send": {"action": "send", "channel": {"$ref": "#/channels/socket"}, "messages": _messages(sent)},
            "receive": {"action": "receive", "channel": {"$ref": "#/channels/socket"}, "messages": _messages(taken)},
        },
        "components": {
            "messages": {name: {"payload": {"$ref": f"#/components/schemas/{name}"}} for name in [*sent, *taken]},
            "schemas": schemas,
        },
    }


def _commands() -> dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]]:
    own = {name: (each.params, each.reply) for name, each in registered_commands().items()}
    return {**BUILT_IN, **own}


def _event_frame(name: str, data: JsonSchema) -> JsonSchema:
    return _frame(
        name,
        {
            "topic": {"type": "string"},
            "epoch": {"type": "string"},
            "offset": {"type": "integer", "minimum": 1},
            "at": {"type": "string", "format": "date-time"},
            "data": data,
        },
        optional=("epoch", "offset"),
    )


def _command_frame(name: str, params: type[msgspec.Struct]) -> JsonSchema:
    texts: JsonSchema = {"ref": {"type": "string"}, "client_id": {"type": "string"}}
    return _frame(name, {**texts, "data": _ref(params)}, optional=("ref", "client_id"))


def _frame(name: str, properties: JsonSchema, optional: tuple[str, ...]) -> JsonSchema:
    return {
        "type": "object",
        "properties": {"type": {"const": name}, **properties},
        "required": ["type", *[key for key in properties if key not in optional]],
        "additionalProperties": False,
    }


def _messages(names: list[str]) -> list[JsonSchema]:
    return [{"$ref": f"#/channels/socket/messages/{name}"} for name in names]


def _ref(struct: type[msgspec.Struct]) -> JsonSchema:
    return _ref_to(struct.__name__)


def _ref_to(name: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{name}"}


def _title(name: str) -> str:
    return "".join(word.title() for part in name.split(".") for word in part.split("_"))
