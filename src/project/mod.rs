//! What the user wrote (`raw`) → a checked plan (`plan`). Every refusal names the key and the remedy.
//!
//! | File | Owns |
//! |---|---|
//! | `raw` | the project file as written: the keys and their types |
//! | `document` | TOML text → values, each with its line |
//! | `schema` | the JSON Schema of the file, and the check of a document against it |
//! | `load` | text → [`Raw`], all problems listed |
//! | `error` | why there is no plan |
//! | `tables`, `sensor` | versioned tables and sensor profiles |
//! | `dates` | days and years as people write them |
//! | `product`, `bands`, `radiometry`, `scenes` | paths → files → bands → numbers → scenes |
//! | `legend` | codes of land-cover maps → classes |
//! | `masks` | what hides the ground of a scene |
//! | `wishes` | scenes as wished, every word looked up |
//! | `footprint`, `reference` | boxes from CRS to CRS; the analysis CRS |
//! | `zones` | layers → zones |
//! | `lattice`, `comparisons`, `pair` | pairs of scenes and the grid each pair is compared on |
//! | `check` | all of it together: the [`plan::Plan`] |
//! | `init` | a folder → a draft of a project file |
//! | `edit` | a project file with one value changed, everything else as it was |

mod bands;
pub mod check;
mod comparisons;
mod dates;
mod document;
pub mod edit;
pub mod error;
pub mod footprint;
pub mod init;
mod lattice;
pub mod legend;
pub mod load;
mod masks;
mod pair;
pub mod plan;
mod product;
mod radiometry;
pub mod raw;
mod reference;
mod scenes;
pub mod schema;
pub mod sensor;
pub mod tables;
mod wishes;
mod zones;

pub use check::{Settings, check, settings};
pub use error::ProjectError;
pub use init::{Draft, InitDraft, draft, draft_of, init};
pub use load::load;
pub use pair::pair;
pub use raw::Raw;

#[cfg(test)]
mod tests;
