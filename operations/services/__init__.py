from operations.services.roles import load_roles, make_first_administrator
from operations.services.schedule import load_schedule

__all__ = ["load_reference", "load_roles", "load_schedule", "make_first_administrator"]


def load_reference() -> None:
    """Roles and the schedule. Safe to repeat."""
    load_roles()
    load_schedule()
