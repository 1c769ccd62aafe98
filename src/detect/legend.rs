//! Two land-cover maps in one list of classes: their codes as they are where one legend serves both, else the program's own
//! classes, to which a table brings each map. Maps whose codes cannot mean the same are told apart here.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::class::CoverClass;
use crate::model::legend::Legend;
use crate::model::raster::{PairBlock, SceneBlock, gap};
use crate::model::transfer::TransferClass;

use super::cover::Epoch;
use super::sample::Sample;

/// More codes than this are no classes: the band holds an image or heights.
pub const MOST_CLASSES: usize = 256;

/// Maps of one legend share most of their ground's codes whatever changed: below this share of the pixels of either, the
/// legends are taken to differ. This program's own convention.
const LEAST_SHARED: f64 = 0.5;

/// Why two maps do not compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegendClash {
    /// Both name these codes, but not alike: code, name before, name after.
    Names(Vec<(i32, String, String)>),
    /// A table brings one map to the program's classes and none the other; whether it is the earlier that has one.
    OneTable(bool),
    /// The maps hold other codes.
    Codes(BTreeSet<i32>, BTreeSet<i32>),
    /// One map holds too many codes to be classes.
    TooMany(usize),
}

/// How the codes of two maps become classes of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegendPair {
    before: Legend,
    after: Legend,
    /// Whether codes are brought to the program's classes; else they compare as they are.
    by_class: bool,
}

impl LegendPair {
    /// The list that two legends have in common.
    ///
    /// # Errors
    /// [`LegendClash`] where the legends say that codes do not mean the same.
    pub fn of(before: &Legend, after: &Legend) -> Result<Self, LegendClash> {
        let pair = |by_class| Self { before: before.clone(), after: after.clone(), by_class };
        match (&before.classes, &after.classes) {
            (Some(a), Some(b)) => Ok(pair(a != b || !before.contradictions(after).is_empty())),
            (None, None) => {
                let named = |legend: &Legend, code| legend.names.get(&code).cloned().unwrap_or_default();
                let apart = before.contradictions(after).into_iter();
                let apart: Vec<_> = apart.map(|code| (code, named(before, code), named(after, code))).collect();
                if apart.is_empty() { Ok(pair(false)) } else { Err(LegendClash::Names(apart)) }
            }
            (earlier, _) => Err(LegendClash::OneTable(earlier.is_some())),
        }
    }

    fn legend(&self, epoch: Epoch) -> &Legend {
        match epoch {
            Epoch::Before => &self.before,
            Epoch::After => &self.after,
        }
    }

    /// Whether a code stands in the map's table; every code does where there is none.
    fn lists(&self, epoch: Epoch, code: i32) -> bool {
        self.legend(epoch).classes.as_ref().is_none_or(|classes| classes.contains_key(&code))
    }

    /// Whether both tables list what a pixel holds.
    #[must_use]
    pub fn lists_pixel(&self, block: &PairBlock, pixel: usize) -> bool {
        let code = |scene: &SceneBlock| code(scene.bands[0][pixel]);
        self.lists(Epoch::Before, code(&block.before)) && self.lists(Epoch::After, code(&block.after))
    }

    /// Brings a block to the common list. What a table leaves out is not observed; returns how many pixels of the domain
    /// hold each code that it does not speak of.
    pub fn settle(&self, block: &mut PairBlock, domain: &[bool]) -> BTreeMap<i32, u64> {
        let mut unlisted = BTreeMap::new();
        for (epoch, scene) in [(Epoch::Before, &mut block.before), (Epoch::After, &mut block.after)] {
            let Legend { classes: Some(classes), hidden, .. } = self.legend(epoch) else { continue };
            for ((value, gaps), inside) in scene.bands[0].iter_mut().zip(&mut scene.gaps).zip(domain) {
                match classes.get(&code(*value)) {
                    _ if *gaps != gap::SEEN => {}
                    Some(class) if self.by_class => *value = f32::from(*class as u8),
                    Some(_) => {}
                    None => {
                        *gaps = gap::NODATA;
                        if *inside && !hidden.contains(&code(*value)) {
                            *unlisted.entry(code(*value)).or_default() += 1;
                        }
                    }
                }
            }
        }
        unlisted
    }

    /// Brings a sample, which holds listed codes alone, to the common list.
    pub fn settle_sample(&self, sample: &mut Sample) {
        if !self.by_class {
            return;
        }
        for (epoch, planes) in [(Epoch::Before, &mut sample.before), (Epoch::After, &mut sample.after)] {
            let Some(classes) = &self.legend(epoch).classes else { continue };
            for value in planes.iter_mut().flatten() {
                *value = classes.get(&code(*value)).map_or(*value, |class| f32::from(*class as u8));
            }
        }
    }

    /// The program's class of a value in the common list; unknown without a table.
    #[must_use]
    pub fn cover(&self, epoch: Epoch, value: f32) -> CoverClass {
        let common = code(value);
        if self.by_class {
            return usize::try_from(common)
                .ok()
                .and_then(|at| CoverClass::ALL.get(at))
                .copied()
                .unwrap_or(CoverClass::Unknown);
        }
        let classes = self.legend(epoch).classes.as_ref();
        classes.and_then(|classes| classes.get(&common)).copied().unwrap_or(CoverClass::Unknown)
    }

    /// A class of the common list, for the transfer matrix.
    #[must_use]
    pub fn class(&self, common: i32) -> TransferClass {
        let cover = self.by_class.then(|| self.cover(Epoch::Before, common as f32));
        let name = self.before.names.get(&common).or_else(|| self.after.names.get(&common)).cloned();
        TransferClass { code: common, name: name.filter(|_| !self.by_class), cover }
    }

