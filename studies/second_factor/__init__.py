"""A second factor at sign-in: a code of an app (TOTP, RFC 6238), or one of ten codes on paper.

Who works in a study must have one where `REQUIRE_SECOND_FACTOR` is set; anybody may. Devices, the drift of clocks and
the growing wait after wrong codes are django-otp's.
"""
