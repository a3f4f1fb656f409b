from __future__ import annotations

from django.urls import include, path

from operations import api
from operations.views import (
    as_of,
    boards,
    burnin,
    file_preview,
    file_rows,
    files,
    find,
    genealogy,
    home,
    issues,
    jobs,
    lot_acts,
    lots,
    places,
    recalls,
    receive,
    scan,
    traveller,
    unit_acts,
    units,
)

pages = [
    path("", home.HomePage.as_view(), name="home"),
    path("find", find.FindPage.as_view(), name="find"),
    path("scan", scan.ScanPage.as_view(), name="scan"),
    path("scan/track", scan.ScanTrackPage.as_view(), name="scan-track"),
    path("holds", boards.HoldBoardPage.as_view(), name="hold-board"),
    path("holds/do/<slug:act>", boards.HoldsActPage.as_view(), name="holds-act"),
    path("jobs", jobs.JobListPage.as_view(), name="job-list"),
    path("jobs/new", jobs.NewJobPage.as_view(), name="job-new"),
    path("jobs/<uuid:pk>", jobs.JobPage.as_view(), name="job-detail"),
    path("jobs/<uuid:pk>/state", jobs.JobStatePage.as_view(), name="job-state"),
    path("lots/do/receive", receive.ReceivePage.as_view(), name="lot-receive"),
    path("lots/then", as_of.LotsThenPage.as_view(), name="lots-then"),
    path("lots/<path:code>/then", as_of.LotThenPage.as_view(), name="lot-then"),
    path("lots/do/hold", lot_acts.LotActPage.as_view(verb="hold"), name="lots-hold"),
    path("lots/<path:code>/do/<slug:verb>", lot_acts.LotActPage.as_view(), name="lot-action"),
    path("lots/<path:code>/traveller", traveller.TravellerPage.as_view(), name="lot-traveller"),
    path("lots/<path:code>", lots.LotPage.as_view(), name="lot-detail"),
    path("wafers/<path:code>", lots.WaferPage.as_view(), name="wafer-detail"),
    path("issues", issues.IssueListPage.as_view(), name="issue-list"),
    path("issues/do/<slug:act>", issues.IssueActPage.as_view(), name="issues-act"),
    path("issues/<str:number>", issues.IssuePage.as_view(), name="issue-detail"),
    path("issues/<str:number>/<slug:act>", issues.IssueActPage.as_view(), name="issue-act"),
    path("burn-in/<int:run_id>", burnin.BurnInPage.as_view(), name="burnin-detail"),
    path("upload", files.UploadPage.as_view(), name="upload"),
    path("upload/preview", file_preview.FilePreviewPage.as_view(), name="file-preview"),
    path("files/states", files.FileStatesPage.as_view(), name="file-states"),
    path("files/expected", file_preview.ExpectedFilesPage.as_view(), name="expected-files"),
    path("files/rows/<slug:act>", file_rows.FileRowsActPage.as_view(), name="file-rows-act"),
    path(
        "files/<slug:sha256>/rows/<int:number>",
        file_rows.FileRowPage.as_view(),
        name="file-row",
    ),
    path("files/<slug:sha256>", files.FilePage.as_view(), name="file-detail"),
    path("recalls", recalls.RecallListPage.as_view(), name="recall-list"),
    path("recalls/new", recalls.NewRecallPage.as_view(), name="recall-new"),
    path("recalls/R-<int:number>", recalls.RecallPage.as_view(), name="recall-detail"),
    path("recalls/R-<int:number>/items.csv", recalls.RecallCsv.as_view(), name="recall-csv"),
    path("recalls/R-<int:number>/<slug:act>", recalls.RecallActPage.as_view(), name="recall-act"),
    path("sites", places.SiteListPage.as_view(), name="site-list"),
    path("sites/<path:code>", places.SitePage.as_view(), name="site-detail"),
    path("racks/<path:serial>", places.RackPage.as_view(), name="rack-detail"),
    path("units/<path:serial>/do/swap", unit_acts.SwapPage.as_view(), name="unit-swap"),
    path(
        "units/<path:serial>/genealogy.csv",
        genealogy.UnitGenealogyCsv.as_view(),
        name="unit-genealogy-csv",
    ),
    path(
        "units/<path:serial>/genealogy",
        genealogy.UnitGenealogyPage.as_view(),
        name="unit-genealogy",
    ),
    path("units/<path:serial>", units.UnitPage.as_view(), name="unit-detail"),
]

urlpatterns = [path("", include((pages, "operations")))]

api_urlpatterns = [
    path("recalls", api.RecallListView.as_view(), name="api-recall-list"),
    path("recalls/preview", api.RecallPreviewView.as_view(), name="api-recall-preview"),
    path("recalls/<int:number>", api.RecallView.as_view(), name="api-recall-detail"),
    path("recalls/<int:number>/items", api.RecallItemsView.as_view(), name="api-recallitem-list"),
    path(
        "units/<path:serial>/genealogy",
        api.UnitGenealogyView.as_view(),
        name="api-unit-genealogy",
    ),
    path("units/<path:serial>/trace", api.UnitTraceView.as_view(), name="api-unit-trace"),
    path(
        "racks/<path:serial>/slots/<int:number>/trace",
        api.SlotTraceView.as_view(),
        name="api-slot-trace",
    ),
]
