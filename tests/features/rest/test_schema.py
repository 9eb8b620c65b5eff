"""OpenAPI: every error of every operation is declared, and structs are components."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.validation import validate_schema

from carillon.rest.problems import MEDIA_TYPE


def generated() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def test_the_schema_is_valid() -> None:
    validate_schema(generated())


def test_every_operation_declares_its_errors_as_problems() -> None:
    operations = {
        f"{method} {path}": operation
        for path, methods in generated()["paths"].items()
        for method, operation in methods.items()
    }
    assert len(operations) >= 11
    for name, operation in operations.items():
        errors = {code: response for code, response in operation["responses"].items() if code >= "400"}
        assert {"500", "503"} <= errors.keys(), name
        assert all(set(response["content"]) == {MEDIA_TYPE} for response in errors.values()), name
        needs_sign_in = {} not in operation["security"]
        assert not needs_sign_in or "401" in errors, name
        assert "requestBody" not in operation or {"400", "413", "415"} <= errors.keys(), name


@pytest.mark.parametrize("version", ["3.0.3", "3.1.1"])
def test_it_is_valid_in_the_version_a_host_prefers(version: str) -> None:
    with patched_settings({"OAS_VERSION": version}):
        validate_schema(generated())


def test_tokens_are_described() -> None:
    assert generated()["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
