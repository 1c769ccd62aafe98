//! Which stored values mean that nothing was observed, decided a row at a time in loops that vectorise.
//!
//! A zero in one band of an unsigned image is a dark reading (deep water in near infrared), not a gap: zero counts as
//! nodata only where every used band is zero. Of class codes the scene says what zero means.

use crate::model::raster::gap;
use crate::model::scene::{SampleType, SceneFile, Zero};

/// How one band tells a gap.
#[derive(Debug, Clone, Copy, PartialEq)]
enum BandTest {
    /// Zero, together with every other band of this test.
    JointZero,
    /// This value, alone.
    Value(f32),
    /// Nothing.
    Never,
}

/// How the used bands of one file tell a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Validity {
    tests: Vec<BandTest>,
    linear: Vec<Option<(f32, f32)>>,
    joint_zero: bool,
    floats: bool,
}

impl Validity {
    /// The rule of a file's bands, in the order of `file.bands`.
    #[must_use]
    pub fn of(file: &SceneFile) -> Self {
        let unsigned = matches!(file.sample, SampleType::U8 | SampleType::U16 | SampleType::U32);
        let undeclared = file.alpha.is_none() && !file.has_mask;
        let test = |nodata: Option<f64>| match nodata {
            Some(0.0) if unsigned => BandTest::JointZero,
            None if undeclared && (file.zero == Zero::Gap || unsigned && file.zero == Zero::Guess) => {
                BandTest::JointZero
            }
            // Beyond the range of f32 the reader sees the largest float, or an infinity, which is a gap anyway.
            Some(value) if !value.is_nan() => {
                BandTest::Value(value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32)
            }
            _ => BandTest::Never,
        };
        let tests: Vec<BandTest> = file.bands.iter().map(|b| test(b.nodata)).collect();
        let identity = |scale: f64, offset: f64| (scale - 1.0).abs() < f64::EPSILON && offset == 0.0;
        let linear = |scale: f64, offset: f64| (!identity(scale, offset)).then_some((scale as f32, offset as f32));
        Self {
            joint_zero: tests.contains(&BandTest::JointZero),
            floats: matches!(file.sample, SampleType::F32 | SampleType::F64),
            linear: file.bands.iter().map(|b| linear(b.scale, b.offset)).collect(),
            tests,
        }
    }

    /// Marks the gaps of one row and turns its stored values into measured ones. `bands` holds the row of each band;
    /// `zero` is scratch of the row's length. A greater reason already in `gaps` stays.
    #[allow(clippy::float_cmp)] // A nodata value is a code: equal or not.
    pub fn settle_row<'a>(&self, bands: impl Iterator<Item = &'a mut [f32]>, gaps: &mut [u8], zero: &mut [u8]) {
        if self.joint_zero {
            zero.fill(gap::NODATA);
        }
        for ((row, test), linear) in bands.zip(&self.tests).zip(&self.linear) {
            match *test {
                BandTest::JointZero => mark(row, zero, |v, z| z & u8::from(v == 0.0)),
                BandTest::Value(nodata) => mark(row, gaps, |v, g| g.max(u8::from(v == nodata))),
                BandTest::Never => {}
            }
            if self.floats {
                mark(row, gaps, |v, g| g.max(u8::from(!v.is_finite())));
                for value in row.iter_mut() {
                    *value = if value.is_finite() { *value } else { 0.0 };
                }
            }
            if let Some((scale, offset)) = *linear {
                for value in row.iter_mut() {
                    *value = *value * scale + offset;
                }
            }
        }
        if self.joint_zero {
            for (gap, zero) in gaps.iter_mut().zip(zero.iter()) {
                *gap = (*gap).max(*zero);
            }
        }
    }
}

#[inline]
fn mark(row: &[f32], marks: &mut [u8], rule: impl Fn(f32, u8) -> u8) {
    for (mark, value) in marks.iter_mut().zip(row) {
        *mark = rule(*value, *mark);
    }
}

