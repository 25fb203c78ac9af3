"""``manage.py schemas``: writes docs/openapi.yaml and docs/asyncapi.yaml; ``--check`` says whether they are current."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from drf_spectacular.generators import SchemaGenerator

from games.api import asyncapi

_HEAD = "# Made by `manage.py schemas` from the code; do not edit.\n"


class Command(BaseCommand):
    """Describes the API and the sockets for programs that read such descriptions."""

    help = "Writes docs/openapi.yaml (REST) and docs/asyncapi.yaml (WebSocket) from the code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--check``."""
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file is not current")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Write both files, or compare them."""
        outdated = [path for path, text in rendered().items() if not path.exists() or path.read_text() != text]
        if check and outdated:
            names = " and ".join(path.name for path in outdated)
            raise CommandError(f"{names} not current: run manage.py schemas")
        for path in outdated:
            path.write_text(rendered()[path])
            self.stdout.write(f"wrote {path.name}")


def rendered() -> dict[Path, str]:
    """Both files as they should be, by their paths."""
    folder = Path(settings.BASE_DIR) / "docs"
    documents = {
        "openapi.yaml": SchemaGenerator().get_schema(request=None, public=True),  # type: ignore[no-untyped-call]  # drf-spectacular's own
        "asyncapi.yaml": asyncapi.describe(),
    }
    return {folder / name: _HEAD + _as_yaml(document) for name, document in documents.items()}


def _as_yaml(document: dict[str, Any]) -> str:
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    return text


class _Dumper(yaml.SafeDumper):
    """Writes equal parts out each time they occur, for people to read."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _as_block)
