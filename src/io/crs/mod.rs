//! Coordinate reference systems: reading their definitions, transforming points, measuring areas on the ellipsoid ([`area`]).
//!
//! Axis order is always the traditional GIS order. CGCS2000 (EPSG:4490) and WGS 84 (EPSG:4326) differ by less than the
//! metre that PROJ's null step between them stands for, and are treated as equal.

pub mod area;

use std::collections::HashMap;
use std::ffi::c_int;
use std::sync::{LazyLock, Mutex, PoisonError};

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

use crate::model::crs::{Crs, CrsUnit};
use crate::model::notice::{Explain, Notice, Weight};

use super::error::ErrorScope;
use super::setup;

pub use area::{area_scale_error, ellipsoidal_area};

/// Eastings above it carry a zone number in front (Chinese practice: 40 500 000 in zone 40).
pub const ZONE_PREFIX_EASTING: f64 = 1e7;

/// What went wrong with a CRS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrsError {
    /// No CRS that PROJ knows.
    #[error("not a coordinate reference system: {definition} ({reason})")]
    Unknown {
        /// What was given.
        definition: String,
        /// PROJ's reason.
        reason: String,
    },
    /// No way from one CRS to the other.
    #[error("no transformation from {from} to {to}: {reason}")]
    NoTransformation {
        /// Source CRS.
        from: String,
        /// Target CRS.
        to: String,
        /// PROJ's reason.
        reason: String,
    },
    /// A point lies where the transformation is not defined.
    #[error("the point ({x}, {y}) cannot be transformed from {from} to {to}")]
    OutOfDomain {
        /// x as given.
        x: String,
        /// y as given.
        y: String,
        /// Source CRS.
        from: String,
        /// Target CRS.
        to: String,
    },
}

impl Explain for CrsError {
    fn notice(&self) -> Notice {
        match self {
            Self::Unknown { definition, reason } => Notice::new("A10_unknown_crs", Weight::Refused)
                .fact("definition", definition.chars().take(120).collect::<String>())
                .fact("reason", reason),
            Self::NoTransformation { from, to, reason } => Notice::new("A12_no_transformation", Weight::Refused)
                .fact("from", from)
                .fact("to", to)
                .fact("reason", reason),
            Self::OutOfDomain { x, y, from, to } => Notice::new("A11_out_of_domain", Weight::Refused)
                .fact("x", x)
                .fact("y", y)
                .fact("from", from)
                .fact("to", to),
        }
    }
}

/// CRSs already described, by their definition: hundreds of tiles carry the same one.
static KNOWN: LazyLock<Mutex<HashMap<String, Crs>>> = LazyLock::new(Mutex::default);

/// Most definitions remembered.
const REMEMBERED: usize = 256;

/// Reads a CRS from `EPSG:4549`, WKT, or a PROJ string.
///
/// # Errors
/// [`CrsError::Unknown`] where it is none of these, or would have to be fetched from a file or address.
pub fn parse(definition: &str) -> Result<Crs, CrsError> {
    let text = definition.trim();
    let lower = text.to_ascii_lowercase();
    let looks_known = lower.starts_with("epsg:")
        || lower.starts_with("esri:")
        || lower.starts_with("urn:ogc:def:crs:")
        || lower.starts_with('+') && !["grids=", "init="].iter().any(|file| lower.contains(file))
        || text.contains('[')
        || text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty();
    if !looks_known {
        return Err(unknown(text, "expected EPSG:number, WKT, or a PROJ string"));
    }
    let code = text.bytes().all(|b| b.is_ascii_digit());
    remembered(if code { format!("EPSG:{text}") } else { text.to_owned() })
}

/// Reads a CRS from WKT, Esri's dialect included.
///
/// # Errors
/// [`CrsError::Unknown`] where it is no WKT.
pub fn from_wkt(wkt: &str) -> Result<Crs, CrsError> {
    if wkt.contains('[') || wkt.contains('(') {
        remembered(wkt.trim().to_owned())
    } else {
        Err(unknown(wkt, "not WKT"))
    }
}

fn unknown(definition: &str, reason: &str) -> CrsError {
    CrsError::Unknown { definition: definition.to_owned(), reason: reason.to_owned() }
}

fn remembered(definition: String) -> Result<Crs, CrsError> {
    if let Some(crs) = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&definition) {
        return Ok(crs.clone());
    }
    let srs = spatial_ref(&definition)?;
    let crs = describe(srs, &definition)?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() < REMEMBERED {
        known.insert(definition, crs.clone());
    }
    Ok(crs)
}

