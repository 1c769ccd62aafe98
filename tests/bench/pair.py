#!/usr/bin/env python3
"""Writes the pair of scenes, the zones and the project file that the benchmarks run on.

    pair.py FOLDER SIDE            SIDE: pixels along one side, as 10000

Two scenes of SIDE x SIDE pixels, four bands of 16 bits, tiled 512, DEFLATE, 2 m pixels in EPSG:4549; 200 irregular
zones whose union covers 39 % of them; 300 planted changes inside zones. Land is value noise of three scales and a
grain of its own; the later scene has another gain and offset and its own sensor noise, so that nothing is equal.
Seeds are fixed. Everything is simulated. What is there already is kept.
"""
import json
import math
import os
import sys

import numpy as np
from osgeo import gdal, ogr, osr

gdal.UseExceptions()
ogr.UseExceptions()
gdal.SetConfigOption("OGR_CURRENT_DATE", "2025-01-01T00:00:00Z")

STRIP = 512
PIXEL_M = 2.0
WEST, NORTH = 480_000.0, 3_590_000.0
ZONES, SHARE = 200, 0.39
PLANTED = 300
CELLS = (512, 64, 12)  # scales of the land, in pixels
#          mean, weight of each scale
BANDS = ((620, 110, 60, 25), (900, 150, 80, 35), (840, 220, 120, 45), (2600, -520, 260, 90))
GRAIN, SENSOR = 14.0, 8.0  # spread of the ground's grain and of each sensor's noise
LATER = ((1.06, 35), (1.04, 28), (1.09, -20), (0.94, 110))  # gain and offset of the later scene
BUILT = (1500, 1750, 1950, 2150)  # what the planted changes turn into


