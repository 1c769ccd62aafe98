//! A project as guessed: what the user may change before it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::model::notice::Notice;
use crate::model::scene::{BandRole, SceneKind};
use crate::project::dates::{self, Day};

/// Where a guess came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A tag in the file.
    Tag,
    /// The file's name.
    Name,
    /// The product's text file.
    Metadata,
    /// Descriptions or colours of the bands.
    Bands,
    /// A bare guess by the number of bands.
    Count,
    /// The user.
    User,
}

impl Basis {
    /// Its name below `basis.` in the language files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Name => "name",
            Self::Metadata => "metadata",
            Self::Bands => "bands",
            Self::Count => "count",
            Self::User => "user",
        }
    }
}

/// A scene as guessed.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftScene {
    /// Whether it is part of the project.
    pub included: bool,
    /// Its day; `None` is left for the user.
    pub day: Option<(Day, Basis)>,
    /// What it seems to show.
    pub kind: (SceneKind, Basis),
    /// One file, the tiles of a mosaic, or a product's folder.
    pub paths: Vec<PathBuf>,
    /// Profile, where one is known.
    pub sensor: Option<(String, Basis)>,
    /// Quality layer with its scheme.
    pub mask: Option<(PathBuf, String)>,
    /// Band order, where no profile says it.
    pub bands: Option<(Vec<(BandRole, usize)>, Basis)>,
    /// Number of bands of the file.
    pub band_count: usize,
    /// Width of a pixel in units of its CRS.
    pub pixel: f64,
    /// Whether its file does not say its CRS.
    pub needs_crs: bool,
    /// The CRS that the user gave it.
    pub crs: Option<String>,
}

impl DraftScene {
    /// Gives it a day or year as people write it; an empty text takes the day away.
    ///
    /// # Errors
    /// The text is no day and no year.
    pub fn set_day(&mut self, text: &str) -> Result<(), NotADay> {
        self.day = match text.trim() {
            "" => None,
            text => Some((dates::parse(text).map_err(|_| NotADay(text.to_owned()))?, Basis::User)),
        };
        Ok(())
    }

    /// The year, where the day is known.
    #[must_use]
    pub fn year(&self) -> Option<i16> {
        self.day.map(|day| day.0.date.year())
    }
}

/// A text that is no day and no year.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no day")]
pub struct NotADay(pub String);

/// A field of a layer, chosen for a key of the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChoice {
    /// The key, as `id_field`.
    pub key: &'static str,
    /// The field.
    pub field: String,
    /// Where the choice came from.
    pub basis: Basis,
}

/// A layer of zones as found.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftLayer {
    /// Whether it is part of the project.
    pub included: bool,
    /// The file.
    pub path: PathBuf,
    /// Its layer, where the file has several.
    pub layer: Option<String>,
    /// Number of polygons.
    pub count: usize,
    /// Fields that seem to hold what the project file asks for.
    pub fields: Vec<FieldChoice>,
    /// All fields.
    pub all_fields: Vec<String>,
    /// The first five different values of each field.
    pub samples: BTreeMap<String, Vec<String>>,
    /// The encoding in which they were read.
    pub read_as: Option<String>,
    /// The encoding that the user gave it.
    pub encoding: Option<String>,
    /// Whether its file does not say its CRS.
    pub needs_crs: bool,
    /// The CRS that the user gave it.
    pub crs: Option<String>,
    /// Zone kind of the whole layer.
    pub kind: Option<String>,
    /// Standard error of the boundary in metres.
    pub boundary_error_m: Option<f64>,
    /// Width of the outer ring in metres.
    pub ring_m: Option<f64>,
}

impl DraftLayer {
    /// The field chosen for a key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&FieldChoice> {
        self.fields.iter().find(|choice| choice.key == key)
    }

    /// Chooses a field for a key, or none.
    pub fn choose(&mut self, key: &'static str, field: Option<String>) {
        self.fields.retain(|choice| choice.key != key);
        self.fields.extend(field.map(|field| FieldChoice { key, field, basis: Basis::User }));
    }
}

/// What a draft lacks before it can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A scene has no day.
    Day(usize),
    /// A scene has no CRS.
    SceneCrs(usize),
    /// Two scenes of one kind have the same day.
    SameDay(usize, usize),
    /// A layer has no CRS.
    LayerCrs(usize),
    /// No kind has two days.
    SecondDay,
    /// There is no layer of zones.
    Zones,
}

/// A project as guessed.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The folder that the paths of the text start at.
    pub folder: PathBuf,
    /// Name of the project.
    pub name: String,
    /// Its scenes, by kind, then date.
    pub scenes: Vec<DraftScene>,
    /// Its layers of zones.
    pub layers: Vec<DraftLayer>,
    /// Names of the sensor profiles that a scene may be given.
    pub sensors: Vec<String>,
    /// What was found, passed over, and left for the user to fill in.
    pub notices: Vec<Notice>,
}

