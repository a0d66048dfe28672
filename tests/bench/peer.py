"""The same function as a Python team would write it: boto3 for AWS, msal at hand, requests to Graph.

Runs the loop of the Runtime API itself, which is less than what Lambda's own Python client does. With GRAPH_TOKEN it
creates events: reads connection, key and customer, opens the token, claims, posts to Graph, settles: the calls that
`interviews` makes for a fresh token with the key in memory, in the same order.
"""

import http.client
import json
import os
import time
import uuid

import boto3
import msal  # noqa: F401: what a sign-in needs is loaded by every handler that may redeem
import requests
from botocore.config import Config
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ONCE = Config(retries={"max_attempts": 1})
dynamodb = boto3.client("dynamodb", config=ONCE)
kms = boto3.client("kms", config=ONCE)
graph = requests.Session()
TABLE = os.environ["TABLE_NAME"]
PLACE = {"pk": {"S": "PEER"}, "sk": {"S": "CONNECTION"}}
KEY = AESGCM(os.urandom(32))


def prepare(token):
    """A connection as the peer stores it."""
    nonce = os.urandom(12)
    sealed = nonce + KEY.encrypt(nonce, token.encode(), b"PEER")
    dynamodb.put_item(TableName=TABLE, Item=PLACE | {"tokens": {"B": sealed}})


def put(name, value):
    return {"TableName": TABLE, "Item": {"pk": {"S": "PEER"}, "sk": {"S": name}, "value": {"S": json.dumps(value)}},
            "ConditionExpression": "attribute_not_exists(pk)"}


def create(event):
    caller = event["requestContext"]["authorizer"]["jwt"]["claims"]
    asked = json.loads(event["body"])
    if "interviews" not in caller["scope"].split() or not asked["title"]:
        return {"statusCode": 403, "body": "{}"}
    claim = str(uuid.uuid4())
    keys = [PLACE, PLACE | {"sk": {"S": "KEY"}}, PLACE | {"sk": {"S": "CUSTOMER"}}]
    read = dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
    dynamodb.put_item(**put("CLAIM#" + claim, asked))
    sealed = read["Responses"][TABLE][0]["tokens"]["B"]
    token = KEY.decrypt(sealed[:12], sealed[12:], b"PEER").decode()
    people = asked["candidates"] + asked["interviewers"]
    body = {
        "subject": asked["title"], "transactionId": claim, "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        "body": {"contentType": "HTML", "content": asked["body_html"]},
        "start": {"dateTime": asked["start"], "timeZone": "Romance Standard Time"},
        "end": {"dateTime": asked["end"], "timeZone": "Romance Standard Time"},
        "attendees": [{"type": "required", "emailAddress": {"address": p["email"]}} for p in people],
    }
    headers = {"authorization": "Bearer " + token, "client-request-id": claim, "prefer": 'IdType="ImmutableId"'}
    made = graph.post(os.environ["MICROSOFT_GRAPH_URL"] + "/v1.0/me/events", json=body, headers=headers)
    if made.status_code != 201:
        return {"statusCode": 502, "body": made.text}
    answer = {"id": claim, "join_url": made.json()["onlineMeeting"]["joinUrl"]}
    settled = [{"Put": put(name + claim, answer)} for name in ("INT#", "SETTLED#")]
    dynamodb.transact_write_items(TransactItems=settled)
    print(json.dumps({"message": "Answered", "status": 201, "at": time.time()}), flush=True)
    return {"statusCode": 201, "body": json.dumps(answer)}


def main():
    if token := os.environ.get("GRAPH_TOKEN"):
        prepare(token)
    wire = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    path = "/2018-06-01/runtime/invocation/"
    while True:
        wire.request("GET", path + "next")
        given = wire.getresponse()
        request, event = given.headers["lambda-runtime-aws-request-id"], json.loads(given.read())
        answer = create(event) if event.get("body") else {"statusCode": 200, "body": "{}"}
        wire.request("POST", path + request + "/response", json.dumps(answer))
        wire.getresponse().read()


main()
