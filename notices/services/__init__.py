"""What is done with notices: announced, spread to who wants them, delivered."""

from notices.services.announcing import announce
from notices.services.delivering import deliver_due, send_again
from notices.services.endpoints import make_endpoint, rotate_secret, switch_endpoint, try_endpoint
from notices.services.spreading import spread_notices
from notices.services.subscribing import pause, resume, save_subscription, unsubscribe

__all__ = [
    "announce",
    "deliver_due",
    "make_endpoint",
    "pause",
    "resume",
    "rotate_secret",
    "save_subscription",
    "send_again",
    "spread_notices",
    "switch_endpoint",
    "try_endpoint",
    "unsubscribe",
]
