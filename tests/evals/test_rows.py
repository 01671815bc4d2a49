"""Files of sentences and labels, as other people write them."""

from pathlib import Path

import pytest

from evals.rows import NotReadable, Row, read_rows


def written(folder: Path, data: str | bytes) -> Path:
    """A file with this in it."""
    path = folder / "rows.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    "data",
    [
        "text,label\nwhere is it,track\n",
        "label,text\r\ntrack,where is it\r\n",
        "\ufefftext,label\nwhere is it,track",
        "\n\ntext,label\n\nwhere is it,track\n\n , \n",
        '"text","label"\n"where is it","track"\n',
        "id,Text , Label,split\n7, where is it ,track,train\n",
    ],
    ids=["plain", "other order", "byte order mark", "empty lines", "quoted", "more columns"],
)
def test_a_row_is_read_however_the_file_is_written(tmp_path: Path, data: str) -> None:
    """All of these say the same."""
    assert read_rows(written(tmp_path, data)) == [Row("where is it", "track")]


def test_quotes_may_hold_commas_and_lines(tmp_path: Path) -> None:
    """And quotes."""
    data = 'text,label\n"well, ""where""\nis it",track\n'
    assert read_rows(written(tmp_path, data)) == [Row('well, "where"\nis it', "track")]


@pytest.mark.parametrize("label", ["oos", "OOS", " oos "])
def test_oos_is_out_of_scope(tmp_path: Path, label: str) -> None:
    """In either case."""
    assert not read_rows(written(tmp_path, f"text,label\nwho are you,{label}\n"))[0].is_in_scope


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "rows.csv:0: the header needs one column 'text', it has nothing"),
        ("text,label\n", "rows.csv:1: no rows below the header"),
        ("where is it,track\n", "rows.csv:1: the header needs one column 'text', it has where is it, track"),
        ("text,text,label\na,b,c\n", "rows.csv:1: the header needs one column 'text'"),
        ("text,label\na,b\n\nwell, where is it,track\n", "rows.csv:4: 3 cells under 2 columns"),
        ("text,label\na,b\nwhere is it\n", "rows.csv:3: 1 cells under 2 columns"),
        ("text,label\na,b\n,track\n", "rows.csv:3: text or label is empty"),
        ("text,label\na,b\nwhere is it,\n", "rows.csv:3: text or label is empty"),
        ('text,label\na,b\n"where is it,track\n', "rows.csv:3: unexpected end of data"),
        (b"text,label\na,b\n\xe9,track\n", "rows.csv:3: not UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, data: str | bytes, said: str) -> None:
    """So that it can be mended."""
    with pytest.raises(NotReadable) as error:
        read_rows(written(tmp_path, data))
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """As the system says it."""
    with pytest.raises(NotReadable, match=r"none\.csv: No such file"):
        read_rows(tmp_path / "none.csv")
