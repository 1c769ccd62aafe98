//! A reference as the user gives it → labels that can be set against a change mask.

use std::collections::BTreeSet;
use std::path::Path;

use geo_types::MultiPolygon;

use crate::io::raster::{RasterError, describe};
use crate::io::vector::{self, Labelled, LabelledLayer, Spots, VectorError};
use crate::model::crs::Crs;
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::ComparisonOutcome;
use crate::model::scene::{SampleType, SceneFile, Zero};
use crate::report::accuracy::{Basis, Class};

use super::codes::Codes;
use super::error::ReferenceError;
use super::mapped::class_band;
use super::{AccuracyWish, RunError};

/// Field that holds the label where the user names none.
const USUAL_FIELD: &str = "label";

/// Values listed where none of them is a label.
pub const MOST_LISTED: usize = 10;

/// A point of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// In the analysis CRS.
    pub place: (f64, f64),
    /// Its label, where it has one.
    pub class: Option<Class>,
    /// Stratum and its area in m², where the file says them.
    pub stratum: Option<(String, f64)>,
    /// Kind and dates of the comparison that it was drawn for, where the file says them.
    drawn_for: Option<[String; 3]>,
}

impl Point {
    /// Whether it may speak about a comparison.
    pub fn is_for(&self, one: &ComparisonOutcome) -> bool {
        let own = [one.kind.word().to_owned(), one.from_date.to_string(), one.to_date.to_string()];
        self.drawn_for.as_ref().is_none_or(|drawn| *drawn == own)
    }
}

/// Labels with their places.
pub enum Reference {
    /// A raster of codes and what they mean.
    Raster(Box<SceneFile>, Vec<(f32, Class)>),
    /// Polygons, in the order of the file; where two overlap the first counts.
    Polygons(Vec<(MultiPolygon<f64>, Class)>),
    /// Points.
    Points(Vec<Point>),
}

impl Reference {
    /// What it labels.
    pub fn basis(&self) -> Basis {
        match self {
            Self::Raster(..) => Basis::Raster,
            Self::Polygons(_) => Basis::Polygons,
            Self::Points(_) => Basis::Points,
        }
    }

    /// Whether it says itself which comparison it is about.
    pub fn names_comparisons(&self) -> bool {
        matches!(self, Self::Points(points) if points.iter().all(|point| point.drawn_for.is_some()))
    }

    /// Why nothing could be counted; `values` are those met.
    pub fn silent(&self, wish: &AccuracyWish, values: &[String]) -> ReferenceError {
        let path = wish.reference.clone();
        match (self, Codes::new(&wish.changed, &wish.unchanged, &path)) {
            (Self::Raster(..), Ok(codes)) if !values.is_empty() => no_label(&codes, &path, values.iter().cloned()),
            _ => ReferenceError::Outside { path },
        }
    }
}

/// Reads a reference into the analysis CRS.
pub fn read(wish: &AccuracyWish, target: &Crs) -> Result<(Reference, Vec<Notice>), RunError> {
    let codes = Codes::new(&wish.changed, &wish.unchanged, &wish.reference)?;
    if vector::is_vector_file(&wish.reference) { layer(wish, &codes, target) } else { raster(&wish.reference, &codes) }
}

fn raster(path: &Path, codes: &Codes) -> Result<(Reference, Vec<Notice>), RunError> {
    let numbers = codes.numbers(path)?;
    let info = describe(path, None).map_err(|error| match error {
        RasterError::NoCrs(path) => RunError::Reference(ReferenceError::NoCrs { path }),
        other => RunError::Raster(other),
    })?;
    // A value that the user names is a label, whatever the file calls it.
    let is_label = |value: &f64| numbers.iter().any(|(number, _)| (f64::from(*number) - value).abs() < 0.5);
    let first = info.bands.first();
    let nodata = first.and_then(|band| band.nodata).filter(|value| !is_label(value));
    let file = SceneFile {
        path: info.path,
        grid: info.grid,
        block: info.block,
        // Nought is a code like any other here; in unsigned images it would be taken for a margin.
        sample: SampleType::I32,
        bands: vec![class_band(nodata)],
        alpha: info.alpha,
        has_mask: false,
        zero: Zero::default(),
    };
    Ok((Reference::Raster(Box::new(file), numbers), info.notices))
}

