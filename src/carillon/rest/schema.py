"""OpenAPI: structs as components, every error response declared, the `Idempotency-Key` parameter."""

from __future__ import annotations

from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import Direction, OpenApiExample, OpenApiParameter, OpenApiResponse

from carillon.rest.problems import MEDIA_TYPE


class FieldProblem(msgspec.Struct, frozen=True):
    """One field that was refused and why."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document (RFC 9457); `code` is for programs, `detail` for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldProblem] | msgspec.UnsetType = msgspec.UNSET
    retry_after: float | msgspec.UnsetType = msgspec.UNSET


_MEANINGS = {
    400: "The request cannot be understood, or is not acceptable.",
    401: "Nobody is signed in, or the credential is not good.",
    403: "The person may not do this.",
    404: "There is no such thing, or the person may not know of it.",
    405: "The resource does not answer to this method.",
    409: "The state of things does not allow it now.",
    410: "What is meant was deleted.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests.",
    500: "A fault of ours, recorded under the request id.",
    503: "The service cannot answer now; nothing was done.",
}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    # Printable ASCII; blanks around a header's value are no part of it.
    {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description="The same key, person, operation and body get the same answer for 24 hours.",
)


def example(**body: Any) -> list[OpenApiExample]:
    """An example of a request's body, for `extend_schema`."""
    return [OpenApiExample("Example", body, request_only=True)]


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The `responses` of these error statuses, for `extend_schema`; 500 and 503 are always among them."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(Problem, description=_MEANINGS[status])
        for status in sorted({*statuses, 500, 503})
    }


class CarillonSchema(AutoSchema):
    """Describes our views also in hosts whose REST_FRAMEWORK names no schema class."""


class _StructExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Lets `extend_schema` take msgspec structs, the very ones that sockets speak."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        """The struct's own name."""
        return _name(self.target)

    def get_identity(self, auto_schema: AutoSchema, direction: str) -> str:
        """The same component whether it is met alone or inside another."""
        return _name(self.target)

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """The struct's JSON Schema; the structs inside it become components too."""
        _, components = msgspec.json.schema_components([self.target], ref_template="#/components/schemas/{name}")
        for name, found in components.items():
            if name != _name(self.target):
                _register(auto_schema, name, _for_version(found))
        return dict(_for_version(components[_name(self.target)]))


class ListOf:
    """Says in `extend_schema` that the body is a list of this struct."""

    def __init__(self, struct: type[msgspec.Struct]) -> None:
        self.struct = struct


class _ListExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Writes `ListOf` as an array component."""

    target_class = "carillon.rest.schema.ListOf"

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        """The struct's name, and List."""
        return f"{_name(self.target.struct)}List"

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """An array of references."""
        return {"type": "array", "items": auto_schema.resolve_serializer(self.target.struct, direction).ref}


def _name(struct: Any) -> str:
    return str(struct.__name__)


def _register(auto_schema: AutoSchema, name: str, schema: dict[str, Any]) -> None:
    component = ResolvedComponent(  # type: ignore[no-untyped-call]
        name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name
    )
    if component not in auto_schema.registry:
        auto_schema.registry.register(component)


def _for_version(schema: Any) -> Any:
    """OpenAPI 3.0 knows no null type: `X or null` is said with `nullable` there."""
    if isinstance(schema, list):
        return [_for_version(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    # An empty list of required fields is refused by 3.0.
    plain = {key: _for_version(value) for key, value in schema.items() if (key, value) != ("required", [])}
    if (
        "type" not in plain
        and isinstance(values := plain.get("enum"), list)
        and all(isinstance(v, str) for v in values)
    ):
        # spectacular's own treatment of enums expects the type to be told.
        plain["type"] = "string"
    if not spectacular_settings.OAS_VERSION.startswith("3.0"):
        return plain
    if plain.get("type") == "null":
        # Nothing but null, as an attachment is until there are files.
        return {**plain, "type": "string", "nullable": True, "enum": [None]}
    choices = plain.get("anyOf", [])
    nothing = _for_version({"type": "null"})
    if nothing in choices:
        rest = [choice for choice in choices if choice != nothing]
        del plain["anyOf"]
        return (
            {**plain, "nullable": True, "allOf": rest} if len(rest) == 1 else {**plain, "nullable": True, "oneOf": rest}
        )
    return plain
