"""Loading the dated policy data of an installation from its folder of YAML files."""

from pathlib import Path

from insuragent.errors import BadFile
from insuragent.i18n import N_
from insuragent.products.plain_files import read_yaml
from insuragent.rules.policy import Policy, read_policy
from insuragent.settings import resource


def load_policy(folder: Path | None = None) -> Policy:
    """The policy in ``folder`` (by default the bundled one). Raises BadFile when a file or value cannot be used."""
    source = folder or resource("policy")
    documents = [read_yaml(path) for path in sorted(source.glob("*.yaml"))]
    try:
        return read_policy(documents)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadFile(N_("规则数据的格式不正确")) from error