/// GDAL's object for a definition, in traditional axis order, without a vertical part.
pub(super) fn spatial_ref(definition: &str) -> Result<SpatialRef, CrsError> {
    setup::ensure();
    let scope = ErrorScope::new();
    let read = if definition.starts_with('+') {
        SpatialRef::from_proj4(definition)
    } else if definition.contains('[') || definition.contains('(') {
        SpatialRef::from_wkt(definition)
    } else {
        SpatialRef::from_definition(definition)
    };
    let mut srs = read.map_err(|e| unknown(definition, &scope.reason(&e.to_string())))?;
    strip_vertical(&srs);
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(srs)
}

#[allow(unsafe_code)]
fn strip_vertical(srs: &SpatialRef) {
    if srs.is_compound() {
        // SAFETY: the handle is alive for the call; it has no safe wrapper. Its only failure leaves the CRS as it was.
        unsafe { gdal_sys::OSRStripVertical(srs.to_c_hsrs()) };
    }
}

/// The plain data of a spatial reference.
///
/// # Errors
/// [`CrsError::Unknown`] where it has no WKT.
fn describe(srs: SpatialRef, definition: &str) -> Result<Crs, CrsError> {
    let unit = unit_of(&srs);
    let local = srs.is_local();
    let (srs, epsg) = if local { (srs, None) } else { identified(srs) };
    let wkt = srs.to_wkt().map_err(|e| unknown(definition, &e.to_string()))?;
    let name = srs.name().unwrap_or_else(|| "unnamed".to_owned());
    Ok(Crs { wkt, name, epsg, unit })
}

fn unit_of(srs: &SpatialRef) -> CrsUnit {
    if srs.is_local() {
        CrsUnit::Unknown
    } else if srs.is_projected() {
        CrsUnit::Projected { metres: srs.linear_units() }
    } else if srs.is_geographic() {
        CrsUnit::Degree
    } else {
        CrsUnit::Unknown
    }
}

/// The spatial reference and its EPSG code: its own, or that of the standard system it plainly is.
fn identified(srs: SpatialRef) -> (SpatialRef, Option<u32>) {
    if let Some(code) = epsg_of(&srs) {
        return (srs, Some(code));
    }
    let found = {
        let mut copy = srs.clone();
        let by_name = copy.auto_identify_epsg().ok().and_then(|()| epsg_of(&copy));
        by_name.or_else(|| same_as_standard(&srs)).or_else(|| sure_match(&srs))
    };
    let standard = found.and_then(|code| Some((spatial_ref(&format!("EPSG:{code}")).ok()?, code)));
    match standard {
        Some((standard, code)) => (standard, Some(code)),
        None => (srs, None),
    }
}

fn epsg_of(srs: &SpatialRef) -> Option<u32> {
    let name = srs.auth_name()?;
    let code = srs.auth_code().ok()?;
    (name.eq_ignore_ascii_case("EPSG")).then_some(code).and_then(|code| u32::try_from(code).ok())
}

/// The UTM or CGCS2000 system that a nameless one equals in every number.
fn same_as_standard(srs: &SpatialRef) -> Option<u32> {
    let meridian = srs.get_proj_param("central_meridian").ok().flatten()?;
    let utm = ((meridian + 183.0) / 6.0).round() as u32;
    let gauss = ((meridian - 75.0) / 3.0).round() as i64;
    let chinese = (0..=20).contains(&gauss).then_some(gauss as u32).map(|n| [4534 + n, 4513 + n]);
    let candidates = [32_600 + utm, 32_700 + utm].into_iter().filter(|_| (1..=60).contains(&utm));
    let same = |code: &u32| spatial_ref(&format!("EPSG:{code}")).is_ok_and(|standard| standard == *srs);
    candidates.chain(chinese.into_iter().flatten()).find(same)
}

/// Lowest confidence (of 100) at which a nameless definition is taken for a standard one: same datum, same numbers.
const SURE: c_int = 90;

#[allow(unsafe_code)]
fn sure_match(srs: &SpatialRef) -> Option<u32> {
    let mut count: c_int = 0;
    let mut confidence: *mut c_int = std::ptr::null_mut();
    // SAFETY: GDAL fills a list of `count` handles and as many numbers, both ours to free by the calls below; each
    // handle is cloned by `from_c_obj` before the list is freed.
    unsafe {
        let list = gdal_sys::OSRFindMatches(srs.to_c_hsrs(), std::ptr::null_mut(), &raw mut count, &raw mut confidence);
        let mut best = None;
        if !list.is_null() && !confidence.is_null() && count > 0 && *confidence >= SURE {
            let sole = count == 1 || *confidence.add(1) < *confidence;
            best = SpatialRef::from_c_obj(*list).ok().filter(|_| sole).and_then(|found| epsg_of(&found));
        }
        if !list.is_null() {
            gdal_sys::OSRFreeSRSArray(list);
        }
        gdal_sys::VSIFree(confidence.cast());
        best
    }
}

