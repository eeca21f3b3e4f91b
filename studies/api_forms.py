"""The pages' forms check what programs send too, so that a rule about shape is written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS
from rest_framework.exceptions import ValidationError

if TYPE_CHECKING:
    from django.forms import BaseForm

WHOLE = "non_field_errors"


def cleaned(form: BaseForm) -> dict[str, Any]:
    """What a form makes of the request. Raises ValidationError by field, as a serializer does."""
    if not form.is_valid():
        raise ValidationError(
            {
                WHOLE if name == NON_FIELD_ERRORS else name: [str(error) for error in errors]
                for name, errors in form.errors.items()
            }
        )
    return form.cleaned_data
