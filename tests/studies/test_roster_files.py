"""Class lists as files: every encoding, delimiter and bad cell, without a database."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from django.utils import timezone

from studies.roster.checks import ERROR, WARNING, Student, read_students
from studies.roster.columns import field_of, fields_of, folded, same_person
from studies.roster.export import safe_cell
from studies.roster.tables import FileRefused, Formula, read_table

LIST = "name,user name,year\nAlma Bekova,alma,2\nBolat Omarov,bolat,3\n"
CYRILLIC = "ФИО;Логин;Курс;Группа\nАйгүл Ёлкина;aigul;2;2А\nПётр Чайка;petr;3;2Б\n"
SPANISH = "Nombre;Apellidos;Usuario;Año\nIván;Núñez;ivan;2\nMaría José;Peña;maria;3\n"

USERNAMES = {"Ф": ["aigul", "petr"], "N": ["ivan", "maria"], "n": ["alma", "bolat"]}
WINDOWS_1251 = CYRILLIC.replace("ү", "у")


def students(raw: bytes | str, **kwargs: str) -> list[Student]:
    return read_students(read_table(raw.encode() if isinstance(raw, str) else raw, **kwargs))


def problems(raw: bytes | str) -> list[tuple[int, str, str]]:
    return [(p.row, p.column, p.level) for student in students(raw) for p in student.problems]


def said(raw: bytes | str) -> str:
    return " ".join(problem.text for student in students(raw) for problem in student.problems)


def refused(raw: bytes, **kwargs: str) -> str:
    with pytest.raises(FileRefused) as caught:
        students(raw, **kwargs)
    return caught.value.code


def workbook(*rows: list[object]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


# Encodings and delimiters


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (CYRILLIC, "utf-8", "utf-8"),
        (CYRILLIC, "utf-8-sig", "utf-8"),
        (CYRILLIC, "utf-16", "utf-16"),
        (CYRILLIC, "utf-16-le", "utf-16-le"),
        (CYRILLIC, "utf-16-be", "utf-16-be"),
        (WINDOWS_1251, "cp1251", "cp1251"),
        (SPANISH, "cp1252", "cp1252"),
        (SPANISH, "utf-8", "utf-8"),
        (LIST, "ascii", "utf-8"),
        (LIST, "utf-16-le", "utf-16-le"),
    ],
)
def test_the_encoding_is_found_out(text: str, encoding: str, named: str) -> None:
    table = read_table(text.encode(encoding))
    assert table.reading.startswith(f"CSV, {named}, ")
    found = read_students(table)
    assert [student.username for student in found] == USERNAMES[text[0]]
    assert not any(student.problems for student in found)


def test_names_survive_in_every_encoding() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert [row.name for row in students(CYRILLIC.encode(encoding))] == ["Айгүл Ёлкина", "Пётр Чайка"]
    assert students(WINDOWS_1251.encode("cp1251"))[1].name == "Пётр Чайка"
    assert [row.name for row in students(SPANISH.encode("cp1252"))] == ["Iván Núñez", "María José Peña"]


def test_a_chosen_encoding_wins_over_the_guess_and_one_that_cannot_be_is_refused() -> None:
    kazakh = "Аты-жөні;Логин;Курс\nӘсел Қанатқызы;asel;2\n"
    assert students(kazakh.encode("kz1048"), encoding="kz1048")[0].name == "Әсел Қанатқызы"
    assert refused(WINDOWS_1251.encode("cp1251"), encoding="utf-8") == "bad_encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    assert [row.username for row in students(LIST.replace(",", delimiter))] == ["alma", "bolat"]


def test_commas_inside_names_do_not_mislead() -> None:
    row = students("name;user name;year\nBekova, Alma;alma;2\n")[0]
    assert (row.first_name, row.last_name) == ("Alma", "Bekova")


def test_excels_hint_of_the_delimiter_is_followed_and_rows_keep_their_numbers() -> None:
    rows = students("sep=;\nname;user name;year\n\nAlma;alma;2\n;;\nBolat;bolat;9\n")
    assert [(row.row, row.username) for row in rows] == [(4, "alma"), (6, "bolat")]


def test_quoted_cells_may_hold_line_breaks() -> None:
    rows = students('name,user name,year,note\nAlma Bekova,alma,2,"two\nlines"\nBolat,bolat,nine,\n')
    assert [row.row for row in rows] == [2, 4]


# Headings


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Full Name", "name"),
        ("ФИО", "name"),
        ("Аты-жөні", "name"),
        ("\ufeffName", "name"),
        ("E-Mail", "email"),
        ("Correo electrónico", "email"),
        ("Height (cm)", "height_cm"),
        ("Height, cm", "height_cm"),
        ("РОСТ, см", "height_cm"),
        ("1RM [kg]", "one_rm_kg"),
        ("Experience months", "experience_months"),
        ("Año", "year"),
        ("Shoe size", None),
        ("", None),
    ],
)
def test_a_heading_is_known_in_four_languages(heading: str, field: str | None) -> None:
    assert field_of(heading) == field


def test_a_first_name_alone_is_the_whole_name() -> None:
    assert fields_of(["Nombre", "Usuario", "Año"]) == {"name": 0, "username": 1, "year": 2}
    assert fields_of(["Nombre", "Apellidos"]) == {"first_name": 0, "last_name": 1}


def test_missing_columns_are_named_with_what_was_found() -> None:
    with pytest.raises(FileRefused) as caught:
        students("surname,shoe size\nBekova,41\n")
    assert caught.value.code == "missing_column"
    assert "user name or e-mail, the year of study" in str(caught.value.advice)
    assert "surname, shoe size" in str(caught.value.advice)


# Workbooks


def test_a_workbook_is_read_as_a_person_reads_it() -> None:
    raw = workbook(
        ["Name", "E-mail", "Year", "Mass kg", "Measured on", "Phone"],
        ["Alma Bekova", "Alma@Uni.edu", 2.0, 61.5, dt.datetime(2024, 9, 1, 10, 30), 7700],  # noqa: DTZ001
        [None, None, None, None, None, None],
        ["Bolat Omarov", "bolat@uni.edu", "3", "78,25", "01.09.2024", None],
    )
    first, second = students(raw)
    assert (first.row, first.username, first.year_of_study) == (2, "alma@uni.edu", 2)
    assert first.baseline == {"mass_kg": "61.5", "measured_on": "2024-09-01"}
    assert (second.row, second.baseline["mass_kg"], second.baseline["measured_on"]) == (4, "78.2", "2024-09-01")
    assert first.problems == second.problems == []


def test_a_formula_is_never_evaluated_and_refused_with_its_place() -> None:
    raw = workbook(
        ["Name", "User name", "Year", "Mass"],
        ['=HYPERLINK("http://x","Alma")', "alma", "=1+1", 60],
        ["Bo", "bo", 2, "=A1"],
    )
    assert problems(raw) == [(2, "Name", ERROR), (2, "Year", ERROR), (3, "Mass", ERROR)]
    assert "holds a formula" in said(raw)
    assert isinstance(read_table(raw).rows[0][1][0], Formula)


def test_text_of_a_csv_that_begins_like_a_formula_is_refused() -> None:
    assert problems('name,user name,year\n=cmd|x,alma,2\nBo,@bo,2\n"+1",cy,2\n') == [
        (2, "name", ERROR),
        (3, "user name", ERROR),
        (4, "name", ERROR),
    ]


def test_the_first_sheet_with_anything_in_it_is_read() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("Class").append(["Name", "User name", "Year"])
    book["Class"].append(["Alma", "alma", 2])
    book.save(out)
    assert [row.username for row in students(out.getvalue())] == ["alma"]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(101_000_000))
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(b"", "empty_file", id="empty"),
        pytest.param(b" \r\n \n", "empty_file", id="blank"),
        pytest.param(b"name,user name,year\n", "no_header", id="header only"),
        pytest.param(b"\xd0\xcf\x11\xe0" + bytes(600), "unknown_format", id="old excel"),
        pytest.param(b"%PDF-1.7", "unknown_format", id="pdf"),
        pytest.param(b"\x01\x02\x03name", "unknown_format", id="binary"),
        pytest.param(b"PK\x03\x04 torn", "broken_workbook", id="torn workbook"),
        pytest.param(workbook(["a"])[:-900], "broken_workbook", id="cut workbook"),
        pytest.param(bomb(), "too_large", id="bomb"),
        pytest.param(b"x" * 5_000_001, "too_large", id="six megabytes"),
        pytest.param(b"name,user name,year\n" + b"A,a,2\n" * 10_001, "too_many_rows", id="10 001 rows"),
        pytest.param(b'name,user name,year\n"' + b"x" * 140_000, "unknown_format", id="endless cell"),
    ],
)
def test_a_file_that_cannot_be_a_class_list_is_refused(raw: bytes, code: str) -> None:
    assert refused(raw) == code


def test_ten_thousand_rows_are_read() -> None:
    rows = "".join(f"Student{n:05d} Name{n:05d},user{n:05d},{n % 8 + 1}\n" for n in range(10_000))
    found = students("name,user name,year\n" + rows)
    assert len(found) == 10_000
    assert not any(row.problems for row in found)


# Cells


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("year", "9", "from 1 to 8"),
        ("year", "", "year of study is missing"),
        ("user name", "al ma", "only letters, digits"),
        ("user name", "", "user name is missing"),
        ("name", "", "name is missing"),
        ("e-mail", "alma@", "no e-mail"),
        ("sex", "?", "Write f, m or x"),
        ("height", "1.75", "from 100 to 250"),
        ("mass", "60 kg", "without a unit"),
        ("age", "19.5", "whole number"),
        ("mass", "nan", "from 30 to 250"),
        ("measured on", "31.02.2024", "Write the date"),
        ("measured on", "1924-01-01", "long ago"),
        ("section", "x" * 41, "At most 40"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column_with_a_sentence(column: str, cell: str, sentence: str) -> None:
    row = {"name": "Alma Bekova", "user name": "alma", "year": "2"} | {column: cell}
    text = ";".join(row) + "\n" + ";".join(row.values()) + "\n"
    assert problems(text) == [(2, column, ERROR)]
    assert sentence in said(text)


def test_a_date_in_the_future_is_refused_and_today_is_not() -> None:
    today = timezone.localdate()
    rows = [f"A B,user{n},2,{today + dt.timedelta(days=n)}" for n in (0, 1)]
    text = "first name,user name,year,date\n" + "\n".join(rows).replace("A B", "Alma") + "\n"
    assert [(p.row, p.text) for s in students(text) for p in s.problems if p.level == ERROR] == [
        (3, "This date is in the future.")
    ]


@pytest.mark.parametrize(
    ("word", "sex"), [("F", "f"), ("Mujer", "f"), ("ж", "f"), ("M", "m"), ("муж.", "m"), ("ер", "m"), ("x", "x")]
)
def test_sex_is_read_in_four_languages(word: str, sex: str) -> None:
    assert students(f"name,user name,year,sex\nAlma,alma,2,{word}\n")[0].baseline == {"sex": sex}


# Twins


def test_the_same_account_twice_is_an_error_of_the_later_row() -> None:
    text = "name,user name,e-mail,year\nAlma,alma,a@uni.edu,2\nBolat,ALMA,b@uni.edu,2\nCem,cem,A@uni.edu,2\n"
    assert problems(text) == [(3, "username", ERROR), (4, "email", ERROR)]
    assert "row 2" in said(text)


def test_the_same_name_in_other_letters_is_a_warning() -> None:
    text = "name,user name,year\nIván Núñez,ivan,2\nNUNEZ ivan,ivan2,2\nPyotr,p,3\n"
    assert problems(text) == [(3, "name", WARNING)]
    assert not students(text)[1].is_good()
    assert students(text)[1].is_good(with_warnings=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Iván Núñez", "ivan nunez"),
        ("Bekova, Alma", "Alma  BEKOVA"),
        ("Пётр Ёлкин", "Петр Елкин"),
        ("Anne-Marie O'Neil", "anne marie o neil"),
    ],
)
def test_names_are_compared_without_case_accents_and_order(one: str, other: str) -> None:
    assert same_person(one) == same_person(other)


def test_other_letters_are_other_names() -> None:
    assert same_person("Қанат") != same_person("Канат")
    assert folded("Á. Béla-Ёжик") == "a bela ежик"


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("+7", "'+7"), ("-5", "'-5"), ("@x", "'@x"), ("Alma", "Alma"), (None, ""), (61.5, "61.5")],
)
def test_what_leaves_as_csv_cannot_become_a_formula(value: object, cell: str) -> None:
    assert safe_cell(value) == cell
