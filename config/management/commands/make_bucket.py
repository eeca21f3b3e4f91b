from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from config.storage import NOT_FOUND, Bucket


class Command(BaseCommand):
    help = "Make the bucket of S3_BUCKET where the store has none yet, private. For a store of one's own."

    def handle(self, *args: Any, **options: Any) -> None:
        if not isinstance(default_storage, Bucket):
            raise CommandError("Films lie on the disk here: set S3_BUCKET and what belongs to it first.")
        client = default_storage.bucket.meta.client
        name = default_storage.bucket_name
        try:
            client.head_bucket(Bucket=name)
            self.stdout.write(f"The bucket {name} is there.")
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != NOT_FOUND:
                raise CommandError(f"The store refuses: {error}") from error
            client.create_bucket(Bucket=name)
            self.stdout.write(f"The bucket {name} is made.")
