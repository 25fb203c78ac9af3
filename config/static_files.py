"""Static files by a name that holds a hash of their content, so that browsers may keep them for ever."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Hashed names, in stylesheets and in the imports of ES modules too.

    Before ``manage.py collectstatic`` there are no hashed files: names then stay as they are, and the files are served
    from where they lie.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """The hashed name of a file; the plain one while nothing is collected."""
        return super().stored_name(name) if self.hashed_files else name
