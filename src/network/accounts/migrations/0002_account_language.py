# SPDX-License-Identifier: Apache-2.0
"""Somebody may say in which language she reads."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody has said so yet."""

    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="account",
            name="language",
            field=models.CharField(
                blank=True, default="", max_length=10, verbose_name="language"
            ),
            preserve_default=False,
        )
    ]
