# SPDX-License-Identifier: Apache-2.0
"""Two have one connection, whoever asked."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Greatest, Least


class Migration(migrations.Migration):
    """Put the pair in the place of its order."""

    dependencies = [("people", "0001_initial")]
    operations = [
        migrations.RemoveConstraint(model_name="connection", name="asked_once"),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.UniqueConstraint(
                Least("asker", "asked"), Greatest("asker", "asked"), name="one_of_each_pair"
            ),
        ),
    ]