fn layer(wish: &AccuracyWish, codes: &Codes, target: &Crs) -> Result<(Reference, Vec<Notice>), RunError> {
    let path = &wish.reference;
    let found = vector::labels(path, target).map_err(|error| match error {
        VectorError::NoCrs { path, .. } => RunError::Reference(ReferenceError::NoCrs { path }),
        other => RunError::Vector(other),
    })?;
    let field = label_field(wish, &found)?;
    let LabelledLayer { spots, mut notices, .. } = found;
    // Remarks on outlines are about a reference here, not about zones that a run would lack.
    for notice in &mut notices {
        notice.weight = notice.weight.min(Weight::Warning);
    }
    let reference = match spots {
        Spots::Polygons(polygons) => {
            let labels: Vec<String> = polygons.iter().filter_map(|p| p.fields.get(&field).cloned()).collect();
            let class = |p: Labelled<_>| Some((p.place, codes.class_of(p.fields.get(&field)?)?));
            let known: Vec<_> = polygons.into_iter().filter_map(class).collect();
            if known.is_empty() {
                return Err(no_label(codes, path, labels.into_iter()).into());
            }
            Reference::Polygons(known)
        }
        Spots::Points(points) => {
            let labels: Vec<String> = points.iter().filter_map(|p| p.fields.get(&field).cloned()).collect();
            let points: Vec<Point> = points.iter().map(|p| point(p, &field, codes)).collect();
            if points.iter().all(|point| point.class.is_none()) {
                return Err(no_label(codes, path, labels.into_iter()).into());
            }
            Reference::Points(points)
        }
    };
    Ok((reference, notices))
}

fn point(spot: &Labelled<(f64, f64)>, field: &str, codes: &Codes) -> Point {
    let text = |name: &str| spot.fields.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let area = text("strat_m2").and_then(|text| text.parse::<f64>().ok()).filter(|area| *area > 0.0);
    let drawn_for = [text("img_kind"), text("t1_date"), text("t2_date")];
    Point {
        place: spot.place,
        class: spot.fields.get(field).and_then(|label| codes.class_of(label)),
        stratum: text("stratum").zip(area),
        drawn_for: match drawn_for {
            [Some(kind), Some(from), Some(to)] => Some([kind, from, to]),
            _ => None,
        },
    }
}

/// The field named, else the usual one, else the only one.
fn label_field(wish: &AccuracyWish, layer: &LabelledLayer) -> Result<String, ReferenceError> {
    let (path, known) = (wish.reference.clone(), layer.fields.join(", "));
    let named = |wanted: &str| layer.fields.iter().find(|field| field.to_lowercase() == wanted.to_lowercase()).cloned();
    match (&wish.field, named(USUAL_FIELD), layer.fields.as_slice()) {
        (Some(field), _, _) => {
            named(field).ok_or_else(|| ReferenceError::UnknownField { path, field: field.clone(), known })
        }
        (None, Some(usual), _) => Ok(usual),
        (None, None, [only]) => Ok(only.clone()),
        _ => Err(ReferenceError::NoField { path, known }),
    }
}

fn no_label(codes: &Codes, path: &Path, found: impl Iterator<Item = String>) -> ReferenceError {
    let different: BTreeSet<String> = found.collect();
    ReferenceError::NoLabel {
        path: path.to_path_buf(),
        changed: codes.told(Class::Changed),
        unchanged: codes.told(Class::Unchanged),
        found: if different.is_empty() {
            "–".to_owned()
        } else {
            different.into_iter().take(MOST_LISTED).collect::<Vec<_>>().join(", ")
        },
    }
}
