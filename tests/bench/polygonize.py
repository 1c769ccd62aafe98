#!/usr/bin/env python3
"""GDAL's polygonize on the ones of a mask, to set `examples/outlines` against.

    polygonize.py MASK             prints the seconds without reading the file, the polygons and their area
    polygonize.py --busy MASK      writes a mask of 4000 x 4000 pixels full of small and large patches, once
"""
import json
import os
import sys
import time

import numpy as np
from osgeo import gdal, ogr

gdal.UseExceptions()


def busy(path, side=4000, cell=16):
    if os.path.exists(path):
        return
    rng = np.random.default_rng(11)
    coarse = rng.standard_normal((side // cell, side // cell)).repeat(cell, 0).repeat(cell, 1)
    mask = (coarse + 0.6 * rng.standard_normal((side, side)) > 1.4).astype(np.uint8)
    made = gdal.GetDriverByName("GTiff").Create(path + ".part", side, side, 1, gdal.GDT_Byte, ["COMPRESS=DEFLATE"])
    made.SetGeoTransform((480_000, 2, 0, 3_590_000, 0, -2))
    made.GetRasterBand(1).WriteArray(mask)
    del made
    os.rename(path + ".part", path)


def polygonize(path):
    source = gdal.Open(path)
    ones = (source.ReadAsArray() == 1).astype(np.uint8)
    memory = gdal.GetDriverByName("MEM").Create("", source.RasterXSize, source.RasterYSize, 1, gdal.GDT_Byte)
    memory.SetGeoTransform(source.GetGeoTransform())
    memory.GetRasterBand(1).WriteArray(ones)
    patches = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = patches.CreateLayer("patches", None, ogr.wkbPolygon)
    band = memory.GetRasterBand(1)
    started = time.perf_counter()
    gdal.Polygonize(band, band, layer, -1, ["8CONNECTED=8"])
    seconds = time.perf_counter() - started
    area = float(ones.sum()) * abs(source.GetGeoTransform()[1] * source.GetGeoTransform()[5])
    print(json.dumps({"seconds": round(seconds, 4), "patches": layer.GetFeatureCount(), "area_m2": round(area, 1)}))


if sys.argv[1] == "--busy":
    busy(sys.argv[2])
else:
    polygonize(sys.argv[1])
