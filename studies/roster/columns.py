"""Which column is what, by its heading in English, Spanish, Russian or Kazakh, whatever case, unit or punctuation."""

from __future__ import annotations

import re
import unicodedata

HEADINGS = {
    "name": "name, full name, student, nombre completo, alumno, estudiante, фио, студент, ученик, аты жөні",
    "first_name": "first name, given name, first, nombre, имя, аты",
    "last_name": "last name, surname, family name, last, apellido, apellidos, фамилия, тегі",
    "username": "user name, username, login, user, usuario, логин, пользователь, пайдаланушы",
    "email": "e mail, email, mail, e mail address, email address, correo, correo electronico, почта, эл почта, "
    "электронная почта, электрондық пошта, пошта",
    "year": "year, year of study, study year, curso, ano, курс, год обучения, оқу жылы, курсы",
    "section": "section, class, group, seccion, clase, grupo, секция, группа, класс, топ, топтың аты",
    "sex": "sex, gender, sexo, genero, пол, жынысы",
    "age_years": "age, edad, возраст, жасы",
    "height_cm": "height, body height, altura, talla, estatura, рост, бойы",
    "mass_kg": "mass, body mass, weight, body weight, peso, masa, peso corporal, вес, масса, масса тела, салмағы",
    "experience_months": "experience, training experience, experiencia, опыт, стаж, тәжірибе, тәжірибесі",
    "one_rm_kg": "1rm, 1 rm, one rm, one repetition maximum, one rep max, 1 пм, 1пм, пм",
    "working_load_kg": "working load, load, working weight, carga, carga de trabajo, рабочий вес, жұмыс салмағы",
    "measured_on": "measured on, date, measurement date, date of measurement, fecha, дата, дата измерения, күні",
}
_UNITS = {"cm", "kg", "months", "month", "years", "meses", "anos", "см", "кг", "мес", "месяцев", "лет", "ай", "жыл"}


def folded(text: str) -> str:
    """For comparing: lower case, without accents and punctuation, single spaces. "Á. Béla-Ёжик" is "a bela ежик"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", kept))


def same_person(name: str) -> str:
    """Equal for names that differ in case, accents, punctuation or the order of first and last."""
    return " ".join(sorted(folded(name).split()))


_FIELDS = {folded(heading): field for field, headings in HEADINGS.items() for heading in headings.split(", ")}


def field_of(heading: str) -> str | None:
    """The field that a heading names; None for one that is not known."""
    text = folded(re.sub(r"[(\[].*?[)\]]", " ", heading.strip("\ufeff")))
    if text in _FIELDS:
        return _FIELDS[text]
    words = [word for word in text.split() if word not in _UNITS]
    return _FIELDS.get(" ".join(words))


def fields_of(header: list[str]) -> dict[str, int]:
    """Field -> column, the first of each. A first name without a last name is the whole name."""
    found: dict[str, int] = {}
    for column, heading in enumerate(header):
        field = field_of(heading)
        if field is not None:
            found.setdefault(field, column)
    if "first_name" in found and "last_name" not in found and "name" not in found:
        found["name"] = found.pop("first_name")
    return found