/// The false easting of a projected CRS, in its units.
#[must_use]
pub fn false_easting(crs: &Crs) -> Option<f64> {
    spatial_ref(&crs.wkt).ok()?.get_proj_param("false_easting").ok().flatten()
}

/// Whether two systems are the same for our purpose: equal, or both CGCS2000 and WGS 84 longitude and latitude.
#[must_use]
pub fn equivalent(a: &Crs, b: &Crs) -> bool {
    a == b || matches!((a.epsg, b.epsg), (Some(4326 | 4490), Some(4326 | 4490)))
}

/// Moves points from one CRS to another. Stays on its thread.
pub struct Transformer {
    transform: Option<CoordTransform>,
    from: String,
    to: String,
}

impl Transformer {
    /// A transformation between two systems; equivalent ones leave points as they are.
    ///
    /// # Errors
    /// [`CrsError`] where PROJ has no way between them.
    pub fn new(from: &Crs, to: &Crs) -> Result<Self, CrsError> {
        let (from_name, to_name) = (from.label(), to.label());
        if equivalent(from, to) {
            return Ok(Self { transform: None, from: from_name, to: to_name });
        }
        let (source, target) = (spatial_ref(&from.wkt)?, spatial_ref(&to.wkt)?);
        let scope = ErrorScope::new();
        match CoordTransform::new(&source, &target) {
            Ok(transform) => Ok(Self { transform: Some(transform), from: from_name, to: to_name }),
            Err(e) => {
                let reason = scope.reason(&e.to_string());
                Err(CrsError::NoTransformation { from: from_name, to: to_name, reason })
            }
        }
    }

    /// Whether it leaves points as they are.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.transform.is_none()
    }

    /// Transforms points in place, x and y in traditional order.
    ///
    /// # Errors
    /// [`CrsError::OutOfDomain`] names the first point that has no image.
    pub fn forward(&self, points: &mut [(f64, f64)]) -> Result<(), CrsError> {
        let given = points.to_vec();
        self.forward_where_defined(points);
        let lost = points.iter().position(|p| !p.0.is_finite() || !p.1.is_finite());
        lost.map_or(Ok(()), |at| {
            let (x, y) = (given[at].0.to_string(), given[at].1.to_string());
            Err(CrsError::OutOfDomain { x, y, from: self.from.clone(), to: self.to.clone() })
        })
    }

    /// Transforms points in place; a point without an image becomes NaN.
    pub fn forward_where_defined(&self, points: &mut [(f64, f64)]) {
        let Some(transform) = &self.transform else { return };
        let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        // It fails as a whole where one point fails; the others are transformed all the same.
        let whole = transform.transform_coords(&mut xs, &mut ys, &mut []);
        drop(whole);
        for (point, (x, y)) in points.iter_mut().zip(xs.into_iter().zip(ys)) {
            *point = if x.is_finite() && y.is_finite() { (x, y) } else { (f64::NAN, f64::NAN) };
        }
    }
}

/// The metre CRS to work in near a place: in China the CGCS2000 3-degree Gauss–Krüger system of the nearest central
/// meridian, without zone prefix (EPSG:4534–4554); elsewhere the WGS 84 UTM zone.
///
/// # Errors
/// [`CrsError`] where the PROJ database is missing.
pub fn metric_crs_near(lon: f64, lat: f64) -> Result<Crs, CrsError> {
    let code = if (73.0..=136.0).contains(&lon) && (15.0..=56.0).contains(&lat) {
        4534 + (((lon - 75.0) / 3.0).round().clamp(0.0, 20.0) as u32)
    } else {
        let zone = (((lon + 180.0) / 6.0).floor() as i64).rem_euclid(60) as u32 + 1;
        if lat < 0.0 { 32_700 + zone } else { 32_600 + zone }
    };
    parse(&format!("EPSG:{code}"))
}