def coarse_fields(rng, side):
    """One small matrix a scale, with a margin of two cells."""
    return [rng.standard_normal((side // cell + 3, side // cell + 3), dtype=np.float32) for cell in CELLS]


def enlarged(field, cell, first, rows, cols):
    """Rows [first, first + rows) of a field whose cells are `cell` pixels wide, linear between cells."""
    y = np.arange(first, first + rows, dtype=np.float32) / cell
    top, fy = y.astype(np.int32), (y - np.floor(y))[:, None].astype(np.float32)
    lines = field[top] * (1 - fy) + field[top + 1] * fy
    x = np.arange(cols, dtype=np.float32) / cell
    left, fx = x.astype(np.int32), (x - np.floor(x)).astype(np.float32)
    return np.take(lines, left, axis=1) * (1 - fx) + np.take(lines, left + 1, axis=1) * fx


def noise(rng, pool, rows, cols):
    """A stretch of the pool from a random place: as good as new numbers beyond the reach of DEFLATE's window."""
    at = int(rng.integers(0, pool.size - rows * cols))
    return pool[at:at + rows * cols].reshape(rows, cols)


def blob(change):
    """Rows, columns and mask of a planted change: an ellipse in a box of 20 to 60 pixels."""
    row, col, rows, cols = change
    y = (np.arange(rows) - (rows - 1) / 2) / (rows / 2)
    x = (np.arange(cols) - (cols - 1) / 2) / (cols / 2)
    return row, col, (y[:, None] ** 2 + x[None, :] ** 2) <= 1


def create(path, side):
    options = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=DEFLATE", "ZLEVEL=6", "INTERLEAVE=PIXEL", "PREDICTOR=2",
               "NUM_THREADS=ALL_CPUS", "BIGTIFF=IF_SAFER"]
    made = gdal.GetDriverByName("GTiff").Create(path, side, side, 4, gdal.GDT_UInt16, options)
    made.SetGeoTransform((WEST, PIXEL_M, 0, NORTH, 0, -PIXEL_M))
    made.SetProjection(crs().ExportToWkt())
    return made


def crs():
    made = osr.SpatialReference()
    made.ImportFromEPSG(4549)
    made.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return made


def write_scenes(paths, side, changes):
    rng = np.random.default_rng(20241101)
    fields = coarse_fields(rng, side)
    pool = rng.standard_normal(STRIP * side + (1 << 23), dtype=np.float32)
    scenes = [create(path + ".part", side) for path in paths]
    for first in range(0, side, STRIP):
        rows = min(STRIP, side - first)
        land = [enlarged(field, cell, first, rows, side) for field, cell in zip(fields, CELLS)]
        here = [blob(c) for c in changes if c[0] < first + rows and c[0] + c[2] > first]
        strips = [np.empty((4, rows, side), np.uint16) for _ in paths]
        for band, ((mean, *weights), (gain, offset)) in enumerate(zip(BANDS, LATER)):
            ground = noise(rng, pool, rows, side) * np.float32(GRAIN * (2.2 if band == 3 else 1))
            for weight, scale in zip(weights, land):
                ground += np.float32(weight) * scale
            ground += np.float32(mean)
            store(strips[0][band], ground + np.float32(SENSOR) * noise(rng, pool, rows, side))
            for row, col, mask in here:
                top, bottom = max(row, first), min(row + mask.shape[0], first + rows)
                part = ground[top - first:bottom - first, col:col + mask.shape[1]]
                part[mask[top - row:bottom - row]] = BUILT[band]
            ground *= np.float32(gain)
            ground += np.float32(offset)
            store(strips[1][band], ground + np.float32(SENSOR) * noise(rng, pool, rows, side))
        for scene, strip in zip(scenes, strips):
            scene.WriteRaster(0, first, side, rows, strip.tobytes())
    for scene, path in zip(scenes, paths):
        scene.FlushCache()
    del scenes, scene
    for path in paths:
        os.rename(path + ".part", path)


def store(into, values):
    into[...] = np.clip(values, 1, 10000)


def star(rng, cx, cy, radius):
    """An irregular polygon of 50 to 400 corners in pixels: a stretched circle with bends of six wavelengths."""
    corners = int(rng.integers(50, 401))
    angle = np.linspace(0, 2 * math.pi, corners, endpoint=False)
    bend = np.ones(corners)
    for wave in range(2, 8):
        bend += rng.normal(0, 0.22 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * math.pi))
    bend = np.clip(bend, 0.35, None) * (1 + rng.uniform(-0.015, 0.015, corners))
    long, turn = rng.uniform(1.0, 2.2), rng.uniform(0, math.pi)
    x, y = radius * bend * math.sqrt(long) * np.cos(angle), radius * bend / math.sqrt(long) * np.sin(angle)
    return cx + x * math.cos(turn) - y * math.sin(turn), cy + x * math.sin(turn) + y * math.cos(turn)


def moved_inside(values, side, margin=4):
    return values + max(0.0, margin - values.min()) - max(0.0, values.max() - (side - margin))


def shapes(side, scale):
    """The 200 zones, most of them along a river, large and small, some overlapping."""
    rng = np.random.default_rng(4549)
    made = []
    for number in range(ZONES):
        radius = side * scale * math.exp(rng.normal(0, 0.6))
        along, reach = rng.uniform(0.05, 0.95) * side, 0.17
        river = side * (0.5 + 0.22 * math.sin(along / side * 5.0))
        across = river + rng.normal(0, reach) * side if number % 8 else rng.uniform(0.05, 0.95) * side
        x, y = star(rng, along, across, radius)
        made.append((moved_inside(x, side), moved_inside(y, side)))
    return made


def polygon(x, y):
    ring = ogr.Geometry(ogr.wkbLinearRing)
    for px, py in zip(x, y):
        ring.AddPoint_2D(WEST + float(px) * PIXEL_M, NORTH - float(py) * PIXEL_M)
    ring.CloseRings()
    made = ogr.Geometry(ogr.wkbPolygon)
    made.AddGeometry(ring)
    return made


def burnt(side, zones, cells=1000):
    """The zones on a grid of 1000 x 1000 cells."""
    memory = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = memory.CreateLayer("zones", crs(), ogr.wkbPolygon)
    for x, y in zones:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(polygon(x, y))
        layer.CreateFeature(feature)
    grid = gdal.GetDriverByName("MEM").Create("", cells, cells, 1, gdal.GDT_Byte)
    cell_m = side * PIXEL_M / cells
    grid.SetGeoTransform((WEST, cell_m, 0, NORTH, 0, -cell_m))
    grid.SetProjection(crs().ExportToWkt())
    gdal.RasterizeLayer(grid, [1], layer, burn_values=[1])
    return grid.ReadAsArray()


def fitted_zones(side):
    """The zones at the scale at which their union covers SHARE of the scene."""
    low, high = 0.005, 0.12
    for _ in range(20):
        scale = (low + high) / 2
        if burnt(side, shapes(side, scale)).mean() < SHARE:
            low = scale
        else:
            high = scale
    return shapes(side, scale)


def planted(side, zones):
    rng = np.random.default_rng(7)
    inside = burnt(side, zones)
    changes = []
    wanted = min(PLANTED, PLANTED * side * side // 10_000 ** 2)
    while len(changes) < wanted:
        rows, cols = int(rng.integers(20, 61)), int(rng.integers(20, 61))
        row, col = int(rng.integers(64, side - 128)), int(rng.integers(64, side - 128))
        cell = side / inside.shape[0]
        box = inside[int(row / cell) - 1:int((row + rows) / cell) + 2, int(col / cell) - 1:int((col + cols) / cell) + 2]
        apart = all(abs(row - c[0]) > 90 or abs(col - c[1]) > 90 for c in changes)
        if box.all() and apart:
            changes.append((row, col, rows, cols))
    return changes


def write_zones(path, zones):
    kinds = ("生态保护红线", "自然保护区", "饮用水水源保护区", "湿地公园", "清水通道维护区")
    source = ogr.GetDriverByName("GPKG").CreateDataSource(path + ".part.gpkg")
    layer = source.CreateLayer("zones", crs(), ogr.wkbPolygon)
    for name in ("zone_id", "name", "kind"):
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    layer.StartTransaction()
    for number, (x, y) in enumerate(zones, 1):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetField("zone_id", f"Z{number:03}")
        feature.SetField("name", f"模拟区 {number}")
        feature.SetField("kind", kinds[number % len(kinds)])
        feature.SetGeometry(polygon(x, y))
        layer.CreateFeature(feature)
    layer.CommitTransaction()
    del layer, source
    os.rename(path + ".part.gpkg", path)


PROJECT = """# Simulated; written by tests/bench/pair.py.
version = 1

[project]
name = "Benchmark {side}"
analysis_crs = "EPSG:4549"

[[zones]]
path = "zones.gpkg"
layer = "zones"
id_field = "zone_id"
name_field = "name"
kind_field = "kind"

[[scenes]]
path = "before.tif"
date = "2024-07-20"
bands = {{ blue = 1, green = 2, red = 3, nir = 4 }}

[[scenes]]
path = "after.tif"
date = "2025-07-22"
bands = {{ blue = 1, green = 2, red = 3, nir = 4 }}

[outputs]
directory = "out"
rasters = {rasters}
"""


def main():
    folder, side = sys.argv[1], int(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    at = lambda name: os.path.join(folder, name)  # noqa: E731
    for name, rasters in (("pair.toml", "false"), ("pair_rasters.toml", "true")):
        with open(at(name), "w", encoding="utf-8") as file:
            file.write(PROJECT.format(side=side, rasters=rasters))
    scenes = [at("before.tif"), at("after.tif")]
    if all(os.path.exists(path) for path in [*scenes, at("zones.gpkg"), at("planted.json")]):
        return
    zones = fitted_zones(side)
    changes = planted(side, zones)
    write_scenes(scenes, side, changes)
    with open(at("planted.json"), "w", encoding="utf-8") as file:
        json.dump([dict(zip(("row", "col", "rows", "cols"), change)) for change in changes], file)
    write_zones(at("zones.gpkg"), zones)


main()
