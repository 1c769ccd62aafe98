//! A protected zone: one polygon record of one layer in one boundary version.

use geo_types::MultiPolygon;

use super::Date;
use super::units::{Metres, SquareMetres};

/// A zone in the analysis CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Identifier from the layer, unique in the project (a layer's duplicates get `#2`, `#3` …).
    pub id: String,
    /// Name for people; the id where the layer has none.
    pub name: String,
    /// Kind, a word of the zone-kind table or the user's own.
    pub kind: String,
    /// Administrative level, as 国家级.
    pub level: Option<String>,
    /// Functional zone, as 核心保护区 or 一级.
    pub function: Option<String>,
    /// Name of the layer it came from.
    pub layer: String,
    /// First day the boundary is in force.
    pub valid_from: Option<Date>,
    /// Last day the boundary is in force.
    pub valid_to: Option<Date>,
    /// Standard error of the boundary's position.
    pub boundary_error: Metres,
    /// Width of the outer ring that is analysed too.
    pub ring_width: Metres,
    /// The zone, valid, in the analysis CRS.
    pub shape: MultiPolygon<f64>,
    /// The zone and its ring together; `None` without a ring.
    pub with_ring: Option<MultiPolygon<f64>>,
    /// Area on the ground.
    pub area: SquareMetres,
    /// Rank in the table of strictness; 1 is the strictest.
    pub strictness: u8,
}

impl Zone {
    /// The boundary version for people: `2021-01-01–2023-12-31`, or empty where the layer states none.
    #[must_use]
    pub fn version(&self) -> String {
        match (self.valid_from, self.valid_to) {
            (None, None) => String::new(),
            (from, to) => {
                let day = |d: Option<Date>| d.map_or(String::new(), |d| d.to_string());
                format!("{}–{}", day(from), day(to))
            }
        }
    }

    /// Whether the boundary was in force on a day.
    #[must_use]
    pub fn in_force_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Everything that is analysed for this zone: with its ring where it has one.
    #[must_use]
    pub fn reach(&self) -> &MultiPolygon<f64> {
        self.with_ring.as_ref().unwrap_or(&self.shape)
    }
}
