"""The data sets that methods are measured on: where the scenes lie, what is true there, and what was planted.

A set names one pair of scenes. Its truth codes pixels: 1 changed, 2 unchanged, 3 another real change (left out of the pixel
figures; a flag on it alone counts as false), 0 not labelled. Made files go to a working folder, never beside the data.
"""
import os
import re
from dataclasses import dataclass, field

import numpy as np
from osgeo import gdal, ogr, osr
from scipy import ndimage

import villages

gdal.UseExceptions()
ogr.UseExceptions()
os.environ["GDAL_PAM_ENABLED"] = "NO"
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")

SHIFTS_PX = (0.5, 1.0, 1.5, 2.0)
SHIFT_DIRECTION = (0.8, -0.6)  # columns, rows: a unit vector that is no multiple of a pixel on either axis
GAIN_OFFSET = ((1.10, 5), (0.92, 9), (1.05, -3), (0.95, 7))  # of the four bands of the shifted copy
SQUARES = (5, 8)
CONTRAST = 3.0  # standard deviations of a band
PLANTED_SHARE = 0.008  # of the scene's pixels
SEED = 20250722


@dataclass
class Pair:
    """Two scenes, their project and their truth."""
    name: str
    kind: str
    dates: tuple
    project: str            # text of a project file, all but [project], [detection] and [outputs]
    crs: str
    truth: object = None    # function of a grid -> coded array; None: nothing changed, every flag is false
    reach_px: int = 0       # how far a flag may lie from what it found
    planted: list = field(default_factory=list)  # (size, row, col) of squares
    detection: str = ""


def grid_of(path):
    """Geotransform, rows, columns and CRS of a raster."""
    source = gdal.Open(path)
    return source.GetGeoTransform(), source.RasterYSize, source.RasterXSize, source.GetProjection()


def nearest(path, grid, mapping):
    """A raster's values at the pixel centres of a grid of the same CRS, through a mapping; 0 elsewhere."""
    values, (t, rows, cols, _) = gdal.Open(path).ReadAsArray(), grid_of(path)
    g, grid_rows, grid_cols, _ = grid
    x, y = g[0] + (np.arange(grid_cols) + 0.5) * g[1], g[3] + (np.arange(grid_rows) + 0.5) * g[5]
    col, row = np.floor((x - t[0]) / t[1]).astype(int), np.floor((y - t[3]) / t[5]).astype(int)
    table = np.zeros(256, np.uint8)
    for value, code in mapping.items():
        table[value] = code
    taken = table[values[np.clip(row, 0, rows - 1)[:, None], np.clip(col, 0, cols - 1)[None, :]]]
    taken[(row < 0) | (row >= rows), :] = 0
    taken[:, (col < 0) | (col >= cols)] = 0
    return taken


def burnt(shapes, grid, dtype=gdal.GDT_UInt32):
    """Geometries with their numbers, on a grid."""
    transform, rows, cols, wkt = grid
    made = gdal.GetDriverByName("MEM").Create("", cols, rows, 1, dtype)
    made.SetGeoTransform(transform)
    made.SetProjection(wkt)
    crs = osr.SpatialReference(wkt)
    memory = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = memory.CreateLayer("shapes", crs, ogr.wkbUnknown)
    layer.CreateField(ogr.FieldDefn("number", ogr.OFTInteger))
    for number, shape in shapes:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature["number"] = number
        feature.SetGeometry(shape)
        layer.CreateFeature(feature)
    gdal.RasterizeLayer(made, [1], layer, options=["ATTRIBUTE=number"])
    return made.ReadAsArray()


