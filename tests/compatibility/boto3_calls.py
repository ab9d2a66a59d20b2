"""Makes the calls that stand on stdin as JSON, through boto3, and prints what came of each, as JSON.

A call names one operation ("call"), one paginator ("pages") or one waiter ("wait"), and its arguments ("with").
Endpoint, region and keys come from the environment, as they do for every program that uses boto3. Client-side checks
are off: what the server says is what counts.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

config = Config(parameter_validation=False, retries={"max_attempts": 1})
client = boto3.client("elasticache", config=config)


def answer_of(call):
    arguments = call.get("with", {})
    if "wait" in call:
        patience = {"Delay": 1, "MaxAttempts": 120}
        client.get_waiter(call["wait"]).wait(WaiterConfig=patience, **arguments)
        return None
    if "pages" in call:
        return list(client.get_paginator(call["pages"]).paginate(**arguments))
    return getattr(client, call["call"])(**arguments)


def outcome(call):
    try:
        return {"answer": answer_of(call)}
    except ClientError as error:
        response = error.response
        return {
            "refused": {
                "exception": type(error).__name__,
                "code": response["Error"]["Code"],
                "message": response["Error"]["Message"],
                "status": response["ResponseMetadata"]["HTTPStatusCode"],
            }
        }
    except WaiterError as error:
        return {"gaveUp": str(error)}


json.dump([outcome(call) for call in json.load(sys.stdin)], sys.stdout, default=str)
