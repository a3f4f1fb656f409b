"""How the site looks and what its sidebar offers. Settings read it as UNFOLD."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from supplychain import environment as env


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar; shown to those who hold the right.

    covers: starts of addresses it stands for; its own list without any.
    """

    title: str
    icon: str
    view: str
    right: str = ""
    covers: tuple[str, ...] = ()

    def is_active(self, path: str) -> bool:
        """Whether the page at this address belongs to the line."""
        link = reverse(self.view)
        return path == link or any(path.startswith(start) for start in self.covers or (link,))


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    entries: tuple[Entry, ...]
    is_folded: bool = True


def table(title: str, icon: str, model: str, page: str = "") -> Entry:
    """A list in the admin. model: `app.model`, lower case. page: start of its rows' own pages."""
    app, name = model.split(".")
    covers = (f"/admin/{app}/{name}/", page) if page else ()
    return Entry(title, icon, f"admin:{app}_{name}_changelist", f"{app}.view_{name}", covers)


GROUPS = (
    Group(
        "Today",
        (
            Entry("Home", "home", "operations:home", covers=("/find",)),
            Entry("Scan", "barcode_scanner", "operations:scan"),
            Entry("Issues", "flag", "operations:issue-list", "quality.view_issue"),
            Entry(
                "Signatures",
                "signature",
                "operations:disposition-list",
                "quality.sign_disposition",
            ),
            Entry("Receive a lot", "call_received", "operations:lot-receive", "lots.receive_lot"),
            Entry("Upload files", "upload_file", "operations:upload", "intake.add_rawfile"),
            table("Files", "draft", "intake.rawfile", "/files/"),
            Entry(
                "Expected files",
                "event_available",
                "operations:expected-files",
                "intake.view_expectedfile",
            ),
            Entry("Unmatched files", "rule", "operations:unmatched-files", "intake.view_rawfile"),
            Entry("My notices", "notifications", "operations:notice-list"),
            Entry("Recalls", "campaign", "operations:recall-list", "operations.view_recallcase"),
            Entry("Sites", "location_on", "operations:site-list", "racks.view_site"),
        ),
        is_folded=False,
    ),
    Group(
        "Lots",
        (
            table("Lots", "package_2", "lots.lot", "/lots/"),
            Entry("On hold", "front_hand", "operations:hold-board", "lots.view_hold"),
            Entry("Queue times", "timer", "operations:queue-board", "lots.view_lot"),
            table("All holds", "back_hand", "lots.hold"),
            table("Wafers", "album", "lots.wafer", "/wafers/"),
            Entry("Bulk jobs", "playlist_add_check", "operations:job-list", "lots.view_lot"),
            table("Waivers", "gavel", "lots.waiver"),
            table("Event ledger", "receipt_long", "lots.event"),
        ),
    ),
    Group(
        "Units",
        (
            table("Units", "memory", "lots.unit", "/units/"),
            table("Genealogy", "account_tree", "lots.genealogy"),
        ),
    ),
    Group(
        "Test data",
        (
            table("Test runs", "science", "testing.run", "/runs/"),
            Entry(
                "Test explorer",
                "query_stats",
                "operations:explore",
                "testing.view_readingsummary",
            ),
            Entry(
                "Yield explorer",
                "monitoring",
                "operations:yields",
                "quality.view_yieldfigure",
            ),
            Entry("Dies and defects", "grid_view", "operations:dies", "quality.view_yieldfigure"),
            Entry(
                "Changed figures",
                "history",
                "operations:restatement-list",
                "testing.view_restatement",
            ),
            Entry(
                "Identity conflicts",
                "call_split",
                "operations:conflict-list",
                "testing.view_identityconflict",
            ),
            table("Wafer maps", "grid_on", "intake.wafermap"),
            table("Burn-in runs", "local_fire_department", "testing.burninrun", "/burn-in/"),
            Entry(
                "Burn-in ovens",
                "oven_gen",
                "operations:oven-list",
                "testing.view_burninrun",
            ),
            Entry(
                "Reliability", "hourglass_top", "operations:reliability", "testing.view_burninrun"
            ),
            Entry("Programs", "code", "operations:program-list", "testing.view_programrevision"),
            table("Parameters", "straighten", "testing.parameter"),
            table("Equipment", "precision_manufacturing", "testing.equipment"),
        ),
    ),
    Group(
        "Quality",
        (
            table("All issues", "flag", "quality.issue"),
            table("Dispositions", "gavel", "quality.disposition"),
            table("Required signatures", "signature", "quality.requiredsignature"),
            table("Yields", "monitoring", "quality.yieldfigure"),
            table("Rules", "rule", "quality.rule"),
            Entry("Detectors", "radar", "operations:detector-list", "quality.view_rule"),
            Entry("Control charts", "show_chart", "operations:chart", "quality.view_limitversion"),
            Entry("Limits", "straighten", "operations:limit-list", "quality.view_limitversion"),
            table("Yield limits", "vertical_align_bottom", "quality.yieldlimit"),
            table("Down-bins", "move_down", "quality.downbin"),
        ),
    ),
    Group(
        "Racks",
        (
            table("Racks", "dns", "racks.rack", "/racks/"),
            table("Placements", "swap_vert", "racks.placement"),
            table("Commissioning", "water_drop", "racks.commissioning"),
        ),
    ),
    Group(
        "Finance",
        (
            Entry(
                "Inventory",
                "bar_chart",
                "operations:finance",
                "finance.view_ledgerentry",
                ("/finance/inventory",),
            ),
            Entry(
                "Roll-forward",
                "sync_alt",
                "operations:finance-rollforward",
                "finance.view_ledgerentry",
            ),
            Entry(
                "Ledger lines",
                "receipt_long",
                "operations:finance-lines",
                "finance.view_ledgerentry",
                ("/finance/lines", "/finance/transactions/"),
            ),
            Entry(
                "Custodians",
                "warehouse",
                "operations:finance-custody",
                "finance.view_ledgerentry",
            ),
            table("Subledger", "account_balance", "finance.ledgerentry"),
            Entry(
                "Standard costs", "payments", "operations:finance-costs", "finance.view_costversion"
            ),
            Entry(
                "Variances",
                "query_stats",
                "operations:finance-variances",
                "finance.view_ledgerentry",
            ),
            Entry(
                "Invoices",
                "receipt",
                "operations:finance-invoices",
                "finance.view_invoice",
                ("/finance/invoices", "/finance/received-not-invoiced"),
            ),
            Entry(
                "Revaluations",
                "price_change",
                "operations:finance-revaluations",
                "finance.view_revaluation",
            ),
            Entry(
                "Write-downs",
                "trending_down",
                "operations:finance-write-downs",
                "finance.view_writedown",
            ),
            Entry("Close", "calendar_month", "operations:finance-periods", "finance.view_period"),
            Entry(
                "Reconciliation",
                "balance",
                "operations:finance-reconciliation",
                "finance.view_ledgerentry",
            ),
            Entry(
                "Journal", "request_quote", "operations:finance-journal", "finance.view_ledgerentry"
            ),
            Entry(
                "Assets",
                "dns",
                "operations:finance-assets",
                "finance.view_ledgerentry",
                ("/finance/asset",),
            ),
            Entry(
                "Posting rules",
                "rule_folder",
                "operations:finance-posting-rules",
                "finance.view_postingrules",
                ("/finance/posting-",),
            ),
            table("Stages of steps", "conversion_path", "finance.stepstage"),
            table("Posting profiles", "schema", "finance.postingprofile"),
            table("Posting gaps", "report", "finance.postinggap"),
            Entry("Exports", "download", "operations:finance-exports", "finance.view_exportjob"),
            table("Ledger reads", "history", "finance.ledgerread"),
        ),
    ),
    Group(
        "Configuration",
        (
            table("Suppliers", "factory", "lots.supplier"),
            table("Products", "category", "lots.product"),
            table("Bills of materials", "list_alt", "lots.bill"),
            table("Routes", "route", "lots.routeversion"),
            table("Merge rules", "merge", "lots.mergerule"),
            table("Reason codes", "format_list_bulleted", "lots.reasoncode"),
            table("Burn-in requirements", "thermostat", "testing.burninrequirement"),
            table("Burn-in board layouts", "grid_on", "testing.boardlayout"),
            Entry("Retest rules", "rule", "operations:retest-rules", "testing.view_retestrule"),
            table("Coolant windows", "device_thermostat", "racks.coolantwindow"),
            table("Match rules", "join", "intake.matchrule"),
            table("Feed mappings", "swap_horiz", "intake.feedmapping"),
            table("Expected files", "event_note", "intake.expectedfile"),
            table("Webhooks", "webhook", "notices.endpoint"),
            table("Deliveries", "outgoing_mail", "notices.delivery"),
            table("Schedule", "schedule", "django_celery_beat.periodictask"),
        ),
    ),
    Group(
        "People",
        (
            table("People", "person", "auth.user"),
            table("Roles", "badge", "auth.group"),
            table("API tokens", "key", "knox.authtoken"),
            table("Admin log", "manage_history", "admin.logentry"),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups and lines as unfold takes them; a line without its right is left out."""
    return [
        {
            "title": group.title,
            "collapsible": group.is_folded,
            "items": [
                {
                    "title": entry.title,
                    "icon": entry.icon,
                    "link": reverse(entry.view),
                    "active": entry.is_active(request.path),
                }
                for entry in group.entries
                if not entry.right or request.user.has_perm(entry.right)
            ],
        }
        for group in GROUPS
    ]


def asset(name: str) -> Callable[[HttpRequest], str]:
    """Address of one of our static files, asked for when a page is drawn."""
    return lambda request: static(f"supplychain/{name}")


def environment(request: HttpRequest) -> list[str] | None:
    """A label beside the title, so that nobody mistakes a test installation for the real one."""
    name = env.text("SUPPLYCHAIN_ENVIRONMENT")
    return [name, "warning"] if name else None


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Supply chain",
    "SITE_HEADER": "Supply chain",
    "SITE_SUBHEADER": "AI chips, wafer to rack",
    "SITE_SYMBOL": "hub",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": asset("favicon.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "BORDER_RADIUS": "6px",
    "ENVIRONMENT": "supplychain.look.environment",
    "SCRIPTS": [asset("frame.js"), asset("scan.js")],
    "STYLES": [asset("tokens.css"), asset("page.css"), asset("drawings.css")],
    "COMMAND": {"search_models": False, "search_callback": "operations.views.find.command_results"},
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": sidebar,
    },
    "COLORS": {
        "primary": {
            "50": "oklch(97.1% .014 210)",
            "100": "oklch(93.6% .032 210)",
            "200": "oklch(88.0% .058 212)",
            "300": "oklch(80.0% .090 215)",
            "400": "oklch(70.4% .115 218)",
            "500": "oklch(61.5% .115 222)",
            "600": "oklch(52.0% .105 226)",
            "700": "oklch(45.0% .090 228)",
            "800": "oklch(39.0% .076 230)",
            "900": "oklch(33.5% .062 232)",
            "950": "oklch(25.0% .048 234)",
        },
    },
}
