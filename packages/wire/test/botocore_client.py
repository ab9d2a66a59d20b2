#!/usr/bin/env python3
"""A botocore client driven by the test that started it: one JSON line in per call, one JSON line out.

In:  {"url", "service", "operation", "input", "output"}  the server will answer this call with `output`
Out: {"input": what was sent, "wrong": how the parsed output differs from `output`, or null}
     {"code", "status", "message"} for a call that was answered with an error
     {"unknown": true} for an operation that this botocore's models do not have

Members that this botocore does not know are left out on both sides: its models and the SDK's have different ages.
Timestamps travel as {"$time": milliseconds} and bytes as {"$bytes": base64}.
"""

import base64
import datetime
import json
import sys

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

CLIENTS = {}
UTC = datetime.timezone.utc


def client_of(service, url):
    if service not in CLIENTS:
        session = botocore.session.Session()
        session.set_credentials("AKIDEXAMPLE", "secret")
        config = Config(parameter_validation=False, retries={"max_attempts": 0}, inject_host_prefix=False)
        CLIENTS[service] = session.create_client(service, region_name="us-east-1", endpoint_url=url, config=config)
    return CLIENTS[service]


def known(shape, value, leaf):
    """The part of a value that a shape knows, its scalars converted by `leaf`."""
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        return {name: known(shape.members[name], item, leaf) for name, item in value.items() if name in shape.members}
    if shape.type_name == "list":
        return [known(shape.member, item, leaf) for item in value]
    if shape.type_name == "map":
        return {key: known(shape.value, item, leaf) for key, item in value.items()}
    return leaf(value)


def spellable(value):
    """Without the structures of which nothing was known: a form cannot say an empty one."""
    if isinstance(value, dict):
        inside = {key: spellable(item) for key, item in value.items()}
        return {key: item for key, item in inside.items() if item not in ({}, [])}
    if isinstance(value, list):
        return [item for item in map(spellable, value) if item not in ({}, [])]
    return value


def decoded(value):
    if isinstance(value, dict) and "$time" in value:
        return datetime.datetime.fromtimestamp(value["$time"] / 1000, UTC)
    if isinstance(value, dict) and "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    return value


def encoded(value):
    if isinstance(value, datetime.datetime):
        return {"$time": round(value.astimezone(UTC).timestamp() * 1000)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: encoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    return value


def difference(wanted, got, path=""):
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted({*wanted, *got}):
            if wanted.get(key) != got.get(key):
                return difference(wanted.get(key), got.get(key), f"{path}.{key}")
    return f"{path}: wanted {str(wanted)[:200]}, got {str(got)[:200]}"


def call(case):
    client = client_of(case["service"], case["url"])
    if case["operation"] not in client.meta.service_model.operation_names:
        return {"unknown": True}
    model = client.meta.service_model.operation_model(case["operation"])
    sent = spellable(known(model.input_shape, case["input"], lambda value: value)) if model.input_shape else {}
    values = known(model.input_shape, sent, decoded) if model.input_shape else {}
    try:
        result = client._make_api_call(case["operation"], values)
    except ClientError as error:
        response = error.response
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        return {"code": response["Error"]["Code"], "status": status, "message": response["Error"]["Message"]}
    result.pop("ResponseMetadata", None)
    wanted = known(model.output_shape, case["output"], lambda value: value) if model.output_shape else {}
    got = encoded(result)
    return {"input": sent, "wrong": None if wanted == got else difference(wanted, got)}


def main():
    for line in sys.stdin:
        try:
            answer = call(json.loads(line))
        except Exception as error:  # reported to the test, which fails with it
            answer = {"failed": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
