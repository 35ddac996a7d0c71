"""The page of --list-rules=html, as a parser of HTML has it.

page PAGE              share/rules.html is well-formed and has its script's hash
same PAGE HTML JSON    HTML is PAGE with the rules of JSON and a version in it
shown DOM JSON         what a browser made of such HTML has the rules of JSON
"""
import base64
import hashlib
import html.parser
import json
import re
import sys

VOID = {"meta", "col", "input", "wbr", "br"}


class Page(html.parser.HTMLParser):
    """Elements as [name, attributes, text]; asserts that they nest."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"
        ids = [e[1]["id"] for e in self.elements if "id" in e[1]]
        assert len(ids) == len(set(ids)), "an id is there twice"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"<{tag}>: {names}"
        self.elements.append([tag, dict(attributes), ""])
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> ends nothing"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element[2] += data

    def all(self, name):
        return [e for e in self.elements if e[0] == name]

    def by_id(self, name):
        return next(e for e in self.elements if e[1].get("id") == name)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check_page(path):
    page = Page(read(path))
    assert read(path).startswith("<!DOCTYPE html>\n")
    assert json.loads(page.by_id("rules")[2]) == []
    policy = next(e[1]["content"] for e in page.all("meta")
                  if e[1].get("http-equiv") == "Content-Security-Policy")
    said = dict(part.split(None, 1) for part in policy.split("; "))
    assert said["default-src"] == "'none'", said
    assert said["base-uri"] == said["form-action"] == "'none'", said
    scripts = [e[2] for e in page.all("script") if "type" not in e[1]]
    assert len(scripts) == 1
    digest = hashlib.sha256(scripts[0].encode()).digest()
    wanted = f"'sha256-{base64.b64encode(digest).decode()}'"
    assert said["script-src"] == wanted, f"the hash of the script is {wanted}"
    assert page.all("noscript"), "it does not say that it needs JavaScript"


def check_same(path, made_path, json_path):
    page, made = read(path), read(made_path)
    rules = Page(made).by_id("rules")[2]
    assert json.loads(rules) == json.loads(read(json_path))
    assert "<" not in rules and "\u2028" not in rules and "\u2029" not in rules
    version = Page(made).by_id("version")[2]
    assert re.fullmatch(r"[0-9.]+\S*", version), version
    empty = made.replace(rules, "[]", 1)
    empty = empty.replace(f'"version">{version}<', '"version"><', 1)
    assert empty.strip() == page.strip(), "another page"


def check_shown(path, json_path):
    page, rules = Page(read(path)), json.loads(read(json_path))
    rows = [e for e in page.all("tr") if page.all("th") and "id" in e[1]]
    assert {e[1]["id"] for e in rows} == {rule["rule"] for rule in rules}
    rows_of = [len({(p["in"] + [p])[0]["tag"] for p in rule["dicom"]})
               for rule in rules]
    attributes = sum(rows_of)
    assert len(page.all("tr")) == attributes + 1, len(page.all("tr"))
    assert str(attributes) in page.by_id("count")[2]
    text = " ".join(e[2] for e in page.all("tr"))
    for rule in rules:
        for port in rule["dicom"]:
            for attribute in port["in"] + [port]:
                assert attribute["tag"] in text, attribute
        for key in ("rule", "codec", "source", "loss", "because"):
            assert rule.get(key, "") in text, rule[key]
    assert len(page.all("dt")) == sum(
        rows * len(rule["examples"]) for rows, rule in zip(rows_of, rules))
    assert len(page.all("script")) == 2


{"page": check_page, "same": check_same, "shown": check_shown}[sys.argv[1]](
    *sys.argv[2:])
