//! Repeatable chance: one hash, one generator, and the textures made of them. No library function whose last bit differs
//! between machines (no sine, no exponential): the same seed gives the same pixels everywhere.

/// The finaliser of splitmix64.
///
/// # Source
/// Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195.
pub fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A splitmix64 generator.
pub struct Dice(u64);

impl Dice {
    /// A generator with its seed.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// The next number in 0..1.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        (mix(self.0) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The next number between two bounds.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// The next whole number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// A seed for a feature.
    pub fn seed(&mut self) -> u32 {
        (self.unit() * 4_294_967_295.0) as u32
    }
}

/// A number in 0..1 for a lattice point.
pub fn lattice(ix: i32, iy: i32, seed: u32) -> f32 {
    let mut h =
        (ix as u32).wrapping_mul(0x8DA6_B343) ^ (iy as u32).wrapping_mul(0xD816_3841) ^ seed.wrapping_mul(0xCB1A_B31F);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2C1B_3C6D);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297A_2D39);
    h ^= h >> 15;
    (h >> 8) as f32 / 16_777_216.0
}

/// Smooth noise in −1..1 with features of about `cell` metres.
pub fn value(x: f32, y: f32, cell: f32, seed: u32) -> f32 {
    let (u, v) = (x / cell, y / cell);
    let (iu, iv) = (u.floor(), v.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (a, b) = (ease(u - iu), ease(v - iv));
    let (iu, iv) = (iu as i32, iv as i32);
    let low = lattice(iu, iv, seed) * (1.0 - a) + lattice(iu + 1, iv, seed) * a;
    let high = lattice(iu, iv + 1, seed) * (1.0 - a) + lattice(iu + 1, iv + 1, seed) * a;
    2.0 * (low * (1.0 - b) + high * b) - 1.0
}

/// Three octaves of [`value`], about −1..1.
pub fn fractal(x: f32, y: f32, cell: f32, seed: u32) -> f32 {
    0.57 * value(x, y, cell, seed)
        + 0.29 * value(x, y, cell * 0.47, seed ^ 0x51ED)
        + 0.14 * value(x, y, cell * 0.21, seed ^ 0xA7C3)
}

/// Approximately normal noise of unit variance for a pixel: four uniform numbers added.
pub fn normal(ix: i32, iy: i32, seed: u32) -> f32 {
    let sum: f32 = (0..4).map(|k| lattice(ix, iy, seed.wrapping_add(k * 0x1F35))).sum();
    (sum - 2.0) * 1.732_050_8
}

/// A tree crown seen from above.
#[derive(Clone, Copy)]
pub struct Crown {
    /// 1 at the top, 0 in the gap between crowns.
    pub dome: f32,
    /// Offset from the top in crown radii, east and north.
    pub off: (f32, f32),
    /// A number in 0..1 of its own for each tree.
    pub tree: f32,
}

/// The crown over a point in a stand whose trees are `cell` metres apart.
pub fn crown(x: f32, y: f32, cell: f32, seed: u32) -> Crown {
    let (u, v) = (x / cell, y / cell);
    let (iu, iv) = (u.floor() as i32, v.floor() as i32);
    let mut best = Crown { dome: 0.0, off: (0.0, 0.0), tree: 0.0 };
    let mut nearest = f32::INFINITY;
    for (jv, ju) in (-1..=1).flat_map(|jv| (-1..=1).map(move |ju| (jv, ju))) {
        let (cu, cv) = (iu + ju, iv + jv);
        let pu = cu as f32 + 0.2 + 0.6 * lattice(cu, cv, seed);
        let pv = cv as f32 + 0.2 + 0.6 * lattice(cu, cv, seed ^ 0x3B1F);
        let tree = lattice(cu, cv, seed ^ 0x77A1);
        let radius = 0.48 + 0.22 * tree;
        let (du, dv) = ((u - pu) / radius, (v - pv) / radius);
        let distance = du * du + dv * dv;
        if distance < nearest {
            nearest = distance;
            best = Crown { dome: (1.0 - distance).max(0.0), off: (du, dv), tree };
        }
    }
    best
}

/// A wave of period 1 and amplitude 1 (parabolas, within 0.1 % of a sine).
pub fn wave(t: f64) -> f64 {
    let phase = t - t.floor();
    let half = if phase < 0.5 { phase * 2.0 } else { phase * 2.0 - 1.0 };
    let arc = 4.0 * half * (1.0 - half);
    let refined = arc * (0.775 + 0.225 * arc);
    if phase < 0.5 { refined } else { -refined }
}
