//! Outlines in local metres (east, north of the reach's south-west corner) and the rows they cover.

use super::noise;

/// A point: metres east and north.
pub type Point = [f64; 2];

/// What a piece of the scene covers.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A polygon, not closed.
    Area(Vec<Point>),
    /// A disc: centre and radius.
    Disc(Point, f64),
    /// A ribbon: path and half width.
    Band(Vec<Point>, f64),
}

impl Shape {
    /// South and north bound.
    pub fn rows(&self) -> (f64, f64) {
        let of = |points: &[Point], pad: f64| {
            points
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p[1] - pad), high.max(p[1] + pad)))
        };
        match self {
            Self::Area(points) => of(points, 0.0),
            Self::Disc(centre, radius) => of(&[*centre], *radius),
            Self::Band(path, half) => of(path, *half),
        }
    }

    /// West–east spans covered at a northing; spans of a ribbon may overlap.
    pub fn spans(&self, north: f64) -> Vec<(f64, f64)> {
        match self {
            Self::Area(points) => area_spans(points, north),
            Self::Disc(centre, radius) => disc_span(*centre, *radius, north).into_iter().collect(),
            Self::Band(path, half) => {
                let mut spans: Vec<_> = path.iter().filter_map(|p| disc_span(*p, *half, north)).collect();
                for pair in path.windows(2) {
                    spans.extend(area_spans(&ribbon(pair, *half), north));
                }
                spans
            }
        }
    }
}

fn disc_span(centre: Point, radius: f64, north: f64) -> Option<(f64, f64)> {
    let rest = radius * radius - (north - centre[1]) * (north - centre[1]);
    (rest > 0.0).then(|| (centre[0] - rest.sqrt(), centre[0] + rest.sqrt()))
}

fn area_spans(points: &[Point], north: f64) -> Vec<(f64, f64)> {
    let mut cuts: Vec<f64> = (0..points.len())
        .filter_map(|i| {
            let (a, b) = (points[i], points[(i + 1) % points.len()]);
            ((a[1] <= north) != (b[1] <= north)).then(|| a[0] + (north - a[1]) * (b[0] - a[0]) / (b[1] - a[1]))
        })
        .collect();
    cuts.sort_by(f64::total_cmp);
    cuts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

/// Area in m² by the shoelace formula.
pub fn area_m2(points: &[Point]) -> f64 {
    let twice: f64 = (0..points.len())
        .map(|i| {
            let (a, b) = (points[i], points[(i + 1) % points.len()]);
            a[0] * b[1] - b[0] * a[1]
        })
        .sum();
    (twice * 0.5).abs()
}

/// A rectangle from its south-west corner and size.
pub fn rectangle(west: f64, south: f64, width: f64, height: f64) -> Vec<Point> {
    vec![[west, south], [west + width, south], [west + width, south + height], [west, south + height]]
}

/// A rectangle around its centre, turned so that its length runs along (`along`), a vector of any length.
pub fn turned(centre: Point, length: f64, width: f64, along: Point) -> Vec<Point> {
    let norm = (along[0] * along[0] + along[1] * along[1]).sqrt();
    let (ux, uy) = (along[0] / norm * length * 0.5, along[1] / norm * length * 0.5);
    let (vx, vy) = (-along[1] / norm * width * 0.5, along[0] / norm * width * 0.5);
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        .map(|(u, v)| [centre[0] + u * ux + v * vx, centre[1] + u * uy + v * vy])
        .to_vec()
}

/// The outline of a path with a half width.
pub fn ribbon(path: &[Point], half: f64) -> Vec<Point> {
    let normal = |i: usize| {
        let (a, b) = (path[i.saturating_sub(1)], path[(i + 1).min(path.len() - 1)]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let norm = (dx * dx + dy * dy).sqrt();
        [-dy / norm * half, dx / norm * half]
    };
    let side = |i: usize, sign: f64| [path[i][0] + sign * normal(i)[0], path[i][1] + sign * normal(i)[1]];
    (0..path.len()).map(|i| side(i, 1.0)).chain((0..path.len()).rev().map(|i| side(i, -1.0))).collect()
}

/// A rounded outline with an uneven edge: radii east and north, roughness as a share of the radius.
pub fn blob(centre: Point, radii: Point, rough: f32, seed: u32) -> Vec<Point> {
    const VERTICES: usize = 96;
    (0..VERTICES)
        .map(|i| {
            let turn = i as f64 / VERTICES as f64;
            let (east, north) = (noise::wave(turn + 0.25), noise::wave(turn));
            let uneven = noise::fractal(east as f32 * 4.0 + 9.0, north as f32 * 4.0 + 9.0, 3.1, seed);
            let reach = 1.0 + f64::from(rough * uneven);
            [centre[0] + radii[0] * east * reach, centre[1] + radii[1] * north * reach]
        })
        .collect()
}

/// Points rounded to the decimetre, as a surveyor would state them.
pub fn to_decimetre(points: &[Point]) -> Vec<Point> {
    points.iter().map(|p| p.map(|c| (c * 10.0).round() / 10.0)).collect()
}
