# SPDX-License-Identifier: Apache-2.0
"""The addresses of Privity's pages, below the one that a platform gives them."""

from __future__ import annotations

from django.urls import path

from privity.web import views
from privity.web.public.urls import urlpatterns as public
from privity.web.yours.receipts import ledger_receipt, receipt, receipt_file, receipts
from privity.web.yours.releases import releases
from privity.web.yours.taking_back import take_back

app_name = "privity"
urlpatterns = [
    path("", views.yours, name="yours"),
    path("releases/", releases, name="releases"),
    path("receipts/", receipts, name="receipts"),
    path("receipts/ledger/", ledger_receipt, name="ledger-receipt"),
    path("receipts/settings/<str:setting>/", receipt, name="receipt"),
    path("receipts/settings/<str:setting>.jsonld", receipt_file, name="receipt-file"),
    path("take-back/", take_back, name="take-back"),
    *public,
]
