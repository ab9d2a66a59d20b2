#!/usr/bin/env python3
"""Writes packages/wire/src/overlay/*.generated.ts from the service models of an installed botocore.

The JavaScript SDK's schemas leave out enum values, whether a number is an integer, and which errors an operation may
raise. botocore's models have all of it. Only structures that a request can contain get rules: answers are ours.

Run: python3 scripts/write-wire-overlay.py     (needs: pip install botocore)
"""

import json
import pathlib

import botocore
from botocore.loaders import Loader

TARGET = pathlib.Path(__file__).resolve().parent.parent / "packages" / "wire" / "src" / "overlay"

# botocore's service name -> the SigV4 signing name, which names the file. EC2 has 823 operations; these few are the
# ones that a server of network resources can expect to be asked.
SERVICES = {
    "cloudformation": "cloudformation",
    "cloudtrail": "cloudtrail",
    "cloudwatch": "monitoring",
    "ec2": "ec2",
    "elasticache": "elasticache",
    "kms": "kms",
    "logs": "logs",
    "sns": "sns",
    "sts": "sts",
}
EC2_WORDS = (
    "AvailabilityZones",
    "DhcpOptions",
    "InternetGateway",
    "NetworkAcls",
    "NetworkInterface",
    "Route",
    "SecurityGroup",
    "Subnet",
    "Tags",
    "Vpc",
)
INTEGERS = {"integer": "i", "long": "l"}


def wanted(service, operation):
    return service != "ec2" or any(word in operation for word in EC2_WORDS)


def leaf(shapes, name, seen=()):
    """The scalar inside a member: itself, or what its lists and map values hold."""
    shape = shapes[name]
    if name in seen:
        return None
    inner = {"list": "member", "map": "value"}.get(shape["type"])
    return leaf(shapes, shape[inner]["shape"], (*seen, name)) if inner else shape


def reachable(shapes, name, found):
    """Every structure that a value of this shape may contain."""
    shape = shapes[name]
    if name in found:
        return
    found[name] = shape
    for member in shape.get("members", {}).values():
        reachable(shapes, member["shape"], found)
    for part in ("member", "key", "value"):
        if part in shape:
            reachable(shapes, shape[part]["shape"], found)


def rules_of(shapes, inputs, enums):
    rules = {}
    for name, shape in sorted(inputs.items()):
        for member, reference in shape.get("members", {}).items():
            scalar = leaf(shapes, reference["shape"])
            if scalar is None:
                continue
            if "enum" in scalar:
                values = tuple(scalar["enum"])
                rule = enums.setdefault(values, len(enums))
            elif scalar["type"] in INTEGERS:
                rule = INTEGERS[scalar["type"]]
            else:
                continue
            rules.setdefault(name, {})[member] = rule
    return rules


def aliases_of(shapes):
    """Lists whose model names the element on the list itself: botocore reads that name, the JavaScript SDK does not."""
    aliases = {}
    for name, shape in sorted(shapes.items()):
        for member, reference in shape.get("members", {}).items():
            target = shapes[reference["shape"]]
            named = target.get("locationName") if target["type"] == "list" else None
            if named and "locationName" not in reference and not target.get("flattened") and named != member:
                aliases.setdefault(name, {})[member] = named
    return aliases


def overlay_of(service, model):
    shapes = model["shapes"]
    operations = {name: op for name, op in sorted(model["operations"].items()) if wanted(service, name)}
    inputs, enums = {}, {}
    for operation in operations.values():
        if "input" in operation:
            reachable(shapes, operation["input"]["shape"], inputs)
    rules = rules_of(shapes, inputs, enums)
    errors = {name: sorted(e["shape"] for e in op["errors"]) for name, op in operations.items() if op.get("errors")}
    return {
        "source": f"botocore {botocore.__version__}, {service} {model['metadata']['apiVersion']}",
        "enums": [list(values) for values in enums],
        "rules": rules,
        "errors": errors,
        "aliases": aliases_of(shapes),
    }


def literal(value):
    """Compact JSON; the file is data, and a diff of it is read per entry."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def rendered(overlay):
    lines = [
        "// Written by scripts/write-wire-overlay.py; do not edit.",
        "import type { Overlay } from './overlay.ts'",
        "",
        "export const overlay: Overlay = {",
        f"  source: {literal(overlay['source'])},",
        "  enums: [",
        *(f"    {literal(values)}," for values in overlay["enums"]),
        "  ],",
    ]
    for part in ("rules", "errors", "aliases"):
        lines.append(f"  {part}: {{")
        lines.extend(f"    {literal(name)}: {literal(entry)}," for name, entry in overlay[part].items())
        lines.append("  },")
    return "\n".join([*lines, "}", ""])


def main():
    loader = Loader()
    for service, signing_name in SERVICES.items():
        overlay = overlay_of(service, loader.load_service_model(service, "service-2"))
        file = TARGET / f"{signing_name}.generated.ts"
        file.write_text(rendered(overlay), encoding="utf-8")
        print(f"{file.name}: {len(overlay['enums'])} enums, {len(overlay['rules'])} structures, {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