def frame(path, out, crs, inset_px=0):
    """A zone layer with the outline of a raster, as a GeoJSON file would be: one polygon in the raster's own CRS."""
    t, rows, cols, _ = grid_of(path)
    x0, x1 = t[0] + inset_px * t[1], t[0] + (cols - inset_px) * t[1]
    y0, y1 = t[3] + inset_px * t[5], t[3] + (rows - inset_px) * t[5]
    reference = osr.SpatialReference()
    reference.SetFromUserInput(crs)
    if os.path.exists(out):
        os.remove(out)
    source = ogr.GetDriverByName("GPKG").CreateDataSource(out)
    layer = source.CreateLayer("frame", reference, ogr.wkbPolygon)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON(({x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}))"))
    layer.CreateFeature(feature)
    return out


def zones_text(path, crs=None, more=""):
    return f'[[zones]]\npath = "{path}"\nkind = "自然保护区"\n' + (f'crs = "{crs}"\n' if crs else "") + more


def scene_text(path, date, bands, crs=None, kind=None):
    roles = ", ".join(f"{role} = {number}" for role, number in bands.items())
    text = f'[[scenes]]\npath = "{path}"\ndate = "{date}"\nbands = {{ {roles} }}\n'
    return text + (f'crs = "{crs}"\n' if crs else "") + (f'kind = "{kind}"\n' if kind else "")


def bands(*roles):
    return {role: number for number, role in enumerate(roles, 1)}


# --- sets with truth ----------------------------------------------------------------------------------------------


def samples(root):
    """The simulated reach: one pair a year, the drone pair and the pair of surfaces."""
    folder = os.path.join(root, "sample_rasters")
    with open(os.path.join(folder, "ecoredline.toml"), encoding="utf-8") as file:
        text = re.sub(r'path = "(?!/)', f'path = "{folder}/', file.read())
    zones = text[text.index("[[zones]]"):text.index("[[scenes]]")]
    scenes = ["[[scenes]]" + part.split("\n# 不写")[0] for part in text.split("[[scenes]]")[1:]]
    kind = lambda scene: (re.findall(r'kind = "(\w+)"', scene) or ["satellite"])[0]
    date = lambda scene: re.findall(r'\ndate = "([\d-]+)"', scene)[0]
    for wanted in ("satellite", "drone", "surface"):
        of_kind = [scene for scene in scenes if kind(scene) == wanted]
        for before, after in zip(of_kind, of_kind[1:]):
            years = date(before)[:4], date(after)[:4]
            middle = "" if wanted == "satellite" else wanted + "_"
            truth = os.path.join(folder, "truth", f"change_{middle}{years[0]}_{years[1]}.tif")
            yield Pair(f"sample_{middle}{years[1]}", wanted, (date(before), date(after)), zones + before + after, "EPSG:4549",
                       lambda grid, truth=truth: nearest(truth, grid, {0: 2, 1: 1, 2: 3}), 1)


def taizhou(data):
    folder, dates = os.path.join(data, "taizhou"), ("2000-03-17", "2003-02-06")
    names = [os.path.join(folder, f"taizhou_{date.replace('-', '')}.tif") for date in dates]
    roles = bands("blue", "green", "red", "nir", "swir1", "swir2")
    text = zones_text(os.path.join(folder, "taizhou_grid_zones.gpkg"), more='id_field = "zone_id"\n')
    text += "".join(scene_text(name, date, roles) for name, date in zip(names, dates))
    truth = os.path.join(folder, "taizhou_truth.tif")
    yield Pair("taizhou", "satellite", dates, text, "EPSG:32651", lambda grid: nearest(truth, grid, {1: 1, 2: 2}))


