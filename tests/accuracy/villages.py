"""Villages, suburbs and works drawn into real aerial scenes of farmland: what very high resolution images in colour alone show.

The ground is two real years with their own season, sun, colours and misfit; only what is built is drawn, and only at the later
date. A setting names the years, how the ground is scaled (so that parcels and buildings have several sizes in pixels) and what is
built. Two truths: the built-up area (plots, yards, streets between houses), and the buildings alone.
"""
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

OVERSAMPLED = 3
PIXEL_M = {1: 1.0, 2: 0.5, -2: 1.0}  # by how the ground is scaled: as it is, enlarged, reduced

# Colours of roofs in an evenly lit image of eight bits: (red, green, blue).
ROOFS = {
    "village": [(178, 92, 74), (160, 86, 70), (196, 190, 182), (146, 144, 142), (120, 118, 122), (206, 204, 200), (90, 110, 150)],
    "suburb": [(104, 98, 92), (128, 120, 112), (150, 96, 80), (170, 164, 156), (88, 84, 84)],
    "works": [(70, 110, 176), (214, 214, 212), (226, 226, 224), (150, 150, 152), (186, 84, 70), (110, 150, 190)],
    "farms": [(170, 90, 74), (214, 212, 208), (140, 138, 136)],
}
STREETS = [(152, 150, 146), (190, 186, 178), (120, 118, 118)]
YARDS = {"village": [(182, 176, 164), (170, 156, 132), (150, 146, 130)], "suburb": None, "works": [(176, 174, 168), (150, 148, 146)],
         "farms": [(178, 164, 138), (140, 140, 110)]}
# Sides of buildings and of plots, metres: (shortest, longest, deepest part of the plot's side), height in metres.
SIZES = {"village": (9, 16, 14, 20, 6), "suburb": (10, 16, 24, 32, 7), "works": (28, 70, 60, 100, 10), "farms": (8, 22, 26, 40, 6)}


@dataclass
class Setting:
    name: str
    before: str
    after: str
    scale: int              # 1 as it is, 2 enlarged twice, -2 reduced by half
    built: tuple            # ((style, centre row, centre col, radius in metres) as shares of the scene, ...)
    seed: int


