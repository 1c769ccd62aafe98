//! A checked project: every file looked at, every choice made, nothing read yet but headers and zones.

use std::path::PathBuf;

use crate::detect::change::{self, ChangeMethod};
use crate::detect::registration::Remedy;
use crate::detect::threshold::Rule;
use crate::lang::Lang;
use crate::model::crs::Crs;
use crate::model::grid::Grid;
use crate::model::notice::Notice;
use crate::model::scene::{BandRole, Scene, SceneKind};
use crate::model::zone::Zone;
use crate::report::Format;

use super::tables::Tables;

/// What a run will do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Name of the project.
    pub name: String,
    /// The project file.
    pub file: PathBuf,
    /// CRS of zones, patches, areas and distances.
    pub crs: Crs,
    /// Why that CRS, a key below `crs_choice.`.
    pub crs_choice: &'static str,
    /// Whether areas are ellipsoidal (else planar in `crs`).
    pub ellipsoidal_areas: bool,
    /// The ledger.
    pub ledger: PathBuf,
    /// Zones in the analysis CRS.
    pub zones: Vec<Zone>,
    /// Files that the zones were read from.
    pub zone_files: Vec<PathBuf>,
    /// Scenes, by kind, then date.
    pub scenes: Vec<Scene>,
    /// Comparisons, by kind, then date.
    pub comparisons: Vec<PlannedComparison>,
    /// Pixel size of the analysis grid that the user wants, in metres.
    pub gsd_m: Option<f64>,
    /// How to detect.
    pub detection: Detection,
    /// What to write.
    pub outputs: Outputs,
    /// Tables with their versions.
    pub tables: Tables,
    /// What was found wrong or chosen on the way.
    pub notices: Vec<Notice>,
}

/// One comparison that will be made.
#[derive(Debug, Clone)]
pub struct PlannedComparison {
    /// Index of the earlier scene in [`Plan::scenes`].
    pub from: usize,
    /// Index of the later scene.
    pub to: usize,
    /// What is compared.
    pub kind: SceneKind,
    /// The analysis grid: in [`Plan::crs`], north-up. It is the earlier scene's own lattice where that one is in the
    /// analysis CRS, north-up and not finer than the other scene; else the coarser scene's pixel size, anchored at
    /// whole multiples of the pixel size.
    pub grid: Grid,
    /// Bands that both scenes offer, in spectral order.
    pub roles: Vec<BandRole>,
    /// Indices into [`Plan::zones`] of the zones in force at the later date.
    pub zones: Vec<usize>,
}

impl PlannedComparison {
    /// The method that a word stands for here.
    #[must_use]
    pub fn method(&self, word: &str) -> Box<dyn ChangeMethod> {
        change::method(word, self.kind, &self.roles, self.grid.transform.pixel_area().sqrt())
    }
}

/// How to detect.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Method word: `auto`, `cva`, `difference`, `transition`.
    pub method: String,
    /// Threshold.
    pub threshold: Rule,
    /// What may be taken back of a misfit between the scenes.
    pub alignment: Remedy,
    /// Smallest patch in m²; `None` takes the table's by class and pixel size.
    pub min_area_m2: Option<f64>,
}

/// What to write, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs {
    /// Output directory, absolute.
    pub directory: PathBuf,
    /// Whether change and score rasters are written.
    pub rasters: bool,
    /// Formats of the flags and the report.
    pub formats: Vec<Format>,
    /// Language of the documents.
    pub language: Lang,
}
