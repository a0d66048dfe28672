"""What the emulator leaves to us around `sam deploy`; everything goes to the AWS_ENDPOINT_URL that is set.

    stack.py key STACK            prints the ARN of the signing key
    stack.py routes STACK LISTEN CERTIFICATE
                                  makes the routes that the template's inline OpenAPI body names; prints what the
                                  stories need to know as one line of JSON
    stack.py shows STACK          prints the resources that were made, by type
"""

import json
import os
import sys

import boto3


def resources(stack):
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    found = [r for page in pages for r in page["StackResourceSummaries"]]
    unfinished = [r["LogicalResourceId"] for r in found if not r["ResourceStatus"].endswith("_COMPLETE")]
    if unfinished:
        sys.exit(f"not complete: {unfinished}")
    return found


def physical(stack, kind, logical=None):
    [found] = [
        r["PhysicalResourceId"]
        for r in resources(stack)
        if r["ResourceType"] == kind and logical in (None, r["LogicalResourceId"])
    ]
    return found


def key(stack):
    name = physical(stack, "AWS::KMS::Key", "SigningKey")
    print(boto3.client("kms").describe_key(KeyId=name)["KeyMetadata"]["Arn"])


def listener(stack):
    """A queue that hears whatever is told on the bus, as a rule of the operator's would."""
    sqs, events = boto3.client("sqs"), boto3.client("events")
    url = sqs.create_queue(QueueName=f"{stack}-heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = physical(stack, "AWS::Events::EventBus")
    events.put_rule(Name="heard", EventBusName=bus, EventPattern=json.dumps({"source": ["convene"]}))
    events.put_targets(Rule="heard", EventBusName=bus, Targets=[{"Id": "heard", "Arn": arn}])
    return url


def authorizers(gateway, api, schemes):
    made = {}
    for name, scheme in schemes.items():
        told = scheme["x-amazon-apigateway-authorizer"]
        answer = gateway.create_authorizer(
            ApiId=api,
            Name=name,
            AuthorizerType="JWT",
            IdentitySource=[told["identitySource"]],
            JwtConfiguration={
                "Issuer": told["jwtConfiguration"]["issuer"],
                "Audience": told["jwtConfiguration"]["audience"],
            },
        )
        made[name] = answer["AuthorizerId"]
    return made


def routes(stack, listen, certificate):
    """CloudFormation makes them from `Body`; the emulator drops it."""
    gateway, functions = boto3.client("apigatewayv2"), boto3.client("lambda")
    api = physical(stack, "AWS::ApiGatewayV2::Api")
    for route in gateway.get_routes(ApiId=api)["Items"]:
        gateway.delete_route(ApiId=api, RouteId=route["RouteId"])
    template = boto3.client("cloudformation").get_template(StackName=stack, TemplateStage="Processed")
    body = resolved(stack, template["TemplateBody"]["Resources"]["HttpApi"]["Properties"]["Body"])
    ids = authorizers(gateway, api, body["components"]["securitySchemes"])
    integrations = {}
    for path, methods in body["paths"].items():
        for method, told in methods.items():
            name = told["x-amazon-apigateway-integration"]["uri"]
            if name not in integrations:
                arn = functions.get_function(FunctionName=physical(stack, "AWS::Lambda::Function", name))
                answer = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=arn["Configuration"]["FunctionArn"],
                    PayloadFormatVersion="2.0",
                )
                integrations[name] = answer["IntegrationId"]
            rules = {}
            for rule in told.get("security", []):
                for scheme, scopes in rule.items():
                    if scheme in ids:
                        rules = {
                            "AuthorizationType": "JWT",
                            "AuthorizerId": ids[scheme],
                            "AuthorizationScopes": scopes,
                        }
            gateway.create_route(
                ApiId=api,
                RouteKey=f"{method.upper()} {path}",
                Target=f"integrations/{integrations[name]}",
                **rules,
            )
    made = gateway.get_routes(ApiId=api, MaxResults="1000")["Items"]
    print(f"{len(made)} routes: " + ", ".join(sorted(route["RouteKey"] for route in made)), file=sys.stderr)
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    port = endpoint.rsplit(":", 1)[1]
    told = {
        "listen": listen,
        "url": endpoint.replace("localhost", "127.0.0.1"),
        "host": f"{api}.execute-api.localhost:{port}",
        "certificate": open(certificate, encoding="ascii").read(),
        "heard": listener(stack),
        "aws": endpoint.replace("localhost", "127.0.0.1"),
        "tables": [r["PhysicalResourceId"] for r in resources(stack) if r["ResourceType"] == "AWS::DynamoDB::Table"],
        "functions": {
            name: physical(stack, "AWS::Lambda::Function", logical)
            for name, logical in (("token-refresh", "TokenRefresh"), ("follow-ups", "FollowUps"))
        },
    }
    print(json.dumps(told))


def resolved(stack, body):
    """The body with parameters filled in, and each integration's URI as the logical name of its function."""
    parameters = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
    values = {p["ParameterKey"]: p["ParameterValue"] for p in parameters}

    def fill(node):
        if isinstance(node, list):
            return [fill(n) for n in node]
        if not isinstance(node, dict):
            return node
        if list(node) == ["Ref"]:
            # Pseudo parameters stand in tags only.
            return values.get(node["Ref"], node["Ref"])
        if list(node) == ["Fn::Sub"]:
            text = node["Fn::Sub"]
            return text.split("${")[-1].split(".Arn}")[0] if ".Arn}" in text else text
        if list(node) == ["Fn::If"]:
            return None
        return {name: fill(n) for name, n in node.items()}

    return fill(body)


def shows(stack):
    kinds = {}
    for r in resources(stack):
        kinds[r["ResourceType"]] = kinds.get(r["ResourceType"], 0) + 1
    print(f"{sum(kinds.values())} resources: " + ", ".join(f"{n} {k.removeprefix('AWS::')}" for k, n in sorted(kinds.items())))


{"key": key, "routes": routes, "shows": shows}[sys.argv[1]](*sys.argv[2:])
