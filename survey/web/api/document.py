"""The description of the API as OpenAPI 3.1, written from the declared operations."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import Annotated, Any

from flask import Response, jsonify
from pydantic import BaseModel, Field

from survey.web.api import access, problem
from survey.web.api.operations import IDEMPOTENCY, KEY_PATTERN, OPERATIONS, Model, Operation, pages

REFERENCE = "#/components/schemas/{model}"
ALWAYS = (401, 403, 405, 422, 429, 500, 503)


class Wrong(BaseModel):
    """What is wrong in one place of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    faults: Annotated[list[Wrong], Field(max_length=problem.MOST_FAULTS)] = []
    number_of_faults: int = 0


@pages.get("/openapi.json")
def describe() -> Response:
    """Describe the API; no key is needed to read it."""
    access.count_unauthenticated()
    return jsonify(document())


@functools.cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(f"/api/v1{one.rule}", {})[one.method.lower()] = _operation(one, schemas)
    _schema(Problem, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hài Lòng",
            "version": "1.0.0",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _operation(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    statuses = sorted({*ALWAYS, *one.errors, *((400, 409, 413, 415) if one.body else ())})
    failed = {"content": {problem.MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}}
    description: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary.splitlines()[0],
        "description": one.summary + (f"\n\nScope: `{one.scope}`." if one.scope else ""),
        "parameters": [*_parameters(one.query, "query"), *(_parameters(one.path, "path") if one.path else [])],
        "responses": {
            "200": {"description": "OK", "content": _reply(one, schemas)},
            **{str(status): {"description": HTTPStatus(status).phrase} | failed for status in statuses},
        },
    }
    description["responses"]["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    if one.repeatable:
        description["parameters"].append(
            {
                "name": IDEMPOTENCY,
                "in": "header",
                "required": one.needs_key,
                "schema": {"type": "string", "pattern": KEY_PATTERN},
            }
        )
    if one.body:
        content = {"application/json": {"schema": _schema(one.body, schemas)}}
        description["requestBody"] = {"required": True, "content": content}
    return description


def _reply(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    if isinstance(one.returns, tuple):
        return {kind: {"schema": {"type": "string"} if "svg" in kind else {}} for kind in one.returns}
    return {"application/json": {"schema": _schema(one.returns, schemas, "serialization")}}


def _schema(model: Model, schemas: dict[str, Any], mode: Any = "validation") -> dict[str, str]:
    schema = model.model_json_schema(ref_template=REFERENCE, mode=mode)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _parameters(model: Model, place: str) -> list[dict[str, Any]]:
    model_schema = model.model_json_schema(ref_template=REFERENCE)
    needed = set(model_schema.get("required", ()))
    return [
        {"name": name, "in": place, "required": name in needed or place == "path", **_about(schema)}
        for name, schema in model_schema["properties"].items()
    ]


def _about(schema: dict[str, Any]) -> dict[str, Any]:
    """Turn "a text or nothing" into an optional text: a parameter is left out, never null."""
    description = {"description": schema.pop("description")} if "description" in schema else {}
    schema.pop("title", None)
    if "anyOf" in schema:
        [schema] = [one for one in schema["anyOf"] if one != {"type": "null"}]
    return {"schema": schema} | description