    /// Whether the codes seen can be classes of one legend.
    ///
    /// # Errors
    /// [`LegendClash`] where they cannot.
    pub fn check(&self, sample: &Sample) -> Result<(), LegendClash> {
        let (Some(before), Some(after)) = (sample.before.first(), sample.after.first()) else { return Ok(()) };
        let (before, after) = (counts(before), counts(after));
        let most = before.len().max(after.len());
        if most > MOST_CLASSES {
            return Err(LegendClash::TooMany(most));
        }
        // Where a table names the codes, the user has said that they compare.
        if self.before.classes.is_some() || shared(&before, &after).min(shared(&after, &before)) >= LEAST_SHARED {
            return Ok(());
        }
        Err(LegendClash::Codes(before.into_keys().collect(), after.into_keys().collect()))
    }
}

/// The code that a value of a class band stands for.
#[must_use]
pub fn code(value: f32) -> i32 {
    value.round() as i32
}

fn counts(values: &[f32]) -> BTreeMap<i32, usize> {
    let mut counts = BTreeMap::new();
    for &value in values {
        *counts.entry(code(value)).or_default() += 1;
    }
    counts
}

/// Share of the pixels of one map whose codes the other has too; 1 for no pixels.
fn shared(own: &BTreeMap<i32, usize>, other: &BTreeMap<i32, usize>) -> f64 {
    let all: usize = own.values().sum();
    let both: usize = own.iter().filter(|(code, _)| other.contains_key(code)).map(|(_, count)| count).sum();
    if all == 0 { 1.0 } else { both as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::grid::Window;

    fn table(classes: &[(i32, CoverClass)]) -> Legend {
        Legend { classes: Some(classes.iter().copied().collect()), ..Legend::default() }
    }

    fn block(before: [f32; 4], after: [f32; 4]) -> PairBlock {
        let window = Window { row: 0, col: 0, rows: 2, cols: 2 };
        let scene = |band: [f32; 4]| SceneBlock { window, bands: vec![band.to_vec()], gaps: vec![gap::SEEN; 4] };
        PairBlock { before: scene(before), after: scene(after) }
    }

    fn sample(before: &[f32], after: &[f32]) -> Sample {
        Sample { before: vec![before.to_vec()], after: vec![after.to_vec()] }
    }

    #[test]
    fn two_tables_meet_in_the_programs_classes_and_what_they_leave_out_is_not_observed() {
        let before = table(&[(1, CoverClass::Water), (2, CoverClass::Built)]);
        let after = table(&[(80, CoverClass::Water), (50, CoverClass::Built)]);
        let pair = LegendPair::of(&before, &after).unwrap();
        let mut block = block([1.0, 2.0, 1.0, 7.0], [80.0, 80.0, 50.0, 50.0]);
        assert_eq!(pair.settle(&mut block, &[true; 4]), BTreeMap::from([(7, 1)]));
        assert_eq!(block.before.gaps, [gap::SEEN, gap::SEEN, gap::SEEN, gap::NODATA]);
        assert!((block.before.bands[0][0] - block.after.bands[0][0]).abs() < 0.1, "water stayed water");
        assert_eq!(pair.cover(Epoch::After, block.after.bands[0][2]), CoverClass::Built);
        assert_eq!(pair.class(CoverClass::Built as i32).cover, Some(CoverClass::Built));
    }

    #[test]
    fn one_table_for_both_keeps_the_maps_own_codes() {
        let both = table(&[(11, CoverClass::Vegetation), (12, CoverClass::Vegetation)]);
        let pair = LegendPair::of(&both, &both).unwrap();
        let mut block = block([11.0, 12.0, 11.0, 12.0], [12.0; 4]);
        assert!(pair.settle(&mut block, &[true; 4]).is_empty());
        assert!((block.before.bands[0][0] - 11.0).abs() < 0.1, "two kinds of one class stay two");
        assert_eq!(pair.cover(Epoch::Before, 11.0), CoverClass::Vegetation);
    }

    #[test]
    fn a_table_for_one_map_alone_and_names_that_contradict_do_not_compare() {
        let one = table(&[(1, CoverClass::Water)]);
        assert_eq!(LegendPair::of(&one, &Legend::default()), Err(LegendClash::OneTable(true)));
        assert_eq!(LegendPair::of(&Legend::default(), &one), Err(LegendClash::OneTable(false)));
        let named = |name: &str| Legend { names: BTreeMap::from([(3, name.to_owned())]), ..Legend::default() };
        let clash = LegendPair::of(&named("林地"), &named("水体"));
        assert_eq!(clash, Err(LegendClash::Names(vec![(3, "林地".into(), "水体".into())])));
    }

    #[test]
    fn maps_of_other_codes_do_not_compare_and_a_new_class_is_no_other_legend() {
        let pair = LegendPair::of(&Legend::default(), &Legend::default()).unwrap();
        let other = pair.check(&sample(&[1.0, 2.0, 3.0, 4.0], &[10.0, 20.0, 30.0, 4.0]));
        assert!(matches!(other, Err(LegendClash::Codes(before, _)) if before.len() == 4));
        assert_eq!(pair.check(&sample(&[1.0, 2.0, 1.0, 2.0], &[1.0, 2.0, 5.0, 2.0])), Ok(()));
        let many: Vec<f32> = (0..300u16).map(f32::from).collect();
        assert_eq!(pair.check(&sample(&many, &many)), Err(LegendClash::TooMany(300)));
    }
}
