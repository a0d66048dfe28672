"""Expands template.yaml as CloudFormation would, without a network, and holds the result against what a deploy promises.

    expand.py OUT    writes the expanded template as JSON to OUT; ends with 1 and one line per broken promise

What the linter sees of a function before it is expanded is little: a misspelt `!GetAtt` there goes unnoticed. So OUT is
what cfn-lint reads afterwards.
"""

import json
import sys

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

REGION = "eu-west-1"
PLACE = {"Bucket": "not-read", "Key": "not-read"}


def expanded():
    source = yaml_parse(open("template.yaml", encoding="utf-8").read())
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # The translator takes packaged code only; where it lies does not matter here.
            resource["Properties"]["CodeUri"] = PLACE
    parameters = {name: told.get("Default") for name, told in source["Parameters"].items()}
    session = boto3.session.Session(region_name=REGION)
    return Translator({}, Parser(), boto_session=session).translate(source, parameters)


def branches(statements):
    """The statements, with both sides of every condition."""
    for statement in statements:
        if "Fn::If" in statement:
            yield from branches(statement["Fn::If"][1:])
        elif statement != {"Ref": "AWS::NoValue"}:
            yield statement


class Promises:
    """Collects what is broken."""

    def __init__(self, template):
        self.resources = template["Resources"]
        self.broken = []

    def hold(self, name, holds, what):
        if not holds:
            self.broken.append(f"{name}: {what}")

    def of(self, *kinds):
        return [(name, r, r.get("Properties", {})) for name, r in self.resources.items() if r["Type"] in kinds]

    def tables(self):
        tables = self.of("AWS::DynamoDB::Table")
        self.hold("tables", len(tables) == 2, "there are two")
        for name, resource, p in tables:
            self.hold(name, p.get("BillingMode") == "PAY_PER_REQUEST", "is on demand")
            self.hold(name, p.get("DeletionProtectionEnabled") is True, "is protected against deletion")
            self.hold(name, p.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"), "has PITR")
            self.hold(name, p.get("SSESpecification", {}).get("KMSMasterKeyId"), "is encrypted with a key of ours")
            self.hold(name, resource.get("DeletionPolicy") == "Retain", "stays when the stack goes")
            self.hold(name, resource.get("UpdateReplacePolicy") == "Retain", "stays when it is replaced")
        main = [p for _, _, p in tables if p.get("GlobalSecondaryIndexes")]
        self.hold("tables", len(main) == 1, "one of them has the index of follow-ups")
        for p in main:
            self.hold("Table", p["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}, "has a TTL")
            self.hold("Table", [i["IndexName"] for i in p["GlobalSecondaryIndexes"]] == ["follow-up"], "has one index")

    def keys(self):
        for name, resource, p in self.of("AWS::KMS::Key"):
            self.hold(name, resource.get("DeletionPolicy") == "Retain", "stays when the stack goes")
            signs = p.get("KeyUsage") == "SIGN_VERIFY"
            self.hold(name, signs or p.get("EnableKeyRotation") is True, "is rotated")

    def functions(self):
        functions = self.of("AWS::Lambda::Function")
        roles = [json.dumps(p["Role"]) for _, _, p in functions]
        self.hold("functions", len(functions) >= 8, "there are eight")
        self.hold("functions", len(set(roles)) == len(roles), "each has a role of its own")
        for name, _, p in functions:
            self.hold(name, p["Runtime"] == "provided.al2023" and p["Handler"] == "bootstrap", "is a native binary")
            self.hold(name, p.get("LoggingConfig", {}).get("LogGroup"), "has a declared log group")
            self.hold(name, p["Timeout"] in (29, 300), "ends before the gateway gives up, or is scheduled")
            self.hold(name, p.get("TracingConfig") == {"Mode": {"Ref": "Tracing"}}, "is traced if the parameter says so")
            limit = p.get("ReservedConcurrentExecutions", {}).get("Fn::If", [])
            self.hold(name, limit[2:] == [{"Ref": "AWS::NoValue"}], "can be limited, and is not without being asked")
        for name, _, p in self.of("AWS::Logs::LogGroup"):
            self.hold(name, p.get("RetentionInDays"), "is not kept for ever")

    def schedules(self):
        schedules = self.of("AWS::Scheduler::Schedule")
        self.hold("schedules", len(schedules) == 2, "there are two")
        for name, _, p in schedules:
            self.hold(name, p["ScheduleExpression"] == "rate(1 minute)", "comes every minute")
            retries = p["Target"].get("RetryPolicy", {}).get("MaximumRetryAttempts")
            self.hold(name, retries == 0, "is not retried: the next minute is the retry")
        configs = self.of("AWS::Lambda::EventInvokeConfig")
        self.hold("schedules", len(configs) >= len(schedules), "their functions say what happens after an error")
        for name, _, p in configs:
            self.hold(name, p["MaximumRetryAttempts"] == 0, "Lambda does not retry, either")

    def roles(self):
        for name, _, p in self.of("AWS::IAM::Role"):
            self.hold(name, not p.get("ManagedPolicyArns"), "has no managed policy")
            for policy in p.get("Policies", []):
                for statement in branches(policy["PolicyDocument"]["Statement"]):
                    actions = statement["Action"]
                    actions = [actions] if isinstance(actions, str) else actions
                    self.hold(name, all("*" not in action for action in actions), f"names its actions: {actions}")
                    # X-Ray has no resources to name.
                    may_be_any = all(action.startswith("xray:") for action in actions)
                    self.hold(name, may_be_any or statement["Resource"] != "*", f"names its resources: {actions}")

    def alarms(self):
        alarms = self.of("AWS::CloudWatch::Alarm")
        functions = len(self.of("AWS::Lambda::Function"))
        self.hold("alarms", len(alarms) >= 13 + 2 * functions, "there are thirteen, and two for each function")
        topics = [name for name, _, p in self.of("AWS::SNS::Topic") if p.get("KmsMasterKeyId")]
        self.hold("alarms", topics == ["Alarms"], "go to one topic, encrypted with a key of ours")
        for name, _, p in alarms:
            for when in ("AlarmActions", "OKActions"):
                self.hold(name, p.get(when) == [{"Ref": "Alarms"}], f"tells the topic ({when})")
            self.hold(name, p.get("TreatMissingData") in ("breaching", "notBreaching"), "says what silence means")
        [policy] = [p["KeyPolicy"] for name, _, p in self.of("AWS::KMS::Key") if name == "DataKey"]
        mine = [s for s in policy["Statement"] if s["Principal"].get("Service") == "cloudwatch.amazonaws.com"]
        need = {"kms:Decrypt", "kms:GenerateDataKey"}
        self.hold("DataKey", any(need <= set(s["Action"]) for s in mine), "lets CloudWatch write into the topic")
        [(_, _, dashboard)] = self.of("AWS::CloudWatch::Dashboard")
        json.loads(dashboard["DashboardBody"]["Fn::Sub"])

    def throttles(self, public):
        [(_, _, stage)] = self.of("AWS::ApiGatewayV2::Stage")
        for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            self.hold("stage", stage["DefaultRouteSettings"].get(limit), f"has a {limit} for every route")
            for route, told in stage["RouteSettings"].items():
                self.hold(route, isinstance(told.get(limit), int), f"has a {limit} of its own, as a number")
        self.hold("stage", set(stage["RouteSettings"]) == public, "is stricter for every public route, and no other")

    def routes(self):
        [(_, _, api)] = self.of("AWS::ApiGatewayV2::Api")
        body = api["Body"]
        self.hold("HttpApi", list(body["components"]["securitySchemes"]) == ["Ats"], "has one authorizer")
        count, public = 0, set()
        for path, methods in body["paths"].items():
            for method, told in methods.items():
                count += 1
                security = told.get("security", [])
                scopes = [scope for rule in security for scope in rule.get("Ats", [])]
                name = f"{method.upper()} {path}"
                if path.startswith("/v1/"):
                    self.hold(name, scopes, "asks for a scope")
                else:
                    self.hold(name, not scopes, "is public, so it is no part of /v1")
                    public.add(name)
        self.throttles(public)
        return count


def main():
    template = expanded()
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(template, out, indent=1, default=str)
    promises = Promises(template)
    for part in (promises.tables, promises.keys, promises.functions, promises.schedules, promises.roles, promises.alarms):
        part()
    routes = promises.routes()
    for broken in promises.broken:
        print(f"broken promise of {broken}", file=sys.stderr)
    kinds = {}
    for resource in template["Resources"].values():
        kinds[resource["Type"]] = kinds.get(resource["Type"], 0) + 1
    print(f"{len(template['Resources'])} resources, {routes} routes")
    print(", ".join(f"{count} {kind.removeprefix('AWS::')}" for kind, count in sorted(kinds.items())))
    sys.exit(1 if promises.broken else 0)


main()
