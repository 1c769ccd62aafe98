//! Which band of a file measures what: as the user says, as the sensor profile says, or guessed from descriptions,
//! colours and the number of bands, and then said.

use super::sensor::{SensorProfile, Sensors, role_of};
use super::wishes::Wish;
use crate::io::raster::RasterInfo;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::{BandRole, SceneKind};

/// The bands of a file: what they measure and their numbers, in spectral order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BandChoice {
    /// Roles and 1-based band numbers.
    pub roles: Vec<(BandRole, usize)>,
    /// What to tell about the choice.
    pub notice: Option<Notice>,
}

impl BandChoice {
    fn new(mut roles: Vec<(BandRole, usize)>, notice: Option<Notice>) -> Self {
        roles.sort();
        Self { roles, notice }
    }
}

/// The bands of one file of a scene.
///
/// # Errors
/// A band that the file does not have, or an order that cannot be told: the notice to show.
pub(super) fn choose(
    info: &RasterInfo,
    wish: &Wish<'_>,
    sensor: Option<&SensorProfile>,
    sensors: &Sensors,
) -> Result<BandChoice, Notice> {
    let count = info.bands.len();
    if let Some(bands) = wish.bands {
        return given(bands.roles(), info);
    }
    let pictures: Vec<usize> = (1..=count).filter(|index| info.alpha != Some(*index)).collect();
    let single = match wish.kind {
        SceneKind::Surface => Some(BandRole::Elevation),
        SceneKind::Landcover => Some(BandRole::Class),
        SceneKind::Satellite | SceneKind::Drone => None,
    };
    if let Some(role) = single {
        let first = pictures.first().copied().unwrap_or(1);
        return Ok(BandChoice::new(vec![(role, first)], None));
    }
    let by_profile =
        sensor.and_then(|s| by_description(info, |d| role_of(d, &s.parts)).or_else(|| s.layout(pictures.len())));
    if let Some(roles) = by_profile.or_else(|| by_description(info, |d| sensors.described(d))) {
        return Ok(BandChoice::new(roles, None));
    }
    let guessed = by_colour(info, &pictures).or_else(|| by_count(wish.kind, &pictures));
    guessed
        .map(|roles| with_notice(roles, info))
        .ok_or_else(|| Notice::new("A19_bands_unknown", Weight::Refused).at(&info.path).fact("count", count))
}

fn given(roles: Vec<(BandRole, usize)>, info: &RasterInfo) -> Result<BandChoice, Notice> {
    let count = info.bands.len();
    if let Some((role, index)) = roles.iter().find(|r| r.1 > count) {
        let notice = Notice::new("A19_band_missing", Weight::Refused).at(&info.path);
        return Err(notice.fact("role", role.word()).fact("index", index).fact("count", count));
    }
    if roles.is_empty() {
        return Err(Notice::new("A19_bands_unknown", Weight::Refused).at(&info.path).fact("count", count));
    }
    Ok(BandChoice::new(roles, None))
}

/// Bands by their descriptions; only where two at least are told apart (or the only one is named).
fn by_description(info: &RasterInfo, role: impl Fn(&str) -> Option<BandRole>) -> Option<Vec<(BandRole, usize)>> {
    let mut roles: Vec<(BandRole, usize)> = Vec::new();
    for (index, band) in info.bands.iter().enumerate() {
        if let Some(role) = role(&band.description).filter(|r| roles.iter().all(|known| known.0 != *r)) {
            roles.push((role, index + 1));
        }
    }
    (roles.len() >= 2 || (roles.len() == 1 && info.bands.len() == 1)).then_some(roles)
}

fn by_colour(info: &RasterInfo, pictures: &[usize]) -> Option<Vec<(BandRole, usize)>> {
    let at = |colour: &str| pictures.iter().copied().find(|index| info.bands[index - 1].colour == colour);
    let mut roles = vec![(BandRole::Red, at("Red")?), (BandRole::Green, at("Green")?), (BandRole::Blue, at("Blue")?)];
    let other = |index: &&usize| roles.iter().all(|r| r.1 != **index);
    if let (4, Some(nir)) = (pictures.len(), pictures.iter().find(other)) {
        roles.push((BandRole::Nir, *nir));
    }
    Some(roles)
}

fn by_count(kind: SceneKind, pictures: &[usize]) -> Option<Vec<(BandRole, usize)>> {
    use BandRole::{Blue, Green, Nir, Red, RedEdge, Swir1, Swir2};
    let order: &[BandRole] = match (pictures.len(), kind) {
        (0..=2, _) => return None,
        (3, _) => &[Red, Green, Blue],
        (4, SceneKind::Drone) => &[Red, Green, Blue, Nir],
        (4, _) => &[Blue, Green, Red, Nir],
        (5, _) => &[Blue, Green, Red, RedEdge, Nir],
        _ => &[Blue, Green, Red, Nir, Swir1, Swir2],
    };
    Some(order.iter().copied().zip(pictures.iter().copied()).collect())
}

fn with_notice(roles: Vec<(BandRole, usize)>, info: &RasterInfo) -> BandChoice {
    // Three bands of colours red, green and blue are no guess.
    let plain = info.bands.iter().filter(|b| ["Red", "Green", "Blue"].contains(&b.colour.as_str())).count() == 3;
    let told = plain && roles.len() == 3;
    let notice = (!told).then(|| {
        let order = listed(&roles);
        Notice::new("A19_bands_guessed", Weight::Warning)
            .at(&info.path)
            .fact("count", info.bands.len())
            .fact("order", order)
    });
    BandChoice::new(roles, notice)
}

/// `blue = 1, green = 2`, as in a project file.
pub(super) fn listed(roles: &[(BandRole, usize)]) -> String {
    let mut sorted = roles.to_vec();
    sorted.sort_by_key(|r| r.1);
    sorted.iter().map(|(role, index)| format!("{} = {index}", role.word())).collect::<Vec<_>>().join(", ")
}
