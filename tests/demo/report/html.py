"""Just enough HTML: elements whose text is always escaped."""

from html import escape


class Markup(str):
    """Text that is HTML already."""


def element(name: str, *children: object, **attributes: str) -> Markup:
    """`class_` stands for class; everything that is not Markup is text."""
    shown = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items())
    return Markup(f"<{name}{shown}>{text(*children)}</{name}>")


def text(*children: object) -> Markup:
    return Markup("".join(child if isinstance(child, Markup) else escape(str(child)) for child in children))


def table(head: list[str], rows: list[Markup], class_: str = "") -> Markup:
    """Rows are `tr` elements. Wide tables scroll by themselves."""
    heads = element("thead", element("tr", *(element("th", name) for name in head)))
    return element("div", element("table", heads, element("tbody", *rows)), class_=f"wide {class_}".strip())


def row(*cells: object, class_: str = "") -> Markup:
    return element("tr", *(element("td", cell) for cell in cells), class_=class_)


def section(name: str, title: str, *children: object) -> Markup:
    return element("section", element("h2", title), *children, id=name)


def details(summary: str, *children: object) -> Markup:
    return element("details", element("summary", summary), *children)
