"""Cut a provider's schema down to the types that ops/terraform uses: `python -m ops.tools.cut_schema <full.json`.

Reads what `terraform providers schema -json` prints. The azurerm.json that lies here was cut from the schema in PyPI's
package cdktn-provider-azurerm 18.9, which is generated from that of azurerm 5.10.0: it lacks descriptions and
deprecations, and tells what is sensitive by its name.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from ops.tools.stand_in_provider import SCHEMA


def main() -> None:
    """Write ops/tools/azurerm.json anew."""
    [(address, schema)] = json.load(sys.stdin)["provider_schemas"].items()
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path("ops/terraform").rglob("*.tf")))
    cut = {
        # Without its host, which Terraform adds by itself.
        "source": "/".join(address.split("/")[-2:]),
        "schema": {
            "provider": schema["provider"],
            "resource_schemas": used(schema["resource_schemas"], re.findall(r'^resource "(\w+)"', text, re.MULTILINE)),
            "data_source_schemas": used(
                schema["data_source_schemas"], re.findall(r'^data "(\w+)"', text, re.MULTILINE)
            ),
        },
    }
    SCHEMA.write_text(json.dumps(cut, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


def used(schemas: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Keep the schemas with these names.

    Raises:
        KeyError: the provider has no such type.
    """
    return {name: schemas[name] for name in sorted(set(names))}


if __name__ == "__main__":
    main()