def scaled(bands, scale):
    """Ground enlarged (with the grain that a finer image has) or reduced."""
    bands = bands.astype(np.float32)
    if scale == 1:
        return bands
    if scale == -2:
        rows, cols = bands.shape[1] // 2 * 2, bands.shape[2] // 2 * 2
        return bands[:, :rows, :cols].reshape(bands.shape[0], rows // 2, 2, cols // 2, 2).mean(axis=(2, 4))
    large = np.stack([ndimage.zoom(band, scale, order=1, grid_mode=True, mode="nearest") for band in bands])
    rng = np.random.default_rng(int(bands.sum()) % 2**32)
    grain = ndimage.gaussian_filter(rng.normal(size=large.shape[1:]), 0.6)
    detail = np.stack([band - ndimage.gaussian_filter(band, 2) for band in bands]).std()
    return large + grain / grain.std() * 0.7 * detail


def dulled(colour):
    """Haze and dust leave roofs less bright and less coloured than a palette has them."""
    colour = np.asarray(colour, np.float32)
    return 28 + 0.72 * (colour.mean() + 0.7 * (colour - colour.mean()))


class Canvas:
    """What is built, in finer pixels, with its truths."""

    def __init__(self, rows, cols, pixel_m, rng):
        self.step = OVERSAMPLED / pixel_m  # fine pixels a metre
        shape = rows * OVERSAMPLED, cols * OVERSAMPLED
        self.rows, self.cols, self.rng = rows, cols, rng
        self.colour, self.cover = np.zeros((3, *shape), np.float32), np.zeros(shape, np.float32)
        self.shade = np.ones(shape, np.float32)
        self.area, self.roofs = np.zeros(shape, bool), np.zeros(shape, bool)

    def inside(self, centre, half, angle, grow=0.0):
        """Slices and the pixels of a turned rectangle; centre and halves in metres."""
        (y, x), (h, w) = (np.array(centre) * self.step, (np.array(half) + grow) * self.step)
        reach = int(np.hypot(h, w)) + 2
        top, left = max(int(y) - reach, 0), max(int(x) - reach, 0)
        bottom, right = min(int(y) + reach, self.area.shape[0]), min(int(x) + reach, self.area.shape[1])
        if bottom <= top or right <= left:
            return (slice(0, 0), slice(0, 0)), np.zeros((0, 0), bool), None
        dy, dx = np.mgrid[top:bottom, left:right].astype(np.float32)
        dy, dx = dy - y, dx - x
        along, across = dx * np.cos(angle) + dy * np.sin(angle), -dx * np.sin(angle) + dy * np.cos(angle)
        return (slice(top, bottom), slice(left, right)), (np.abs(along) <= w) & (np.abs(across) <= h), across

    def paint(self, at, where, colour, cover=1.0, grain=4.0):
        colour = dulled(colour)
        tone = self.rng.normal(0, grain, where.shape).astype(np.float32)
        tone = ndimage.gaussian_filter(tone, 1.5) * 2.5
        for band in range(3):
            self.colour[band][at][where] = (colour[band] + tone)[where]
        self.cover[at][where] = np.maximum(self.cover[at][where], cover)
        self.shade[at][where] = 1.0

    def building(self, centre, half, angle, colour, height, sun):
        length = height * self.step
        at, _, across = self.inside(centre, half, angle, grow=height * 1.5)
        if across is None:
            return
        here, body, _ = self.inside(centre, half, angle)
        full = np.zeros(self.area[at].shape, bool)
        rows, cols = (here[0].start - at[0].start, here[1].start - at[1].start)
        full[rows:rows + body.shape[0], cols:cols + body.shape[1]] = body
        shadow = np.zeros_like(full)
        for part in np.linspace(0, 1, max(int(length), 2)):
            shadow |= ndimage.shift(full, (sun[0] * length * part, sun[1] * length * part), order=0)
        self.shade[at][shadow & ~full & ~self.roofs[at]] = 0.5
        pitched = self.rng.random() < 0.6
        lit = np.where(across > 0, 1.1, 0.9) if pitched else np.ones(across.shape)
        self.paint(at, full, colour, grain=5.0)
        for band in range(3):
            self.colour[band][at][full] *= lit[full]
        self.roofs[at] |= full

    def flattened(self):
        """The canvas in pixels of the scene: colour x cover, cover, shade, and both truths by majority."""
        small = lambda plane: plane.reshape(*plane.shape[:-2], self.rows, OVERSAMPLED, self.cols, OVERSAMPLED).mean(axis=(-3, -1))
        painted = small(self.colour * self.cover)
        return painted, small(self.cover), small(self.shade), small(self.area.astype(np.float32)) > 0.5, small(self.roofs.astype(np.float32)) > 0.5


def build(canvas, style, centre, radius, sun):
    """One quarter: streets in a turned lattice, plots along them, a building or two on each."""
    rng = canvas.rng
    low, high, plot_low, plot_high, height = SIZES[style]
    angle = rng.uniform(0, np.pi)
    depth, width = rng.uniform(plot_low, plot_high, 2)
    if style == "farms":
        depth = width = 2 * radius
    street = {"village": 4, "suburb": 6, "works": 8, "farms": 0}[style]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])  # (across, along) -> (y, x)
    count = max(int(radius // depth), 0), max(int(radius // width), 0)
    yards = YARDS[style]
    for i in range(-count[0], count[0] + 1):
        for j in range(-count[1], count[1] + 1):
            offset = np.array([i * (depth + street * (i % 2 == 0)), j * width])
            if np.hypot(*offset) > radius * rng.uniform(0.85, 1.1) and style != "farms":
                continue
            middle = np.array(centre) + turn @ offset
            if style == "works" and rng.random() < 0.15:
                continue
            at, where, _ = canvas.inside(middle, (depth / 2, width / 2), angle, grow=street / 2)
            canvas.area[at] |= where
            if street:
                canvas.paint(at, where, canvas.street)
            at, where, _ = canvas.inside(middle, (depth / 2, width / 2), angle)
            if yards is None:  # gardens: the ground of the later date stays
                canvas.cover[at][where] = 0.0
            else:
                canvas.paint(at, where, yards[int(rng.integers(len(yards)))], cover=rng.uniform(0.75, 1.0))
            for _ in range({"village": 1, "suburb": 1, "works": 1, "farms": 3}[style]):
                half = rng.uniform(low, high, 2) / 2
                half = np.minimum(half, np.array([depth, width]) * 0.46)
                room = np.maximum(np.array([depth, width]) / 2 - half, 0)
                place = middle + turn @ (rng.uniform(-1, 1, 2) * room)
                colour = np.array(ROOFS[style][int(rng.integers(len(ROOFS[style])))]) * rng.uniform(0.9, 1.1)
                canvas.building(place, half, angle, colour, height * rng.uniform(0.7, 1.4), sun)


def drawn(after, setting):
    """The later scene with what is built, and the truths: area and buildings."""
    rng = np.random.default_rng(setting.seed)
    _, rows, cols = after.shape
    pixel_m = PIXEL_M[setting.scale]
    canvas = Canvas(rows, cols, pixel_m, rng)
    direction = rng.uniform(0, 2 * np.pi)
    sun = np.sin(direction), np.cos(direction)
    cast = rng.uniform(0.88, 1.12, 3)
    for style, row, col, radius in setting.built:
        canvas.street = STREETS[int(rng.integers(len(STREETS)))]
        build(canvas, style, (row * rows * pixel_m, col * cols * pixel_m), radius, sun)
    painted, cover, shade, area, roofs = canvas.flattened()
    made = (after * (1 - cover) + painted * cast[:, None, None]) * shade
    made = np.stack([np.where(cover + (1 - shade) > 0, ndimage.gaussian_filter(band, 0.5), own) for band, own in zip(made, after)])
    made += np.where(cover > 0, rng.normal(0, 2.0, made.shape), 0)
    return np.clip(np.rint(made), 1, 255), area, roofs


def common(scenes):
    """Both scenes on the earlier one's grid, where they overlap."""
    (before, grid), (after, other) = scenes
    across = (grid[3] - other[3]) / other[5], (grid[0] - other[0]) / other[1]
    moved = np.stack([ndimage.shift(band.astype(np.float32), (-across[0], -across[1]), order=1, mode="nearest") for band in after])
    rows, cols = min(before.shape[1], moved.shape[1]) - 2, min(before.shape[2], moved.shape[2]) - 2
    return before[:, :rows, :cols], moved[:, :rows, :cols]


def made(before, after, setting):
    """Red, green and blue of both dates in eight bits, and the truth: 1 built, 3 water that came or went, 2 all else."""
    wet = ndimage.binary_dilation(ndimage.binary_opening(is_water(before) != is_water(after)), iterations=3)
    later, area, _ = drawn(scaled(after[:3], setting.scale), setting)
    share = scaled(wet[None].astype(np.float32), min(setting.scale, 1))[0]
    share = np.kron(share, np.ones((2, 2))) if setting.scale == 2 else share
    truth = np.where(area, 1, np.where(share > 0.3, 3, 2)).astype(np.uint8)
    return np.clip(np.rint(scaled(before[:3], setting.scale)), 1, 255), later, truth


def is_water(bands):
    """Dark in the infrared: below Otsu's cut."""
    infrared = bands[3].astype(np.float64)
    counts, edges = np.histogram(infrared, 256)
    middles, weight, sums = (edges[1:] + edges[:-1]) / 2, np.cumsum(counts), np.cumsum(counts * (edges[1:] + edges[:-1]) / 2)
    between = (sums[-1] * weight / weight[-1] - sums) ** 2 / np.maximum(weight * (weight[-1] - weight), 1)
    return infrared < middles[np.argmax(np.where(weight < weight[-1], between, 0))]


SETTINGS = (
    Setting("dense", "20120731", "20180716", 1,
            (("village", .28, .45, 90), ("village", .62, .20, 60), ("village", .75, .80, 45), ("farms", .15, .75, 18), ("farms", .5, .62, 16)), 1),
    Setting("cast", "20190904", "20090818", 1,
            (("village", .35, .30, 70), ("suburb", .60, .68, 90), ("works", .80, .25, 80), ("farms", .15, .12, 18)), 2),
    Setting("harvest", "20140720", "20150926", 1,
            (("village", .55, .45, 80), ("works", .25, .60, 110), ("suburb", .80, .78, 70), ("farms", .30, .25, 16), ("farms", .66, .17, 18)), 3),
    Setting("bare", "20100629", "20160816", 1,
            (("suburb", .30, .38, 110), ("village", .68, .35, 60), ("works", .55, .80, 90)), 4),
    Setting("to_bare", "20200831", "20100629", 1,
            (("village", .22, .42, 80), ("village", .70, .22, 55), ("works", .62, .66, 90), ("suburb", .35, .80, 60)), 5),
    Setting("small_parcels", "20120731", "20150926", -2,
            (("village", .30, .40, 45), ("village", .72, .18, 35), ("works", .55, .72, 60), ("farms", .20, .75, 14)), 6),
    Setting("fine", "20170827", "20090818", 2,
            (("village", .28, .40, 90), ("suburb", .66, .30, 80), ("works", .62, .78, 90), ("farms", .20, .78, 18)), 7),
    Setting("nothing", "20180716", "20120731", 1, (), 8),
)
