//! Random outlines, sound and absurd, through gate, repair and overlap: no panic, every result valid, every area right.

use geo::{Area, BooleanOps, BoundingRect, MapCoords};
use geo_types::{Coord, MultiPolygon, Rect};

use super::*;

/// A small linear congruential generator (Knuth's MMIX constants): the same outlines on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() * limit as f64) as usize
    }

    fn ring(&mut self, kind: usize) -> Vec<Coord<f64>> {
        let (base, scale) = match kind {
            0 => (Coord { x: 0.0, y: 0.0 }, 10.0),
            1 => (Coord { x: 445_426.83, y: 3_585_247.59 }, 3000.0),
            2 => (Coord { x: 40_445_426.0, y: 3_585_247.0 }, 0.5),
            _ => (Coord { x: 1e8, y: -1e8 }, 1e6),
        };
        let snap = self.roll() < 0.3;
        let count = self.below(12);
        let mut ring: Vec<_> = (0..count)
            .map(|_| {
                let (mut x, mut y) = (self.roll() * 10.0, self.roll() * 10.0);
                if snap {
                    (x, y) = (x.round(), y.round());
                }
                Coord { x: base.x + x * scale / 10.0, y: base.y + y * scale / 10.0 }
            })
            .collect();
        if self.roll() < 0.7 {
            ring.extend(ring.first().copied());
        }
        ring
    }

    fn outline(&mut self, kind: usize) -> Vec<RawPolygon> {
        let parts = 1 + self.below(3);
        let mut outline: Vec<RawPolygon> =
            (0..parts).map(|_| (0..=self.below(3)).map(|_| self.ring(kind)).collect()).collect();
        if self.roll() < 0.15 {
            let bad = [f64::NAN, f64::INFINITY, -1e300, 2e9][self.below(4)];
            if let Some(point) = outline.iter_mut().flatten().flatten().next() {
                point.x = bad;
            }
        }
        outline
    }

    /// A sound outline of `kind`, if ten throws give one.
    fn sound(&mut self, kind: usize) -> Option<MultiPolygon<f64>> {
        (0..10).find_map(|_| {
            let gated = gate(&self.outline(kind)).ok()?;
            repair(&gated.shape).ok().map(|r| r.shape).filter(|s| !s.0.is_empty())
        })
    }
}

#[test]
fn ten_thousand_random_outlines_are_refused_or_repaired_to_valid_ones() {
    let mut dice = Dice(7);
    let (mut refused, mut repaired, mut doubted) = (0, 0, 0);
    for i in 0..10_000 {
        let Ok(gated) = gate(&dice.outline(i % 4)) else {
            refused += 1;
            continue;
        };
        match repair(&gated.shape) {
            Ok(result) => {
                repaired += 1;
                assert!(is_valid(&result.shape), "outline {i}: {:?}", gated.shape);
                assert!((result.area_after - result.shape.unsigned_area()).abs() <= 1e-6 * result.area_after.max(1e-9));
            }
            Err(OverlayDoubt::Panicked) => panic!("outline {i} made the overlay panic: {:?}", gated.shape),
            Err(_) => doubted += 1,
        }
    }
    assert!(refused > 500 && repaired > 2000, "{refused} refused, {repaired} repaired");
    assert!(doubted * 60 <= repaired, "{doubted} of {repaired} doubted");
}

#[test]
fn the_area_that_random_outlines_share_is_that_of_the_overlay() {
    let mut dice = Dice(11);
    let mut done = 0;
    for i in 0..1000 {
        let kind = i % 4;
        let (Some(a), Some(b)) = (dice.sound(kind), dice.sound(kind)) else { continue };
        let origin = a.bounding_rect().map_or_else(Default::default, Rect::center);
        let (near_a, near_b) = (a.map_coords(|p| p - origin), b.map_coords(|p| p - origin));
        let (found, expected) = (overlap_area(&a, &b), near_a.intersection(&near_b).unsigned_area());
        let scale = a.unsigned_area().min(b.unsigned_area());
        done += usize::from((found - expected).abs() <= 1e-5 * scale);
    }
    assert!(done > 500, "{done}");
}

#[test]
fn random_rings_hold_their_zone() {
    let mut dice = Dice(13);
    let (mut done, mut doubted) = (0, 0);
    for _ in 0..600 {
        let Some(zone) = dice.sound(1) else { continue };
        let Ok(wide) = ring_around(&zone, 20.0 + dice.roll() * 300.0) else {
            doubted += 1;
            continue;
        };
        done += 1;
        let held = overlap_area(&zone, &wide);
        assert!((held - zone.unsigned_area()).abs() <= 1e-5 * zone.unsigned_area());
        assert!(is_valid(&wide));
    }
    assert!(done > 400 && doubted * 50 <= done, "{done} done, {doubted} doubted");
}