impl Draft {
    /// A draft without scenes and layers.
    #[must_use]
    pub fn empty(folder: &Path) -> Self {
        let name = folder.file_name().map_or_else(|| "ecoredline".to_owned(), |n| n.to_string_lossy().into_owned());
        Self {
            folder: folder.to_path_buf(),
            name,
            scenes: Vec::new(),
            layers: Vec::new(),
            sensors: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// The text of its project file. Paths are relative to its folder.
    #[must_use]
    pub fn toml(&self) -> String {
        super::text::text(self)
    }

    /// The scenes that are part of it.
    fn included(&self) -> impl Iterator<Item = (usize, &DraftScene)> {
        self.scenes.iter().enumerate().filter(|(_, scene)| scene.included)
    }

    /// An earlier scene of the list with the same kind and day.
    #[must_use]
    pub fn twin(&self, scene: usize) -> Option<usize> {
        let own = &self.scenes[scene];
        let day = own.day?.0;
        let same = |other: &DraftScene| other.kind.0 == own.kind.0 && other.day.is_some_and(|d| d.0 == day);
        self.included().map(|(at, _)| at).take_while(|at| *at < scene).find(|at| same(&self.scenes[*at]))
    }

    /// What it lacks before it can be opened.
    #[must_use]
    pub fn wants(&self) -> Vec<Want> {
        let mut wants = Vec::new();
        for (at, scene) in self.included() {
            match self.twin(at) {
                _ if scene.day.is_none() => wants.push(Want::Day(at)),
                Some(twin) => wants.push(Want::SameDay(twin, at)),
                None => {}
            }
            if scene.needs_crs && scene.crs.is_none() {
                wants.push(Want::SceneCrs(at));
            }
        }
        let layers = || self.layers.iter().enumerate().filter(|(_, layer)| layer.included);
        wants.extend(layers().filter(|(_, l)| l.needs_crs && l.crs.is_none()).map(|(at, _)| Want::LayerCrs(at)));
        let days = |kind: SceneKind| {
            let of_kind = self.included().filter(|(_, scene)| scene.kind.0 == kind);
            of_kind.filter_map(|(_, scene)| Some(scene.day?.0)).collect::<BTreeSet<Day>>().len()
        };
        if !self.included().any(|(_, scene)| days(scene.kind.0) > 1) {
            wants.push(Want::SecondDay);
        }
        if layers().next().is_none() {
            wants.push(Want::Zones);
        }
        wants
    }

    /// The years of each kind from its first to its last, each with its scenes; a year without any is a gap.
    #[must_use]
    pub fn years(&self) -> BTreeMap<SceneKind, BTreeMap<i16, Vec<usize>>> {
        let mut kinds: BTreeMap<SceneKind, BTreeMap<i16, Vec<usize>>> = BTreeMap::new();
        for (at, scene) in self.included() {
            if let Some(year) = scene.year() {
                kinds.entry(scene.kind.0).or_default().entry(year).or_default().push(at);
            }
        }
        for years in kinds.values_mut() {
            let ends = years.keys().next().copied().zip(years.keys().next_back().copied());
            if let Some((first, last)) = ends {
                for year in first..=last {
                    years.entry(year).or_default();
                }
            }
        }
        kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(path: &str, day: &str) -> DraftScene {
        let mut scene = DraftScene {
            included: true,
            day: None,
            kind: (SceneKind::Satellite, Basis::Name),
            paths: vec![PathBuf::from(path)],
            sensor: None,
            mask: None,
            bands: None,
            band_count: 4,
            pixel: 10.0,
            needs_crs: false,
            crs: None,
        };
        scene.set_day(day).unwrap();
        scene
    }

    fn draft(scenes: Vec<DraftScene>) -> Draft {
        Draft { scenes, ..Draft::empty(Path::new("/data/reach")) }
    }

    #[test]
    fn a_draft_says_what_it_lacks_and_which_years_are_missing() {
        let mut draft =
            draft(vec![scene("a", "2019"), scene("b", "2022-07-01"), scene("c", ""), scene("d", "2022-07-01")]);
        assert_eq!(draft.wants(), [Want::Day(2), Want::SameDay(1, 3), Want::Zones]);
        let years = &draft.years()[&SceneKind::Satellite];
        let gaps: Vec<i16> = years.iter().filter(|(_, scenes)| scenes.is_empty()).map(|(year, _)| *year).collect();
        assert_eq!(gaps, [2020, 2021]);
        draft.scenes[1].included = false;
        draft.scenes[2].set_day("2024.5.6").unwrap();
        assert_eq!(draft.wants(), [Want::Zones], "the other scene of that day takes its place");
        assert_eq!(draft.scenes[2].set_day("once"), Err(NotADay("once".to_owned())));
    }

    #[test]
    fn what_is_left_out_stays_in_the_text_as_a_comment() {
        let mut draft = draft(vec![scene("/data/reach/a.tif", "2019"), scene("/data/reach/b.tif", "2020")]);
        draft.scenes[1].included = false;
        let toml = draft.toml();
        assert!(toml.contains("\n# path = \"b.tif\"\n") && toml.contains("\npath = \"a.tif\"\n"), "{toml}");
        draft.scenes[1].included = true;
        assert!(draft.toml().contains("\npath = \"b.tif\"\n"));
    }
}
