#!/usr/bin/env python3
"""What one writes in an afternoon: the same steps with rasterio, numpy and scipy, over the whole scene.

    whole_scene.py BEFORE AFTER ZONES OUT      prints seconds by step

Read both, standardise, change vector, Otsu, label, sieve, polygonise, intersect with the zones, write GeoJSON. GDAL decodes
with two threads here too.
"""
import json
import sys
import time

import numpy as np
import rasterio
from osgeo import ogr
from rasterio import features
from scipy import ndimage

ogr.UseExceptions()
SIEVE_PX = 100


def otsu(values):
    counts, edges = np.histogram(values, bins=1024)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts, dtype=np.float64)
    above = below[-1] - below
    first = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (first / below - (first[-1] - first) / above) ** 2
    return middles[np.nanargmax(between)]


def magnitude(before, after):
    total = np.zeros(before.shape[1:], np.float32)
    for x, y in zip(before, after):
        x, y = x.astype(np.float32), y.astype(np.float32)
        x -= x.mean()
        x /= x.std()
        y -= y.mean()
        y /= y.std()
        y -= x
        y *= y
        total += y
    return np.sqrt(total, out=total)


def zone_shapes(path):
    source = ogr.Open(path)
    return [(f.GetField("zone_id"), f.GetGeometryRef().Clone()) for f in source.GetLayer(0)]


def hits(shape, zones):
    box = shape.GetEnvelope()
    for name, zone in zones:
        other = zone.GetEnvelope()
        if box[0] <= other[1] and other[0] <= box[1] and box[2] <= other[3] and other[2] <= box[3]:
            area = shape.Intersection(zone).GetArea()
            if area > 0:
                yield name, area


def main():
    before_path, after_path, zones_path, out = sys.argv[1:5]
    started, steps = time.perf_counter(), {}

    def step(name):
        steps[name] = round(time.perf_counter() - started - sum(steps.values()), 3)

    with rasterio.open(before_path, num_threads=2) as before, rasterio.open(after_path, num_threads=2) as after:
        transform = before.transform
        x, y = before.read(), after.read()
    step("read")
    score = magnitude(x, y)
    del x, y
    step("score")
    mask = (score > otsu(score)).astype(np.uint8)
    step("threshold")
    _, patches = ndimage.label(mask, structure=np.ones((3, 3)))
    step("label")
    mask = features.sieve(mask, SIEVE_PX, connectivity=8)
    step("sieve")
    shapes = [s for s, value in features.shapes(mask, mask == 1, connectivity=8, transform=transform) if value == 1]
    step("polygonise")
    zones = zone_shapes(zones_path)
    flags = []
    for shape in shapes:
        found = list(hits(ogr.CreateGeometryFromJson(json.dumps(shape)), zones))
        if found:
            flags.append({"type": "Feature", "geometry": shape, "properties": {"zones": found}})
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "features": flags}, file)
    step("zones")
    print(json.dumps({"seconds": round(sum(steps.values()), 3), "flags": len(flags), "components": patches, **steps}))


main()
