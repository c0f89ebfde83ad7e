# SPDX-License-Identifier: Apache-2.0
"""The first tables of content."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Addressee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("post", "post"),
                            ("article", "article"),
                            ("comment", "comment"),
                            ("profile", "profile"),
                            ("direct-message", "direct message"),
                            ("inmail", "InMail"),
                        ],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField(db_index=True)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField(max_length=20000)),
                ("hidden_at", models.DateTimeField(null=True)),
                (
                    "addressees",
                    models.ManyToManyField(
                        related_name="received",
                        through="content.Addressee",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "on",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="content.record",
                    ),
                ),
                (
                    "quotes",
                    models.ManyToManyField(related_name="quoted_in", to="content.record"),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.AddField(
            model_name="addressee",
            name="record",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="content.record"
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                fields=["category", "-created_at"], name="content_rec_categor_f80229_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="addressee",
            constraint=models.UniqueConstraint(
                fields=("record", "account"), name="addressee_once"
            ),
        ),
    ]