/// Marks pixels that an alpha band or a mask hides.
pub fn hide(gaps: &mut [u8], opacity: &[u8], lowest: u8) {
    for (gap, opacity) in gaps.iter_mut().zip(opacity) {
        *gap = (*gap).max(u8::from(*opacity < lowest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::crs::{Crs, CrsUnit};
    use crate::model::grid::{GeoTransform, Grid};
    use crate::model::scene::{BandRole, BandSource};

    fn file(sample: SampleType, nodata: [Option<f64>; 2], alpha: Option<usize>) -> SceneFile {
        let crs = Crs { wkt: String::new(), name: String::new(), epsg: None, unit: CrsUnit::Unknown };
        let grid = Grid { crs: crs.into(), transform: GeoTransform::north_up(0.0, 0.0, 1.0, 1.0), rows: 1, cols: 4 };
        let band = |index: usize, nodata| BandSource { role: BandRole::Red, index, scale: 1.0, offset: 0.0, nodata };
        let bands = vec![band(1, nodata[0]), band(2, nodata[1])];
        SceneFile {
            path: "a".into(),
            grid,
            block: (1, 4),
            sample,
            bands,
            alpha,
            has_mask: false,
            zero: Zero::default(),
        }
    }

    fn gaps(file: &SceneFile, first: [f32; 4], second: [f32; 4]) -> Vec<u8> {
        let (mut a, mut b, mut gaps, mut zero) = (first, second, [0; 4], [0; 4]);
        Validity::of(file).settle_row([&mut a[..], &mut b[..]].into_iter(), &mut gaps, &mut zero);
        assert!(a.iter().chain(&b).all(|v| v.is_finite()));
        gaps.to_vec()
    }

    #[test]
    fn zero_in_one_band_is_dark_and_zero_in_all_is_nodata() {
        let (red, nir) = ([0.0, 5.0, 0.0, 7.0], [0.0, 0.0, 9.0, 7.0]);
        assert_eq!(gaps(&file(SampleType::U8, [Some(0.0), Some(0.0)], None), red, nir), [1, 0, 0, 0]);
        assert_eq!(gaps(&file(SampleType::U16, [None, None], None), red, nir), [1, 0, 0, 0]);
    }

    #[test]
    fn with_an_alpha_band_zero_is_black() {
        assert_eq!(gaps(&file(SampleType::U8, [None, None], Some(3)), [0.0; 4], [0.0; 4]), [0; 4]);
    }

    #[test]
    fn a_zero_that_the_scene_settles_is_not_guessed() {
        let settled = |zero| SceneFile { zero, ..file(SampleType::U8, [None, None], None) };
        assert_eq!(gaps(&settled(Zero::Value), [0.0; 4], [0.0; 4]), [0; 4]);
        let signed = SceneFile { zero: Zero::Gap, ..file(SampleType::I16, [None, None], None) };
        assert_eq!(gaps(&signed, [0.0, 1.0, 0.0, 2.0], [0.0; 4]), [1, 0, 1, 0]);
    }

    #[test]
    fn any_other_nodata_value_counts_in_any_band() {
        let any = file(SampleType::I16, [Some(-9999.0), Some(-9999.0)], None);
        assert_eq!(gaps(&any, [-9999.0, 1.0, 0.0, 2.0], [1.0, -9999.0, 0.0, 2.0]), [1, 1, 0, 0]);
    }

    #[test]
    fn not_a_number_is_a_gap_and_is_replaced() {
        let float = file(SampleType::F32, [None, None], None);
        assert_eq!(gaps(&float, [f32::NAN, 1.0, 0.0, 2.0], [1.0, f32::INFINITY, 0.0, 2.0]), [1, 1, 0, 0]);
    }

    #[test]
    fn a_nodata_value_beyond_f32_is_still_found() {
        let double = file(SampleType::F64, [Some(-1.7e308), None], None);
        assert_eq!(gaps(&double, [f32::NEG_INFINITY, f32::MIN, 1.0, 2.0], [1.0; 4]), [1, 1, 0, 0]);
    }

    #[test]
    fn scale_and_offset_come_after_the_nodata_test() {
        let mut scaled = file(SampleType::U16, [Some(0.0), Some(0.0)], None);
        scaled.bands[0].scale = 0.0001;
        scaled.bands[0].offset = -0.1;
        let (mut a, mut b, mut gaps, mut zero) = ([0.0, 2000.0], [0.0, 1.0], [0; 2], [0; 2]);
        Validity::of(&scaled).settle_row([&mut a[..], &mut b[..]].into_iter(), &mut gaps, &mut zero);
        assert_eq!(gaps, [1, 0]);
        assert!((a[1] - 0.1).abs() < 1e-6);
    }
}
