"""Typed immutable values."""

from __future__ import annotations

import pytest

from jobctl.model.value import Value


class Point(Value):
    """A value with a default."""

    x: int
    y: int = 0


class Named(Point):
    """A value with the fields of another and one of its own."""

    name: str


class Twin(Value):
    """The fields of Point, and another type."""

    x: int
    y: int = 0


def test_a_value_has_the_fields_it_was_given_and_its_defaults() -> None:
    point = Point(x=1)
    assert (point.x, point.y) == (1, 0)
    assert point.asdict() == {"x": 1, "y": 0}
    assert list(Named(name="n", x=1).asdict()) == ["x", "y", "name"]


def test_a_field_that_has_no_default_must_be_given() -> None:
    with pytest.raises(TypeError, match="Point needs x"):
        Point(y=1)


def test_a_field_that_the_class_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Point has no colour, z"):
        Point(x=1, z=2, colour="red")


def test_fields_are_given_by_name_only() -> None:
    with pytest.raises(TypeError):
        Point(1, 2)


@pytest.mark.parametrize("field", ["x", "y", "z", "_fields"])
def test_a_value_cannot_be_changed(field: str) -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError, match=f"Point.{field} cannot be set"):
        setattr(point, field, 9)
    with pytest.raises(AttributeError, match=f"Point.{field} cannot be deleted"):
        delattr(point, field)
    assert point == Point(x=1, y=0)


def test_but_returns_a_changed_copy_and_leaves_the_value_as_it_was() -> None:
    point = Point(x=1, y=2)
    assert point.but(y=3) == Point(x=1, y=3)
    assert type(Named(x=1, name="n").but(name="m")) is Named
    assert point == Point(x=1, y=2)


def test_but_cannot_add_a_field() -> None:
    with pytest.raises(TypeError, match="Point has no z"):
        Point(x=1).but(z=3)


def test_values_are_equal_if_type_and_content_are() -> None:
    assert Point(x=1) == Point(x=1, y=0)
    assert Point(x=1) != Point(x=2)
    assert Point(x=1) != Twin(x=1)
    assert Point(x=1) != {"x": 1, "y": 0}
    assert Point(x=1) != Named(x=1, name="n")


def test_equal_values_hash_alike_and_one_stands_for_the_other_in_a_set() -> None:
    assert hash(Point(x=1)) == hash(Point(x=1, y=0))
    assert {Point(x=1), Point(x=1, y=0), Point(x=2), Twin(x=1)} == {Point(x=1), Point(x=2), Twin(x=1)}


def test_a_value_shows_its_class_and_every_field() -> None:
    assert repr(Named(x=1, name="n")) == "Named(x=1, y=0, name='n')"
