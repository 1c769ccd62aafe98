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
//! | `product`, `bands`, `scenes` | paths → files → bands → scenes |
//! | `reference` | the analysis CRS |
//! | `zones` | layers → zones |
//! | `lattice`, `comparisons` | pairs of scenes and the grid each pair is compared on |
//! | `check` | all of it together: the [`plan::Plan`] |
//! | `init` | a folder → a draft of a project file |

mod dates;
mod document;
pub mod error;
pub mod load;
pub mod plan;
pub mod raw;
pub mod schema;
pub mod sensor;
pub mod tables;
pub use error::ProjectError;
pub use load::load;
pub use raw::Raw;
