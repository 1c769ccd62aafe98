//! What else may explain a patch than a change of the ground: misfit, cloud, shadow, season, rotating fields, what floats,
//! a moving water line. Bounds and reason codes stand in a table; a patch that a test explains is discarded on record.
//!
//! Absent on purpose: judgement. What no test explains is a flag, and people decide.

use serde::Deserialize;

use crate::model::class::CoverClass;
use crate::model::flag::{FalseChange, Tested};
use crate::model::patch::Patch;
use crate::model::scene::SceneKind;

/// The table `false_change`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FalseChangeTable {
    /// Version, printed in reports.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
    misfit: Misfit,
    cloud: Cloud,
    shadow: Shadow,
    season: Season,
    rotation: Rotation,
    floating: Floating,
    water_line: WaterLine,
    pub(super) not_enough_data: NotEnoughData,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Misfit {
    code: String,
    least_firm: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cloud {
    code: String,
    most_hidden: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shadow {
    code: String,
    most_brightness: f64,
    most_spread: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Season {
    code: String,
    most_days: f64,
    least_habit: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    code: String,
    least_reversed: usize,
    least_balance: f64,
    likeness: f64,
    least_shared: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Floating {
    code: String,
    least_water: f64,
    most_area_m2: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct WaterLine {
    code: String,
    least_water: f64,
    least_elongation: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotEnoughData {
    code: String,
    /// Share of a zone below which nothing is said of it.
    pub(super) least_observed: f64,
    /// Kinds of image whose findings are then put aside.
    withheld: Vec<SceneKind>,
}

/// The two scenes a patch comes from.
pub struct Pair<'p> {
    /// What they show.
    pub kind: SceneKind,
    /// Days between their days of the year, at most 183.
    pub season_days: f64,
    /// A band's later value in the units of the earlier scene.
    pub comparable: &'p dyn Fn(usize, f64) -> f64,
}

impl Pair<'_> {
    fn is_image(&self) -> bool {
        self.kind.is_image()
    }

    fn after(&self, patch: &Patch) -> Vec<f64> {
        patch.mean_after.iter().enumerate().map(|(band, &v)| (self.comparable)(band, v)).collect()
    }
}

impl FalseChangeTable {
    /// Every test that applies to a patch, given what the patches of the comparison tell together ([`Self::evidence`]).
    #[must_use]
    pub fn test(&self, patch: &Patch, pair: &Pair<'_>, evidence: Evidence) -> Vec<Tested> {
        let mut tested = Vec::new();
        if pair.kind != SceneKind::Landcover {
            let (firm, least) = (patch.firm.0, self.misfit.least_firm);
            tested.push(Tested { test: FalseChange::Misfit, value: firm, limit: least, explains: firm < least });
        }
        if pair.is_image() {
            let (hidden, most) = (patch.around.hidden.0, self.cloud.most_hidden);
            tested.push(Tested { test: FalseChange::Cloud, value: hidden, limit: most, explains: hidden > most });
            tested.extend(self.shadow(patch, &pair.after(patch)));
            tested.extend(self.season(patch, pair));
            tested.extend(self.rotation(patch, evidence.reversed));
            tested.extend(self.floating(patch, evidence.traffic));
            tested.extend(self.water_line(patch));
        }
        tested
    }

    /// The reason code of a test, `01` to `12`.
    #[must_use]
    pub fn code(&self, test: FalseChange) -> &str {
        match test {
            FalseChange::Misfit => &self.misfit.code,
            FalseChange::Cloud => &self.cloud.code,
            FalseChange::Shadow => &self.shadow.code,
            FalseChange::Season | FalseChange::Habit => &self.season.code,
            FalseChange::Rotation | FalseChange::TurnedBack => &self.rotation.code,
            FalseChange::Floating => &self.floating.code,
            FalseChange::WaterLine => &self.water_line.code,
            FalseChange::NotEnoughData => &self.not_enough_data.code,
        }
    }

    /// The bound of every test, in the units in which it is tested.
    #[must_use]
    pub fn bounds(&self) -> Vec<(FalseChange, f64)> {
        vec![
            (FalseChange::Misfit, self.misfit.least_firm),
            (FalseChange::Cloud, self.cloud.most_hidden),
            (FalseChange::Shadow, self.shadow.most_brightness),
            (FalseChange::Season, self.season.most_days),
            (FalseChange::Habit, self.season.least_habit),
            (FalseChange::Rotation, self.rotation.least_reversed as f64),
            (FalseChange::TurnedBack, self.rotation.least_shared),
            (FalseChange::Floating, self.floating.least_water),
            (FalseChange::WaterLine, self.water_line.least_elongation),
            (FalseChange::NotEnoughData, self.not_enough_data.least_observed),
        ]
    }

    /// From what share of like ground on a change is the season's, between scenes so many days of the year apart; `None`
    /// where they are of one season.
    #[must_use]
    pub fn least_habit(&self, season_days: f64) -> Option<f64> {
        (season_days > self.season.most_days).then_some(self.season.least_habit)
    }

    /// Whether findings in zones that lack data are put aside, by the kind of image.
    #[must_use]
    pub fn withholds(&self, kind: SceneKind) -> bool {
        self.not_enough_data.withheld.contains(&kind)
    }

    /// Plants that turn darker alike in all bands have less light, not another ground. Of other ground, whose bands differ
    /// little, nothing can be told this way.
    fn shadow(&self, patch: &Patch, after: &[f64]) -> Option<Tested> {
        let green = patch.from_class == CoverClass::Vegetation && patch.to_class == CoverClass::Vegetation;
        let ratios: Vec<f64> = patch.mean_before.iter().zip(after).map(|(b, a)| a / b).collect();
        let usable = ratios.len() >= 4 && ratios.iter().all(|r| r.is_finite() && *r > 0.0);
        let (low, high) = ratios.iter().fold((f64::INFINITY, 0.0f64), |(l, h), &r| (l.min(r), h.max(r)));
        let total = |values: &[f64]| values.iter().sum::<f64>();
        let value = total(after) / total(&patch.mean_before);
        (green && usable).then(|| Tested {
            test: FalseChange::Shadow,
            value,
            limit: self.shadow.most_brightness,
            explains: value < self.shadow.most_brightness && high / low < self.shadow.most_spread,
        })
    }

    /// Plants, open ground and water at other times of the year; what is built does not follow the season, nor does what
    /// hardly any like ground did.
    fn season(&self, patch: &Patch, pair: &Pair<'_>) -> Vec<Tested> {
        let (days, limit) = (pair.season_days, self.season.most_days);
        let of_season = |explains| Tested { test: FalseChange::Season, value: days, limit, explains };
        if days <= limit || patch.to_class == CoverClass::Built {
            return vec![of_season(false)];
        }
        let (habit, least) = (patch.habit.0, self.season.least_habit);
        let explains = habit >= least;
        vec![of_season(explains), Tested { test: FalseChange::Habit, value: habit, limit: least, explains }]
    }

    fn rotation(&self, patch: &Patch, reversed: usize) -> Option<Tested> {
        let (value, limit) = (reversed as f64, self.rotation.least_reversed as f64);
        rotates(patch).then_some(Tested { test: FalseChange::Rotation, value, limit, explains: value >= limit })
    }

    /// What floats comes and goes: one that came is a ship only where another one left.
    fn floating(&self, patch: &Patch, traffic: bool) -> Option<Tested> {
        let value = patch.around.water_before.0.min(patch.around.water_after.0);
        let (limit, wet) = (self.floating.least_water, direction_afloat(patch) != Afloat::No);
        wet.then_some(Tested { test: FalseChange::Floating, value, limit, explains: traffic && self.may_float(patch) })
    }

    /// Whether a patch is as small and as much surrounded by water as what floats.
    #[must_use]
    pub fn may_float(&self, patch: &Patch) -> bool {
        let water = patch.around.water_before.0.min(patch.around.water_after.0);
        direction_afloat(patch) != Afloat::No
            && water >= self.floating.least_water
            && patch.area.0 <= self.floating.most_area_m2
    }

    /// The floating test where another year shows the traffic.
    #[must_use]
    pub fn floating_over_years(&self, patch: &Patch) -> Option<Tested> {
        self.floating(patch, true).filter(|tested| tested.explains)
    }

    fn water_line(&self, patch: &Patch) -> Option<Tested> {
        // Between water and open or green ground; what is built at the water's edge does not come and go.
        let ground = |class| matches!(class, CoverClass::Bare | CoverClass::Sparse | CoverClass::Vegetation);
        let (from, to) = (patch.from_class, patch.to_class);
        let wet = (from == CoverClass::Water && ground(to)) || (ground(from) && to == CoverClass::Water);
        let water = patch.around.water_before.0.max(patch.around.water_after.0);
        let value = patch.elongation();
        let explains = value >= self.water_line.least_elongation && water >= self.water_line.least_water;
        let limit = self.water_line.least_elongation;
        wet.then_some(Tested { test: FalseChange::WaterLine, value, limit, explains })
    }

    /// Whether two patches of different years went opposite ways, by their spectra.
    #[must_use]
    pub fn is_opposite(&self, a: &Patch, b: &Patch) -> bool {
        self.alike(&a.mean_before, &b.mean_after) && self.alike(&a.mean_after, &b.mean_before)
    }

    /// The rotation test over several years.
    #[must_use]
    pub fn rotation_over_years(&self, alike: usize) -> Tested {
        let (value, limit) = (alike as f64, self.rotation.least_reversed as f64);
        Tested { test: FalseChange::Rotation, value, limit, explains: value >= limit }
    }

    /// The test of what turned back in the comparison before or after, at the same place: `shared` is the share of the
    /// smaller of the two patches.
    #[must_use]
    pub fn turned_back(&self, shared: f64) -> Tested {
        let limit = self.rotation.least_shared;
        Tested { test: FalseChange::TurnedBack, value: shared, limit, explains: shared >= limit }
    }

    fn alike(&self, a: &[f64], b: &[f64]) -> bool {
        alike_within(self.rotation.likeness, a, b)
    }

    /// What the patches of a comparison tell together of each: how many went the opposite way, from its spectrum after to
    /// its spectrum before (fields in rotation do, and so no single one is an encroachment; a city that grows does not), and
    /// whether what floats left where it came, or came where it left.
    #[must_use]
    pub fn evidence(&self, patches: &[&Patch], pair: &Pair<'_>) -> Vec<Evidence> {
        let floats = |way: Afloat| patches.iter().any(|p| direction_afloat(p) == way && self.may_float(p));
        let (came, left) = (floats(Afloat::Came), floats(Afloat::Left));
        let reversed = self.reversed(patches, pair);
        let traffic = |patch: &Patch| match direction_afloat(patch) {
            Afloat::Came => left,
            Afloat::Left => came,
            Afloat::No => false,
        };
        patches.iter().zip(reversed).map(|(p, reversed)| Evidence { reversed, traffic: traffic(p) }).collect()
    }

    fn reversed(&self, patches: &[&Patch], pair: &Pair<'_>) -> Vec<usize> {
        let after: Vec<Vec<f64>> = patches.iter().map(|patch| pair.after(patch)).collect();
        let turning: Vec<usize> = (0..patches.len()).filter(|&i| rotates(patches[i])).collect();
        let mut reversed = vec![0; patches.len()];
        for &i in &turning {
            let before = |at: usize| &patches[at].mean_before;
            let is_same = |j: &usize| self.alike(before(i), before(*j)) && self.alike(&after[i], &after[*j]);
            let is_opposite = |j: &usize| self.alike(before(i), &after[*j]) && self.alike(before(*j), &after[i]);
            let area = |turned: &[usize]| turned.iter().map(|&j| patches[j].area.0).sum::<f64>();
            let same: Vec<usize> = turning.iter().copied().filter(is_same).collect();
            let opposite: Vec<usize> = turning.iter().copied().filter(is_opposite).collect();
            if area(&opposite) >= self.rotation.least_balance * area(&same) {
                reversed[i] = opposite.len();
            }
        }
        reversed
    }
}

fn alike_within(share: f64, a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= share * f64::midpoint(a.abs(), b.abs()))
}

/// What the patches of a comparison tell of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Patches that went the opposite way; none where they are too small against what went the same way.
    pub reversed: usize,
    /// Whether something afloat went the opposite way.
    pub traffic: bool,
}

/// Which way something afloat went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Afloat {
    Came,
    Left,
    No,
}

pub(super) fn direction_afloat(patch: &Patch) -> Afloat {
    match (patch.from_class, patch.to_class) {
        (CoverClass::Water, CoverClass::Water | CoverClass::Unknown) => Afloat::No,
        (CoverClass::Water, _) => Afloat::Came,
        (_, CoverClass::Water) => Afloat::Left,
        _ => Afloat::No,
    }
}

/// Between plants and open, unbuilt ground: what crops do.
pub(super) fn rotates(patch: &Patch) -> bool {
    let open = |class| matches!(class, CoverClass::Sparse | CoverClass::Bare);
    let (from, to) = (patch.from_class, patch.to_class);
    (from == CoverClass::Vegetation && open(to)) || (open(from) && to == CoverClass::Vegetation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::patch::Surroundings;
    use crate::model::units::{Fraction, SquareMetres};
    use crate::screen::hits::tests::patch;

    const RICE: [f64; 4] = [0.04, 0.07, 0.05, 0.32];
    const FALLOW: [f64; 4] = [0.09, 0.12, 0.14, 0.25];
    const ROOF: [f64; 4] = [0.24, 0.25, 0.26, 0.30];

    fn table() -> FalseChangeTable {
        toml::from_str(include_str!("../../assets/tables/false_change.toml")).unwrap()
    }

    fn pair(season_days: f64) -> Pair<'static> {
        Pair { kind: SceneKind::Satellite, season_days, comparable: &|_, v| v }
    }

    fn change(from: [f64; 4], to: [f64; 4], classes: (CoverClass, CoverClass)) -> Patch {
        Patch {
            mean_before: from.to_vec(),
            mean_after: to.to_vec(),
            from_class: classes.0,
            to_class: classes.1,
            firm: Fraction(1.0),
            // Much was harvested; nothing else happened often.
            habit: Fraction(if to == FALLOW { 0.3 } else { 0.001 }),
            ..patch(0, 0, 10)
        }
    }

    fn explained_by(patch: &Patch, days: f64, reversed: usize) -> Vec<FalseChange> {
        let tested = table().test(patch, &pair(days), Evidence { reversed, traffic: reversed > 0 });
        tested.iter().filter(|t| t.explains).map(|t| t.test).collect()
    }

    #[test]
    fn a_new_roof_is_explained_by_nothing_not_even_by_another_season() {
        let roof = change(RICE, ROOF, (CoverClass::Vegetation, CoverClass::Built));
        assert_eq!(explained_by(&roof, 0.0, 0), []);
        assert_eq!(explained_by(&roof, 120.0, 5), []);
    }

    #[test]
    fn a_harvested_field_is_explained_by_season_or_by_fields_that_went_the_other_way() {
        let field = change(RICE, FALLOW, (CoverClass::Vegetation, CoverClass::Sparse));
        assert_eq!(explained_by(&field, 20.0, 1), []);
        assert_eq!(explained_by(&field, 20.0, 2), [FalseChange::Rotation]);
        assert_eq!(explained_by(&field, 60.0, 0), [FalseChange::Season, FalseChange::Habit]);
    }

    #[test]
    fn what_hardly_any_like_ground_did_is_no_season() {
        let pit = change(RICE, ROOF, (CoverClass::Vegetation, CoverClass::Bare));
        assert_eq!(explained_by(&pit, 120.0, 0), []);
    }

    #[test]
    fn opposite_patches_are_counted_by_their_spectra() {
        let out = change(RICE, FALLOW, (CoverClass::Vegetation, CoverClass::Sparse));
        let back = change(FALLOW, RICE, (CoverClass::Sparse, CoverClass::Vegetation));
        let roof = change(RICE, ROOF, (CoverClass::Vegetation, CoverClass::Bare));
        let patches = [&out, &back, &roof, &back, &out];
        let reversed: Vec<usize> = table().evidence(&patches, &pair(0.0)).iter().map(|e| e.reversed).collect();
        assert_eq!(reversed, [2, 2, 0, 2, 2]);
    }

    #[test]
    fn a_city_that_grows_over_fields_is_no_rotation_though_two_lots_turned_green() {
        let grown =
            Patch { area: SquareMetres(60_000.0), ..change(RICE, FALLOW, (CoverClass::Vegetation, CoverClass::Bare)) };
        let lot =
            Patch { area: SquareMetres(9_000.0), ..change(FALLOW, RICE, (CoverClass::Bare, CoverClass::Vegetation)) };
        let reversed = |patches: &[&Patch]| table().evidence(patches, &pair(0.0))[0].reversed;
        assert_eq!(reversed(&[&grown, &lot, &lot]), 0);
        assert_eq!(reversed(&[&grown, &lot, &lot, &lot, &lot]), 4);
    }

    #[test]
    fn less_light_is_a_shadow_and_dark_ground_is_not() {
        let shaded = RICE.map(|v| v * 0.4);
        let classes = (CoverClass::Vegetation, CoverClass::Vegetation);
        assert_eq!(explained_by(&change(RICE, shaded, classes), 0.0, 0), [FalseChange::Shadow]);
        let asphalt = [0.06, 0.07, 0.07, 0.08];
        assert_eq!(explained_by(&change(RICE, asphalt, (CoverClass::Vegetation, CoverClass::Built)), 0.0, 0), []);
    }

    #[test]
    fn a_ship_floats_and_a_filled_bay_does_not() {
        let around = |share| Surroundings {
            water_before: Fraction(share),
            water_after: Fraction(share),
            ..Surroundings::default()
        };
        let classes = (CoverClass::Water, CoverClass::Built);
        let ship = Patch { around: around(1.0), area: SquareMetres(800.0), ..change(RICE, ROOF, classes) };
        assert_eq!(explained_by(&ship, 0.0, 1), [FalseChange::Floating]);
        assert_eq!(explained_by(&ship, 0.0, 0), [], "nothing ever left: it may be built there");
        let island = Patch { area: SquareMetres(50_000.0), ..ship.clone() };
        let quay = Patch { around: around(0.5), ..ship };
        assert_eq!((explained_by(&island, 0.0, 1), explained_by(&quay, 0.0, 1)), (vec![], vec![]));
    }

    #[test]
    fn what_no_pixel_holds_firmly_is_misfit() {
        let edge = Patch { firm: Fraction(0.01), ..change(RICE, ROOF, (CoverClass::Vegetation, CoverClass::Built)) };
        assert_eq!(explained_by(&edge, 0.0, 0), [FalseChange::Misfit]);
    }
}