def altered(data, work):
    """The Landsat pair as other sensors, skies and archives would have delivered it; the truth stays."""
    folder, crs, dates = os.path.join(data, "taizhou"), "EPSG:32651", ("2000-03-17", "2003-02-06")
    names = [os.path.join(folder, f"taizhou_{date.replace('-', '')}.tif") for date in dates]
    before, after = [gdal.Open(name).ReadAsArray().astype(np.float64) for name in names]
    truth = os.path.join(folder, "taizhou_truth.tif")
    zone = frame(names[0], os.path.join(work, "altered_zone.gpkg"), crs)
    roles = ("blue", "green", "red", "nir", "swir1", "swir2")
    for name, (earlier, later, kept) in alterations(before, after).items():
        paths = [os.path.join(work, f"taizhou_{name}_{when}.tif") for when in ("before", "after")]
        for path, values in zip(paths, (earlier, later)):
            deep = values.max() > 255
            values = np.where(values > 0, np.clip(np.rint(values), 1, 65535 if deep else 255), 0)
            write(path, values, names[0], crs, gdal.GDT_UInt16 if deep else gdal.GDT_Byte, 0)
        scenes = "".join(scene_text(path, date, bands(*(roles[band] for band in kept)), crs) for path, date in zip(paths, dates))
        yield Pair(f"taizhou_{name}", "satellite", dates, zones_text(zone) + scenes, crs, lambda grid: nearest(truth, grid, {1: 1, 2: 2}))


