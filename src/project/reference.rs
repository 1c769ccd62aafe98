//! The CRS of the analysis: given, or that of the scenes, or of the zones, or the nearest metric one; and said.

use std::path::Path;

use geo_types::Rect;

use super::error::ProjectError;
use super::footprint;
use crate::io::crs;
use crate::model::crs::Crs;
use crate::model::notice::{Notice, Weight};
use crate::model::scene::Scene;

/// Relative error of plane areas above which areas are computed on the ellipsoid although the CRS is the user's or the
/// scenes' own. Below it the figures are those that any GIS computes in that CRS; UTM and 3° Gauss–Krüger zones stay
/// below it as far as a degree beyond their edges.
const AREA_ERROR: f64 = 4e-3;

/// The analysis CRS and why.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    /// The CRS: projected, in metres.
    pub crs: Crs,
    /// Key below `crs_choice.`.
    pub choice: &'static str,
}

impl Reference {
    /// Whether areas over an extent must be ellipsoidal: the CRS is not the user's nor the scenes', or its plane areas
    /// are off.
    pub fn needs_ellipsoid(&self, extent: Option<&Rect<f64>>) -> bool {
        let chosen = matches!(self.choice, "zones" | "nearest");
        chosen || extent.is_none_or(|e| crs::area_scale_error(&self.crs, e) > AREA_ERROR)
    }

    /// What to tell about the choice.
    pub fn notice(&self) -> Notice {
        let code = match self.choice {
            "given" => "crs_given",
            "scenes" => "crs_of_scenes",
            "zones" => "crs_of_zones",
            _ => "crs_nearest",
        };
        Notice::new(code, Weight::Note).fact("crs", self.crs.label())
    }
}

/// A CRS that the user gave for the analysis.
///
/// # Errors
/// It is unknown, in degrees, not in metres, or Web Mercator.
pub(super) fn given(file: &Path, written: &str) -> Result<Reference, ProjectError> {
    let refuse = |code, cause: String| ProjectError::AnalysisCrs {
        path: file.to_path_buf(),
        given: written.to_owned(),
        code,
        cause,
    };
    let crs = crs::parse(written).map_err(|e| refuse("crs_unknown", e.to_string()))?;
    if crs.is_web_mercator() {
        return Err(refuse("crs_mercator", crs.label()));
    }
    if !crs.is_metric() {
        return Err(refuse("crs_degrees", crs.label()));
    }
    Ok(Reference { crs, choice: "given" })
}

/// The CRS that most scenes share, where it is metric (of several the latest scene's); else the first metric one of
/// the zone layers; else the nearest metric one.
///
/// # Errors
/// No scene says where on Earth it lies.
pub(super) fn choose(file: &Path, scenes: &[Scene], zones: &[Crs]) -> Result<Reference, ProjectError> {
    let metric: Vec<(&Scene, &Crs)> =
        scenes.iter().filter_map(|s| Some((s, &*s.files.first()?.grid.crs))).filter(|s| s.1.is_metric()).collect();
    let shared = |crs: &Crs| metric.iter().filter(|m| m.1 == crs).count();
    if let Some((_, crs)) = metric.iter().max_by_key(|(scene, crs)| (shared(crs), scene.date)) {
        return Ok(Reference { crs: (*crs).clone(), choice: "scenes" });
    }
    if let Some(crs) = zones.iter().find(|c| c.is_metric()) {
        return Ok(Reference { crs: crs.clone(), choice: "zones" });
    }
    let refuse = |cause: String| ProjectError::AnalysisCrs {
        path: file.to_path_buf(),
        given: "–".to_owned(),
        code: "crs_unknown",
        cause,
    };
    let first = scenes.first().and_then(|s| s.files.first()).ok_or_else(|| refuse("–".to_owned()))?;
    let degrees = crs::lonlat(&first.grid.crs).map_err(|e| refuse(e.to_string()))?;
    let boxes = scenes.iter().filter_map(|s| footprint::of_scene(s, &degrees));
    let all = boxes.reduce(|a, b| footprint::union(&a, &b)).ok_or_else(|| refuse(first.grid.crs.label()))?;
    let middle = all.center();
    let crs = crs::metric_crs_near(middle.x, middle.y).map_err(|e| refuse(e.to_string()))?;
    Ok(Reference { crs, choice: "nearest" })
}
