# SPDX-License-Identifier: Apache-2.0
"""One index by author in place of two by time: what a feed is cut from is found by who wrote it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="record", name="content_rec_categor_f80229_idx"),
        migrations.AlterField(
            model_name="record", name="created_at", field=models.DateTimeField()
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                fields=["author", "category", "hidden_at", "-created_at"],
                name="record_of_author",
            ),
        ),
    ]
