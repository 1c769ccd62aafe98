//! From pieces to reflectance: spectra, texture, season and shadow. The atmosphere and the sensor come later.

use super::canvas::{self, Frame, Piece, Sun};
use super::cover::{Cover, Pattern};
use super::noise;

/// The season and the sun of one date.
#[derive(Debug, Clone, Copy)]
pub struct Season {
    /// Year; textures of water and crops are drawn anew each year.
    pub year: i32,
    /// How far the summer growth has come, about 0.8–1.
    pub growth: f32,
    /// Sun.
    pub sun: Sun,
}

/// Blue, green, red and near-infrared reflectance, each in row order.
pub type Planes = [Vec<f32>; 4];

/// Reflectance of a scene on a lattice.
pub fn reflectance(pieces: &[Piece], frame: &Frame, season: Season) -> Planes {
    let shown = canvas::paint(pieces, frame);
    let heights = canvas::heights(pieces, &shown, frame);
    let shadow = canvas::shadows(&heights, frame, season.sun);
    let mut planes: Planes = std::array::from_fn(|_| vec![0.0; frame.len()]);
    for i in 0..frame.len() {
        let at = frame.centre(i / frame.cols, i % frame.cols).map(|c| c as f32);
        let bands = pixel(&pieces[usize::from(shown[i])], at, frame.step as f32, season);
        for (band, plane) in planes.iter_mut().enumerate() {
            // Skylight fills shadows most in the blue.
            let dark = [0.42, 0.47, 0.52, 0.56][band];
            plane[i] = bands[band] * (1.0 - dark * shadow[i]);
        }
    }
    planes
}

fn pixel(piece: &Piece, at: [f32; 2], step: f32, season: Season) -> [f32; 4] {
    let look = piece.cover.look();
    let [x, y] = at;
    let restless = if look.restless { season.year as u32 * 7919 } else { 0 };
    let kind = piece.cover as u32 * 131;
    let tone = look.tone * (2.0 * noise::lattice(piece.seed as i32, 17, 3) - 1.0);
    let wide = look.coarse * noise::fractal(x, y, 42.0, kind ^ restless);
    let mut near = look.fine * noise::value(x, y, 4.5, kind ^ 0x55 ^ restless) * 1.3;
    if step < 0.5 {
        near += close_up(piece, at, look.fine);
    }
    let light = 1.0 + tone + pattern(piece, look.pattern, at, season);
    // No year is like another: stands grow unevenly, soil and roofs are wet or dusty.
    let yearly = season.year as u32 * 6151;
    let this_year = noise::fractal(x, y, 34.0, kind ^ yearly) + 0.35 * noise::value(x, y, 7.0, kind ^ yearly ^ 0x21);
    let mut bands = look.reflectance;
    if piece.cover.is_green() {
        let density = wide + near + 0.075 * this_year;
        let chlorophyll = 0.07 * this_year;
        let late = look.season * (1.0 - season.growth);
        bands[3] *= 1.0 + 0.8 * density - 1.1 * late;
        bands[0] *= 1.0 - 0.35 * density + 0.5 * late - 0.6 * chlorophyll;
        bands[1] *= 1.0 - 0.15 * density + 0.5 * late - 0.8 * chlorophyll;
        bands[2] *= 1.0 - 0.45 * density + 1.1 * late - chlorophyll;
        bands.map(|b| b * light)
    } else if piece.cover.is_water() {
        // Algae shift the colour from pond to pond; silt streaks run with the current.
        let green = look.tone * (2.0 * noise::lattice(piece.seed as i32, 5, 9) - 1.0);
        let streak = look.coarse * noise::fractal(x * 0.25, y, 55.0, kind ^ restless ^ 0x1234);
        let light = light + wide + near + streak;
        [
            bands[0] * (light - 0.5 * green),
            bands[1] * light,
            bands[2] * (light + 0.4 * streak),
            bands[3] * (light + green),
        ]
    } else {
        bands.map(|b| b * (light + wide + near + 0.032 * this_year).max(0.1))
    }
}

/// What only a drone sees: leaves, joints between slabs, the seams and ladders of tanks.
fn close_up(piece: &Piece, at: [f32; 2], fine: f32) -> f32 {
    let [x, y] = at;
    let kind = piece.cover as u32 * 131;
    let grain = (fine * 0.8 + 0.02) * noise::value(x, y, 0.9, kind ^ 0x99);
    match piece.cover {
        Cover::Forest | Cover::Shrub => {
            2.0 * grain + 0.30 * noise::value(x, y, 1.3, 0x1EAF) + 0.12 * noise::value(x, y, 0.6, 0x1EA0)
        }
        Cover::Concrete => {
            let (u, v) = (x / 5.0, y / 5.0);
            let joint = (u - u.floor()).min(v - v.floor()) < 0.05;
            let slab = noise::lattice(u.floor() as i32, v.floor() as i32, piece.seed) - 0.5;
            grain + 0.07 * slab
                - if joint { 0.12 } else { 0.0 }
                - 0.16 * (noise::fractal(x, y, 9.0, 0x57A1) - 0.35).max(0.0)
        }
        Cover::Tank => {
            grain
                + 0.10 * (noise::value(x, y, 2.2, piece.seed).abs() - 0.5)
                + 0.06 * noise::fractal(x, y, 6.0, piece.seed)
        }
        Cover::Grass => grain + 0.22 * noise::fractal(x, y, 2.4, 0x62A5),
        _ => grain,
    }
}

fn pattern(piece: &Piece, pattern: Pattern, at: [f32; 2], season: Season) -> f32 {
    let [x, y] = at;
    let across = x * piece.across[0] + y * piece.across[1];
    let sun = season.sun.towards;
    match pattern {
        Pattern::Plain => 0.0,
        Pattern::Rows(spacing, strength) => {
            let wobble = noise::value(x, y, 30.0, piece.seed) * 0.4;
            strength * noise::wave(f64::from(across / spacing + wobble)) as f32
        }
        Pattern::Crowns(cell) => {
            let crown = noise::crown(x, y, cell, 0x7EE5);
            let lit = (crown.off.0 * sun[0] + crown.off.1 * sun[1]).clamp(-1.0, 1.0);
            -0.30 + 0.42 * crown.dome.sqrt() + 0.20 * lit * crown.dome + 0.16 * (crown.tree - 0.5)
        }
        Pattern::Pitched => {
            // Ridges repeat every 18 m in long halls; the side towards the sun is brighter.
            let phase = (across - (piece.seed % 1800) as f32 * 0.01) / 18.0;
            let side = if phase - phase.floor() < 0.5 { 1.0 } else { -1.0 };
            0.07 * side * (piece.across[0] * sun[0] + piece.across[1] * sun[1]).signum()
        }
        Pattern::Machines(cell) => {
            let (u, v) = ((x / cell).floor() as i32, (y / cell).floor() as i32);
            0.7 * (noise::lattice(u, v, piece.seed) - 0.5) + 0.35 * (noise::lattice(u / 3, v / 2, piece.seed ^ 7) - 0.5)
        }
    }
}
