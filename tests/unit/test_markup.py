"""HTML: what comes from outside stays text, whatever it is."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from neuroam.markup import Html, flow, joined, table, tag

HOSTILE = ['<script>alert("x")</script>', "a & b", "'\"", "\u202eright to left", "\x1b[31m", "</td></table>"]


class Words(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(text):
    for page in (tag("p", text), table((text, "b"), [(text, text)]), joined([text])):
        read = Words(page)
        assert set(read.tags) <= {"p", "table", "tr", "th", "td"}
        assert text.encode("unicode_escape").decode().split("\\")[0] in read.text
    assert Words(tag("p", "x", title=text)).tags == ["p"]
    assert "\x1b" not in tag("p", text)
    assert "\u202e" not in tag("p", text)


def test_what_is_made_here_is_not_escaped_again():
    assert tag("p", tag("b", "<"), " and ", Html("<i>")) == "<p><b>&lt;</b> and <i></p>"
    assert tag("pre", "a\nb", class_="x") == '<pre class="x">a\nb</pre>'


def test_a_table_has_no_empty_columns_and_is_nothing_without_rows():
    assert Words(table(("a", "b", "c"), [("1", "", "3"), ("4", "", "")])).text == "ac134"
    assert table(("a",), []) == ""


def test_values_are_shown_as_yaml_has_them():
    assert flow({"a": [1, 2.5, True, None], "b": {"c": "20 ms"}}) == "{a: [1, 2.5, true, null], b: {c: 20 ms}}"
