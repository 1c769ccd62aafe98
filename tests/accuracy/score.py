"""What a run's masks and flags are worth against the truth of a set."""
import glob
import json
import os

import numpy as np
from osgeo import gdal, ogr
from scipy import ndimage

from sets import burnt, grid_of

NOT_OBSERVED = 255
EIGHT = np.ones((3, 3), bool)


class Result:
    """The change mask of a run, its flags as numbers on the mask's grid, and what the run said of itself."""

    def __init__(self, out):
        with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
            self.said = json.load(file)["comparisons"][0]
        path = glob.glob(os.path.join(out, "rasters", "*_change.tif"))[0]
        self.grid = grid_of(path)
        self.mask = gdal.Open(path).ReadAsArray()
        source = ogr.Open(os.path.join(out, "flags.gpkg"))
        shapes = [(number, feature.GetGeometryRef().Clone()) for number, feature in enumerate(source.GetLayerByName("flags"), 1)]
        self.count = len(shapes)
        self.flags = burnt(shapes, self.grid)
        t = self.grid[0]
        self.pixel_km2 = abs(t[1] * t[5]) / 1e6
        self.observed = self.mask != NOT_OBSERVED
        areas = [self.said[key] for key in ("changed_m2", "unchanged_m2", "not_observed_m2")]
        self.unseen_share = ratio(areas[2], sum(areas))


def ratio(a, b):
    return float(a) / float(b) if b else float("nan")


def pixels(result, truth):
    """Confusion of labelled and observed pixels, as figures."""
    seen = result.observed & ((truth == 1) | (truth == 2))
    said, real = result.mask == 1, truth == 1
    tp, fp = int((seen & said & real).sum()), int((seen & said & ~real).sum())
    fn, tn = int((seen & ~said & real).sum()), int((seen & ~said & ~real).sum())
    n = tp + fp + fn + tn
    agreed = ratio(tp + tn, n)
    chance = ratio((tp + fp) * (tp + fn) + (fn + tn) * (fp + tn), n * n)
    return {"tp": tp, "fp": fp, "fn": fn, "tn": tn, "f1": ratio(2 * tp, 2 * tp + fp + fn), "oa": agreed,
            "kappa": ratio(agreed - chance, 1 - chance)}


def objects(result, truth, reach_px):
    """Objects found and flags that are true. A flag that touches no label is left out."""
    real = truth == 1
    labels, count = ndimage.label(real, EIGHT)
    near = ndimage.binary_dilation(real, EIGHT, iterations=reach_px) if reach_px else real
    sizes = ndimage.sum_labels(real, labels, range(1, count + 1))
    seen = ndimage.sum_labels(real & result.observed, labels, range(1, count + 1))
    judged = [n for n, (size, s) in enumerate(zip(sizes, seen), 1) if 2 * s >= size]
    hit = set(np.unique(labels[(result.flags > 0) & real])) - {0}
    labelled = set(np.unique(result.flags[truth > 0])) - {0}
    true = set(np.unique(result.flags[near])) & labelled - {0}
    other = set(np.unique(result.flags[truth == 3])) & labelled - true
    known = (truth > 0) & result.observed
    return {"objects": len(judged), "found": len([n for n in judged if n in hit]), "flags": len(labelled), "true_flags": len(true),
            "other_flags": len(other),
            "missed_px": [int(sizes[n - 1]) for n in judged if n not in hit],
            "false_per_km2": ratio(len(labelled) - len(true), known.sum() * result.pixel_km2)}


def stillness(result):
    """A pair in which nothing changed: every flag is false."""
    observed = result.observed.sum()
    return {"flags": result.count, "flagged_share": ratio(((result.flags > 0) & result.observed).sum(), observed),
            "changed_share": ratio((result.mask == 1).sum(), observed),
            "false_per_km2": ratio(result.count, observed * result.pixel_km2)}


def squares(result, planted, reach_px):
    """Planted squares found by flags and by the mask, those of which less than half was observed, and the area found over the
    true one, by size."""
    sizes, answer = {}, {"flags": result.count}
    taken = set()
    components, _ = ndimage.label(result.mask == 1, EIGHT)
    counts = np.bincount(components.ravel())
    flagged = np.bincount(result.flags.ravel())
    for size, row, col in planted:
        around = (slice(row - reach_px, row + size + reach_px), slice(col - reach_px, col + size + reach_px))
        flags = set(np.unique(result.flags[around])) - {0}
        parts = set(np.unique(components[around])) - {0}
        if result.observed[row:row + size, col:col + size].mean() < 0.5:
            sizes.setdefault(size, []).append(("unseen", None, None))
            continue
        taken |= flags
        area = sum(int(flagged[f]) for f in flags) / size**2 if flags else None
        in_mask = sum(int(counts[p]) for p in parts) / size**2
        sizes.setdefault(size, []).append(("found" if flags else "missed", area, in_mask >= 0.5))
    for size, found in sorted(sizes.items()):
        areas = [area for _, area, _ in found if area is not None]
        answer[str(size)] = {"planted": len(found), "found": sum(f == "found" for f, _, _ in found),
                             "unseen": sum(f == "unseen" for f, _, _ in found), "in_mask": sum(bool(m) for _, _, m in found),
                             "area_ratio": float(np.median(areas)) if areas else float("nan")}
    answer["elsewhere"] = result.count - len(taken)
    return answer
