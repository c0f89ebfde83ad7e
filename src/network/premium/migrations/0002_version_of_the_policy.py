# SPDX-License-Identifier: Apache-2.0
"""A period names the version of the policy by which it was accepted, however long that name is."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Take names of the policy's length."""

    dependencies = [("premium", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="period",
            name="version",
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