def alterations(before, after):
    """Name -> (earlier, later, bands kept)."""
    rng, every = np.random.default_rng(5), tuple(range(6))
    column = lambda *values: np.array(values, float)[:, None, None]
    half, quarter = after.copy(), after.copy()
    half[:, :, 200:], quarter[:, :, :300] = 0, 0
    noisy = lambda values, sigma: np.clip(values + rng.normal(0, sigma, values.shape), 1, 255)
    stripes = 1 + 0.06 * (np.arange(after.shape[1]) // 8 % 2)[None, :, None]
    made = {"reversed": (after, before), "gain_offset": (before, after * column(1.3, .8, 1.15, .7, 1.2, .9) + column(-12, 15, 4, 20, -5, 9)),
            "haze": (before, np.minimum(after * .85 + column(35, 25, 18, 10, 6, 4), 255)), "16_bits": (before * 37 + 200, after * 37 + 200),
            "mixed_bits": (before, after * 41.5 + 777), "dark": (before, after * .35 + 3), "gamma": (before, 255 * (after / 255) ** .8),
            "noise_3": (noisy(before, 3), noisy(after, 3)), "noise_6": (noisy(before, 6), noisy(after, 6)), "half": (before, half),
            "quarter": (before, quarter), "blurred": (before, ndimage.gaussian_filter(after, (0, .8, .8))),
            "shifted": (before, ndimage.shift(after, (0, .4, .6), order=3, mode="nearest")), "striped": (before, np.minimum(after * stripes, 255))}
    made["gain_offset"] = before, np.clip(made["gain_offset"][1], 1, 255)
    named = {name: (*pair, every) for name, pair in made.items()}
    few = {"4_bands": every[:4], "3_bands": every[1:4], "red_nir": (2, 3), "nir_swir1": (3, 4), "swir1": (4,)}
    return named | {name: (before[list(kept)], after[list(kept)], kept) for name, kept in few.items()}


def built(data, work):
    """Villages, suburbs and works drawn into pairs of real aerial scenes, of which only the colours are given."""
    aerial, crs, dates = os.path.join(data, "naip_wetlands"), "EPSG:26914", ("2018-07-01", "2020-07-05")
    for setting in villages.SETTINGS:
        paths = [os.path.join(work, f"built_{setting.name}_{what}.tif") for what in ("before", "after", "truth")]
        scenes = [gdal.Open(os.path.join(aerial, f"m_4709963_se_14_1_{year}.tif")) for year in (setting.before, setting.after)]
        arrays = villages.common([(scene.ReadAsArray(), scene.GetGeoTransform()) for scene in scenes])
        before, after, truth = villages.made(*arrays, setting)
        pixel_m = villages.PIXEL_M[setting.scale]
        for path, values in zip(paths, (before, after, truth[None])):
            write(path, values, (485900, pixel_m, 0, 5209247, 0, -pixel_m), crs, gdal.GDT_Byte, None if path == paths[2] else 0)
        zone = frame(paths[0], os.path.join(work, f"built_{setting.name}_zone.gpkg"), crs)
        roles = bands("red", "green", "blue")
        text = zones_text(zone) + "".join(scene_text(path, date, roles, crs) for path, date in zip(paths, dates))
        if setting.built:
            of_truth = lambda grid, path=paths[2]: nearest(path, grid, {1: 1, 2: 2, 3: 3})
            yield Pair(f"built_{setting.name}", "satellite", dates, text, crs, of_truth, 1)
        else:
            yield Pair(f"built_{setting.name}", "satellite", dates, text, crs, None, 1)


# --- sets in which nothing changed --------------------------------------------------------------------------------


def season(data, work):
    folder, crs = os.path.join(data, "season_clouds"), "EPSG:32618"
    names, dates = [os.path.join(folder, name) for name in ("july.tif", "nov.tif")], ("2002-07-20", "2002-11-25")
    roles = bands("blue", "green", "red", "nir", "swir1", "swir2")
    yield from still("season_clouds", names, dates, roles, crs, work)


def forest(data, work):
    """Flags inside the polygons of one class at both dates, then the whole scene with all polygons as truth."""
    folder, crs, dates = os.path.join(data, "stable_forest"), "EPSG:32616", ("1986-02-06", "2001-01-14")
    names = [os.path.join(folder, f"L5TSR_{date[:4]}.tif") for date in dates]
    roles, polygons = bands("blue", "green", "red", "nir"), os.path.join(folder, "training_polygons.gpkg")
    source = ogr.Open(polygons)  # held: a layer without its source ends the process
    marked = [(2 if f["class_1986"] == f["class_2001"] else 1, f.GetGeometryRef().Clone()) for f in source.GetLayer(0)]
    truth = lambda grid: burnt(marked, grid).astype(np.uint8)
    pairs = list(still("stable_forest", names, dates, roles, crs, work))
    pairs[0].truth = truth
    yield from pairs


def naip(data, work):
    source = os.path.join(data, "naip_wetlands", "m_4709963_se_14_1_20100629.tif")
    roles, crs, dates = bands("red", "green", "blue", "nir"), "EPSG:26914", ("2010-06-29", "2011-06-29")
    before = gdal.Open(source).ReadAsArray()
    for shift in SHIFTS_PX:
        after = moved(before, shift)
        path = os.path.join(work, f"naip_shift_{shift}.tif")
        write(path, after, source, crs, gdal.GDT_Byte, 0)
        yield from still(f"naip_shift_{shift}", [source, path], dates, roles, crs, work, reach=3, inset=10)
    yield next(still("naip_red_2.0", [source, path], dates, {"red": 1}, crs, work, reach=3, inset=10))


def moved(bands_of, shift_px):
    """A copy whose land lies `shift_px` pixels further, with other gains and offsets; 0 stays nodata."""
    made = np.empty_like(bands_of)
    across = (SHIFT_DIRECTION[1] * shift_px, SHIFT_DIRECTION[0] * shift_px)
    for band, (gain, offset) in enumerate(GAIN_OFFSET):
        values = ndimage.shift(bands_of[band].astype(np.float64), across, order=3, mode="nearest") * gain + offset
        made[band] = np.clip(np.rint(values), 1, 255)
    return made


def still(name, names, dates, roles, crs, work, reach=1, inset=0):
    """A pair without change, and two copies of it with planted squares: all bands raised; the infrared lowered."""
    zone = frame(names[0], os.path.join(work, f"{name}_zone.gpkg"), crs, inset)
    text = lambda scenes: zones_text(zone) + "".join(scene_text(s, d, roles, crs) for s, d in zip(scenes, dates))
    yield Pair(name, "satellite", dates, text(names), crs, None, reach)
    for variant in ("raised", "lowered"):
        copies, squares = plant(name, names, roles, variant, crs, work)
        yield Pair(f"{name}+{variant}", "satellite", dates, text(copies), crs, None, reach + 1, squares)


def plant(name, names, roles, variant, crs, work):
    """Copies in 16 bits, so that nothing is cut off at the end of the scale, and the squares in the later one."""
    copies, arrays = [], []
    for path in names:
        source = gdal.Open(path)
        nodata = source.GetRasterBand(1).GetNoDataValue()
        values = source.ReadAsArray().astype(np.int32)
        gaps = (values == nodata).any(axis=0) if nodata is not None else np.zeros(values.shape[1:], bool)
        arrays.append((values, gaps))
    gaps, after = arrays[0][1] | arrays[1][1], arrays[1][0]
    spread = np.array([band[~arrays[1][1]].std() for band in after])
    lowered = [number - 1 for role, number in roles.items() if role in ("nir", "swir1", "swir2")]
    step = CONTRAST * spread
    if variant == "lowered":
        step = np.array([-s if band in lowered else 0 for band, s in enumerate(step)])
    squares = places(gaps)
    for size, row, col in squares:
        after[:, row:row + size, col:col + size] += np.rint(step).astype(np.int32)[:, None, None]
    for path, (values, gaps), when in zip(names, arrays, ("before", "after")):
        values[:, gaps] = -32768
        copy = os.path.join(work, f"{name}_{variant}_{when}.tif")
        write(copy, np.clip(values, -32768, 32767), path, crs, gdal.GDT_Int16, -32768)
        copies.append(copy)
    return copies, squares


def places(gaps):
    """Squares of both sizes in turn at random, seen whole, well apart and away from the edges."""
    rng, (rows, cols), squares = np.random.default_rng(SEED), gaps.shape, []
    taken = ndimage.binary_dilation(gaps, iterations=3)
    taken[:20], taken[-20:], taken[:, :20], taken[:, -20:] = True, True, True, True
    wanted = PLANTED_SHARE * rows * cols
    for turn in range(20_000):
        if sum(size * size for size, _, _ in squares) >= wanted:
            break
        size = SQUARES[len(squares) % 2]
        row, col = int(rng.integers(20, rows - 30)), int(rng.integers(20, cols - 30))
        around = (slice(row - 8, row + size + 8), slice(col - 8, col + size + 8))
        if not taken[around].any():
            squares.append((size, row, col))
            taken[row:row + size, col:col + size] = True
    return squares


def write(path, values, like, crs, dtype, nodata):
    """Rasters are made once: the figures do not depend on when."""
    bands_of, rows, cols = values.shape
    made = gdal.GetDriverByName("GTiff").Create(path, cols, rows, bands_of, dtype, ["COMPRESS=DEFLATE", "TILED=YES"])
    made.SetGeoTransform(gdal.Open(like).GetGeoTransform() if isinstance(like, str) else like)
    reference = osr.SpatialReference()
    reference.SetFromUserInput(crs)
    made.SetProjection(reference.ExportToWkt())
    for number in range(bands_of):
        made.GetRasterBand(number + 1).WriteArray(values[number])
        if nodata is not None:
            made.GetRasterBand(number + 1).SetNoDataValue(nodata)
    made.FlushCache()


def all_sets(root, data, work):
    """(name, generator) of every group; groups whose data are absent are told as such."""
    yield "sample", True, lambda: samples(root)
    for name, folder, make in (("taizhou", "taizhou", lambda: taizhou(data)), ("altered", "taizhou", lambda: altered(data, work)),
                               ("built", "naip_wetlands", lambda: built(data, work)), ("season_clouds", "season_clouds", lambda: season(data, work)),
                               ("stable_forest", "stable_forest", lambda: forest(data, work)),
                               ("naip_shift", "naip_wetlands", lambda: naip(data, work))):
        yield name, os.path.isdir(os.path.join(data, folder)), make