/// The longitude and latitude that positions are told in: CGCS2000 (EPSG:4490); WGS 84 stays itself, as it is equal.
///
/// # Errors
/// [`CrsError`] where the PROJ database is missing.
pub fn lonlat(crs: &Crs) -> Result<Crs, CrsError> {
    if matches!(crs.epsg, Some(4326 | 4490)) { Ok(crs.clone()) } else { parse("EPSG:4490") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A point in another CRS.
    pub(in crate::io::crs) fn moved(from: &str, to: &str, point: (f64, f64)) -> (f64, f64) {
        let transformer = Transformer::new(&parse(from).expect(from), &parse(to).expect(to)).expect("a way");
        let mut points = [point];
        transformer.forward(&mut points).expect("defined");
        points[0]
    }

    fn near(a: (f64, f64), b: (f64, f64), tolerance: f64) -> bool {
        (a.0 - b.0).abs() < tolerance && (a.1 - b.1).abs() < tolerance
    }

    #[test]
    fn the_first_golden_point_has_east_first() {
        let point = moved("EPSG:4490", "EPSG:4547", (114.3, 30.6));
        assert!(near(point, (528_770.237, 3_386_666.251), 0.001), "{point:?}");
    }

    #[test]
    fn the_second_golden_point_agrees_in_three_systems() {
        let place = (119.42, 32.39);
        assert!(near(moved("EPSG:4490", "EPSG:4549", place), (445_426.83, 3_585_247.59), 0.01));
        assert!(near(moved("EPSG:4490", "EPSG:4528", place), (40_445_426.83, 3_585_247.59), 0.01));
        assert!(near(moved("EPSG:4490", "EPSG:32650", place), (727_638.15, 3_586_241.73), 0.01));
        assert!(near(moved("EPSG:4549", "EPSG:4490", (445_426.83, 3_585_247.59)), place, 1e-6));
    }

    #[test]
    fn cgcs2000_and_wgs84_degrees_are_equal() {
        assert_eq!(moved("EPSG:4490", "EPSG:4326", (119.42, 32.39)), (119.42, 32.39));
    }

    #[test]
    fn a_definition_is_read_in_every_usual_form() {
        let by_code = parse("EPSG:4549").expect("code");
        assert_eq!(by_code.epsg, Some(4549));
        assert_eq!(by_code.unit, CrsUnit::Projected { metres: 1.0 });
        assert_eq!(parse("4549").expect("number"), by_code);
        assert_eq!(from_wkt(&by_code.wkt).expect("wkt"), by_code);
        assert_eq!(parse("EPSG:4490").expect("degrees").unit, CrsUnit::Degree);
        let proj = parse("+proj=utm +zone=50 +datum=WGS84").expect("proj");
        assert_eq!(proj.epsg, Some(32_650));
        for nonsense in ["", "Xian 80", "EPSG:999999", "/etc/passwd", "http://x/y.prj"] {
            assert!(parse(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_standard_system_in_esri_words_gets_its_code() {
        let esri = "PROJCS[\"CGCS2000_3_Degree_GK_CM_120E\",GEOGCS[\"GCS_China_Geodetic_Coordinate_System_2000\",\
            DATUM[\"D_China_2000\",SPHEROID[\"CGCS2000\",6378137.0,298.257222101]],PRIMEM[\"Greenwich\",0.0],\
            UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Gauss_Kruger\"],PARAMETER[\"False_Easting\",500000.0],\
            PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",120.0],PARAMETER[\"Scale_Factor\",1.0],\
            PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]";
        assert_eq!(from_wkt(esri).expect("wkt").epsg, Some(4549));
    }

    #[test]
    fn a_height_system_on_top_is_left_out() {
        let flat = parse("EPSG:32650+5773").expect("compound");
        assert_eq!(flat.epsg, Some(32_650));
    }

    #[test]
    fn the_metric_system_follows_the_nearest_meridian() {
        let code = |lon, lat| metric_crs_near(lon, lat).expect("known").epsg;
        assert_eq!(code(119.42, 32.39), Some(4549));
        assert_eq!(code(114.3, 30.6), Some(4547));
        assert_eq!(code(75.0, 39.0), Some(4534));
        assert_eq!(code(135.0, 48.0), Some(4554));
        assert_eq!(code(-99.0, 47.0), Some(32_614));
        assert_eq!(code(-51.0, -4.0), Some(32_722));
    }

    #[test]
    fn a_zone_prefix_shows_in_the_false_easting() {
        assert_eq!(false_easting(&parse("EPSG:4528").expect("known")), Some(40_500_000.0));
        assert_eq!(false_easting(&parse("EPSG:4549").expect("known")), Some(500_000.0));
    }
}
