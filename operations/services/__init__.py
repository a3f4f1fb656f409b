from operations.services.reference import load_all_reference, load_reference
from operations.services.sign_in import SignIn, make_sign_in

__all__ = ["SignIn", "load_all_reference", "load_reference", "make_sign_in"]
