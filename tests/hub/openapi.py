#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the description of the API against the hub's route and problem tables, both ways, and checks that references resolve."""
import subprocess
import sys

import yaml

lines = subprocess.run([sys.argv[1], "--list-routes"], check=True, capture_output=True, text=True).stdout.splitlines()
with open(sys.argv[2], encoding="utf-8") as file:
    api = yaml.safe_load(file)
wrong = []

code = {tuple(line.split()[1:]) for line in lines if line.startswith("route ")}
described = {(method.upper(), "/v1" + path) for path, item in api["paths"].items() for method in item if method in ("get", "put", "post", "delete")}
wrong += [f"not described: {method} {path}" for method, path in sorted(code - described)]
wrong += [f"described, but not in the hub: {method} {path}" for method, path in sorted(described - code)]

problems = {line.split()[2] for line in lines if line.startswith("problem ")}
named = set(api["components"]["schemas"]["ProblemSlug"]["enum"])
wrong += [f"problem not described: {slug}" for slug in sorted(problems - named)]
wrong += [f"problem described, but not in the hub: {slug}" for slug in sorted(named - problems)]


def walk(node, place):
    if isinstance(node, dict):
        if "$ref" in node:
            found = api
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found.get(part) if isinstance(found, dict) else None
            if found is None:
                wrong.append(f"{place}: {node['$ref']} leads nowhere")
        for key, value in node.items():
            walk(value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            walk(value, f"{place}/{index}")


walk(api, "")
for path, item in api["paths"].items():
    for method, operation in item.items():
        if method not in ("get", "put", "post"):
            continue
        if method != "get" and "requestBody" not in operation:
            wrong.append(f"{method} {path}: no body described")
        if not any(str(status).startswith(("2", "101")) for status in operation["responses"]):
            wrong.append(f"{method} {path}: no success described")
print("\n".join(wrong) or f"{len(code)} routes and {len(problems)} problems, as described")
sys.exit(1 if wrong or not code or not problems else 0)
