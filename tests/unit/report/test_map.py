"""The map: every state of the built-in world has a shape or a marker, and its colour follows its value."""

import re
from importlib.resources import files

import numpy as np

from abm.data.world_tables import read_tables
from experiments.report.network import lay_out
from experiments.report.result_view import View
from experiments.report.svg import ACTOR, DIVERGING, QUIET
from experiments.report.world_map import Theme, on_map, outlines, shapes, themes, world_map


def test_every_state_is_on_the_map_once() -> None:
    world = shapes()
    codes = set(read_tables().states["code"])
    assert set(world["points"]) == codes
    assert set(world["shapes"]) | set(world["markers"]) == codes
    assert len(world["markers"]) == 32
    assert len((files("abm.data") / "map" / "world.json").read_bytes()) < 250_000


def test_shapes_are_closed_rings_inside_the_drawing() -> None:
    world = shapes()
    for code, shape in [*world["shapes"].items(), ("other", world["other"])]:
        assert re.fullmatch(r"(M-?[\d.]+,-?[\d.]+( -?[\d.]+,-?[\d.]+)*Z)+", shape), code
        places = np.array([pair.split(",") for pair in re.findall(r"[-\d.]+,[-\d.]+", shape)], float)
        assert places.min() >= -1, code
        assert (places <= [world["width"] + 1, world["height"] + 1]).all(), code


def test_no_outline_crosses_the_whole_map() -> None:
    for code, shape in shapes()["shapes"].items():
        for ring in shape.split("Z")[:-1]:
            x = np.array([float(pair.split(",")[0]) for pair in re.findall(r"[-\d.]+,[-\d.]+", ring)])
            assert np.ptp(x) < 400, code


def test_neighbours_lie_where_they_should() -> None:
    points = shapes()["points"]
    assert points["USA"][0] < points["FRA"][0] < points["CHN"][0] < points["NZL"][0]
    assert points["NOR"][1] < points["ITA"][1] < points["ZAF"][1]


def test_colours_follow_values(real: View) -> None:
    theme = Theme("Change", {"FRA": 5.0, "DEU": -5.0, "ESP": 0.0, "LUX": 5.0}, {}, True, "unit", 2)
    drawn = world_map(real, theme)
    fill = dict(re.findall(r'href="#land-(\w+)" fill="([^"]+)"', drawn))
    assert fill["FRA"] == DIVERGING[-1]
    assert fill["DEU"] == DIVERGING[0]
    assert fill["ESP"] == fill["POL"] == QUIET
    assert fill["USA"] == ACTOR
    assert drawn.count('class="spot"') == 32
    assert f'fill="{DIVERGING[-1]}" class="spot"' in drawn
    assert all(f'id="land-{code}"' in outlines() for code in fill)


def test_three_maps_of_an_exit(real: View) -> None:
    assert on_map(real)
    assert [theme.title for theme in themes(real)] == [
        "Followers",
        "Trust in the United States",
        "Influence on agendas",
    ]
    assert "USA" not in themes(real)[1].values


def test_bodies_hardly_overlap_in_the_network(real: View) -> None:
    layout = lay_out(real)
    codes = list(layout.bodies)
    spots = np.array([layout.bodies[code] for code in codes])
    radii = np.array([layout.radii[code] for code in codes])
    apart = np.linalg.norm(spots[:, None] - spots[None, :], axis=2) - radii[:, None] - radii[None, :]
    assert np.isfinite(spots).all()
    assert (apart[np.triu_indices(len(codes), 1)] < -2).mean() < 0.002
    assert set(layout.states) == set(real.large)
