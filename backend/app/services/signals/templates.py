"""Templates: what is made of an alert's fields, and how a line of text is taken apart into fields.

"{a.b}" is the field b of the field a, as it is; "{a.b?}" may be missing; text around it makes it text. Nothing in them
repeats or branches, so that no alert makes them slow. Raises InvalidValue naming the template's place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.money import from_config, plain
from app.domain.refusals import InvalidValue

CHECK = "hook"
_PLACE = re.compile(r"\{([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})(\?)?\}")
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Template:
    """parts: literal texts and places by turns, a literal first. said: as it was written."""

    name: str
    said: str
    literals: tuple[str, ...]
    places: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, name: str, said: str) -> "Template":
        """Raises InvalidValue for a brace that opens no field."""
        literals, places, end = list[str](), list[tuple[str, bool]](), 0
        for found in _PLACE.finditer(said):
            literals.append(said[end : found.start()])
            places.append((found[1], found[2] is not None))
            end = found.end()
        literals.append(said[end:])
        if any("{" in text or "}" in text for text in literals):
            raise InvalidValue(name, said, "must name fields as {field} or {field.of.it?}, in closed braces")
        return cls(name, said, tuple(literals), tuple(places))

    def filled(self, fields: Mapping[str, Any]) -> Any:
        """Of one place alone its value as it is, else text; None where an optional place has none."""
        values = list[Any]()
        for path, optional in self.places:
            value = _found(fields, path)
            if value in (_MISSING, None, ""):
                if optional:
                    return None
                raise InvalidValue(self.name, self.said, f"the alert has no {path}", check=CHECK)
            values.append(value)
        if len(values) == 1 and self.literals == ("", ""):
            return values[0].strip() if isinstance(values[0], str) else values[0]
        texts = [_text(self, value) for value in values]
        return "".join(part for pair in zip(self.literals, [*texts, ""], strict=True) for part in pair)


@dataclass(frozen=True, slots=True)
class TextForm:
    """A line of text as fields: literals that must stand there, and between them the fields, each as short as it may
    be."""

    template: Template

    @classmethod
    def of(cls, name: str, said: str) -> "TextForm":
        template = Template.of(name, said)
        if not template.places:
            raise InvalidValue(name, said, "must name at least one {field}")
        if any(optional for _, optional in template.places) or any(not text for text in template.literals[1:-1]):
            raise InvalidValue(name, said, "must have text between two fields, and no optional one")
        return cls(template)

    def fields(self, text: str) -> dict[str, str]:
        """Raises InvalidValue, which does not show the text: a secret may stand in it."""
        literals, found, at = self.template.literals, dict[str, str](), 0
        text = text.strip()
        if not text.startswith(literals[0]):
            raise self._differs()
        at = len(literals[0])
        for (path, _), after in zip(self.template.places, literals[1:], strict=True):
            last = after is literals[-1] and len(found) == len(self.template.places) - 1
            end = (len(text) - len(after) if text.endswith(after) else -1) if last else text.find(after, at)
            if end <= at:
                raise self._differs()
            found[path] = text[at:end].strip()
            at = end + len(after)
        return found

    def _differs(self) -> InvalidValue:
        return InvalidValue("body", "text", f"must read as {self.template.said}", check=CHECK)


def made(name: str, said: Any) -> Any:
    """Templates in a value of the settings: of a text, of every text in a table; a float is the decimal that a person
    reads in it, anything else is as it is."""
    if isinstance(said, float):
        return from_config(name, said)
    if isinstance(said, str):
        return Template.of(name, said)
    if isinstance(said, Mapping):
        return {str(key): made(f"{name}.{key}", item) for key, item in said.items()}
    return [made(name, item) for item in said] if isinstance(said, list) else said


def filled(template: Any, fields: Mapping[str, Any]) -> Any:
    """What made() gave, filled; of a table what has no value is left out."""
    if isinstance(template, Template):
        return template.filled(fields)
    if isinstance(template, Mapping):
        found = {key: filled(item, fields) for key, item in template.items()}
        return {key: value for key, value in found.items() if value is not None}
    return [filled(item, fields) for item in template] if isinstance(template, list) else template


def without(fields: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The fields but that one."""
    head, _, rest = path.partition(".")
    kept = dict(fields)
    if not rest:
        kept.pop(head, None)
    elif isinstance(kept.get(head), Mapping):
        kept[head] = without(kept[head], rest)
    return kept


def _found(fields: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(fields, Mapping):
            fields = fields.get(step, _MISSING)
        elif isinstance(fields, list) and step.isdecimal() and int(step) < len(fields):
            fields = fields[int(step)]
        else:
            return _MISSING
    return fields


def _text(template: Template, value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidValue(template.name, template.said, "takes text and numbers alone", check=CHECK)
    return str(value)
