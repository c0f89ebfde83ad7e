# SPDX-License-Identifier: Apache-2.0
"""Accounts."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "email",
                    models.EmailField(
                        max_length=254, null=True, unique=True, verbose_name="e-mail"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "headline",
                    models.CharField(blank=True, max_length=120, verbose_name="headline"),
                ),
                (
                    "about",
                    models.TextField(blank=True, max_length=2000, verbose_name="about you"),
                ),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                (
                    "zone",
                    models.CharField(default="UTC", max_length=40, verbose_name="time zone"),
                ),
                ("member", models.BigIntegerField(editable=False, unique=True)),
                ("joined_at", models.DateTimeField(editable=False)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
