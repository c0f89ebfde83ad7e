# SPDX-License-Identifier: Apache-2.0
"""The addresses of Privity's pages, below the one that a platform gives them."""

from __future__ import annotations

from django.urls import path

from privity.web.check.views import check, check_file, verifier
from privity.web.public.urls import urlpatterns as public
from privity.web.yours.receipts import ledger_receipt, receipt, receipt_file, receipts
from privity.web.yours.releases import releases
from privity.web.yours.taking_back import take_back
from privity.web.yours.using import record, records, yours

app_name = "privity"
urlpatterns = [
    path("", yours, name="yours"),
    path("records/", records, name="records"),
    path("records/<str:number>/", record, name="record"),
    path("releases/", releases, name="releases"),
    path("receipts/", receipts, name="receipts"),
    path("receipts/ledger/", ledger_receipt, name="ledger-receipt"),
    path("receipts/settings/<str:setting>/", receipt, name="receipt"),
    path("receipts/settings/<str:setting>.jsonld", receipt_file, name="receipt-file"),
    path("take-back/", take_back, name="take-back"),
    path("check/", check, name="check"),
    path("check/check.json", check_file, name="check-file"),
    path("check/verifier.html", verifier, name="verifier"),
    *public,
]
