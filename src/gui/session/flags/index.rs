//! The records with what is looked up in them: their words, their boxes, and which of them lie at a place. Made once for a
//! ledger, away from the window's thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use geo::{BoundingRect, Contains, CoordsIter, Euclidean, Intersects, Length};
use geo_types::{Coord, Rect};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::column::{Choice, Column, Nature};
use super::figures::choices as choices_of;
use crate::lang::Lang;
use crate::model::flag::Line;
use crate::model::record::FlagRecord;

type Footprint = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Records, and what is looked up in them.
#[derive(Debug, Default)]
pub struct FlagIndex {
    records: Arc<Vec<FlagRecord>>,
    boxes: Vec<Option<Rect<f64>>>,
    haystack: Vec<String>,
    choices: BTreeMap<Column, Vec<(Choice, usize)>>,
    tree: RTree<Footprint>,
}

impl FlagIndex {
    /// Looks through records.
    #[must_use]
    pub fn of(records: Vec<FlagRecord>) -> Self {
        let mut words = Words::default();
        let haystack = records.iter().map(|record| words.of(record)).collect();
        let boxes: Vec<Option<Rect<f64>>> = records.iter().map(bounds).collect();
        let footprint = |(at, bounds): (usize, &Option<Rect<f64>>)| {
            let bounds = bounds.as_ref()?;
            Some(GeomWithData::new(Rectangle::from_corners(bounds.min().into(), bounds.max().into()), at))
        };
        let tree = RTree::bulk_load(boxes.iter().enumerate().filter_map(footprint).collect());
        let choices = Column::ALL.into_iter().filter(|column| column.nature() == Nature::Choice);
        let choices = choices.map(|column| (column, choices_of(&records, column))).collect();
        Self { records: Arc::new(records), boxes, haystack, choices, tree }
    }

    /// The records.
    #[must_use]
    pub fn records(&self) -> &Arc<Vec<FlagRecord>> {
        &self.records
    }

    /// The text of a record that is searched, in lower case and both languages.
    #[must_use]
    pub fn haystack(&self, record: usize) -> &str {
        &self.haystack[record]
    }

    /// Every choice of a column with the number of its records, in the order of groups.
    #[must_use]
    pub fn choices(&self, column: Column) -> &[(Choice, usize)] {
        self.choices.get(&column).map_or(&[], Vec::as_slice)
    }

    /// The box around a record; `None` where its outline is empty or not finite.
    #[must_use]
    pub fn bounds(&self, record: usize) -> Option<Rect<f64>> {
        self.boxes.get(record).copied().flatten()
    }

    /// The record at a place: the smallest that holds it, else the one whose box is nearest within `reach`. Only records
    /// that `is_shown` count.
    #[must_use]
    pub fn at(&self, place: (f64, f64), reach: f64, is_shown: impl Fn(usize) -> bool) -> Option<usize> {
        let (x, y) = place;
        let around = AABB::from_corners([x - reach, y - reach], [x + reach, y + reach]);
        let near = || self.tree.locate_in_envelope_intersecting(&around).map(|f| f.data).filter(|at| is_shown(*at));
        let area = |at: &usize| self.records[*at].area.0;
        let holds = |at: &usize| self.records[*at].shape.contains(&Coord { x, y });
        near().filter(holds).min_by(|a, b| area(a).total_cmp(&area(b))).or_else(|| {
            let distances = near().filter_map(|at| Some((at, distance(&self.bounds(at)?, place))));
            let close = distances.filter(|(_, distance)| *distance <= reach);
            close.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0))).map(|found| found.0)
        })
    }

    /// Other records on the same ground, by date: the same place in other years, or seen by another kind of image.
    #[must_use]
    pub fn related(&self, record: usize) -> Vec<usize> {
        let (Some(own), Some(bounds)) = (self.records.get(record), self.bounds(record)) else { return Vec::new() };
        let envelope = AABB::from_corners(bounds.min().into(), bounds.max().into());
        let near = self.tree.locate_in_envelope_intersecting(&envelope).map(|footprint| footprint.data);
        let mut found: Vec<usize> =
            near.filter(|at| *at != record && self.records[*at].shape.intersects(&own.shape)).collect();
        found.sort_by_key(|at| (self.records[*at].to, self.records[*at].from, *at));
        found
    }

    /// Length of a record's outline in map units, holes included.
    #[must_use]
    pub fn perimeter(&self, record: usize) -> Option<f64> {
        self.bounds(record)?;
        let rings = self.records[record].shape.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        Some(rings.map(|ring| Euclidean.length(ring)).sum())
    }
}

/// A damaged outline has no box, so that no geometry is done on it.
fn bounds(record: &FlagRecord) -> Option<Rect<f64>> {
    let finite = record.shape.coords_iter().all(|c| c.x.is_finite() && c.y.is_finite());
    if finite { record.shape.bounding_rect() } else { None }
}

/// Distance from a place to a box; zero inside.
fn distance(bounds: &Rect<f64>, place: (f64, f64)) -> f64 {
    let dx = (bounds.min().x - place.0).max(place.0 - bounds.max().x).max(0.0);
    let dy = (bounds.min().y - place.1).max(place.1 - bounds.max().y).max(0.0);
    dx.hypot(dy)
}

/// Words by key in both languages, each looked up once.
#[derive(Default)]
struct Words(BTreeMap<String, String>);

impl Words {
    fn word(&mut self, key: &str) -> &str {
        if !self.0.contains_key(key) {
            let words = Lang::ALL.map(|lang| lang.known_word(key).unwrap_or_default()).join(" ").to_lowercase();
            self.0.insert(key.to_owned(), words);
        }
        &self.0[key]
    }

    /// Everything of a record that is searched.
    fn of(&mut self, record: &FlagRecord) -> String {
        let mut text = format!("{} {} {} ", record.code, record.from, record.to);
        for hit in &record.hits {
            for part in [&hit.id, &hit.name, &hit.kind, &hit.class] {
                text.push_str(part);
                text.push(' ');
            }
        }
        text = text.to_lowercase();
        let keys = [
            record.severity.key(),
            record.state.key(),
            record.kind.key(),
            record.from_class.key(),
            record.to_class.key(),
        ];
        let suggestion = record.suggestion.as_ref().map(|suggestion| format!("activity.{}", suggestion.code));
        for key in keys.into_iter().chain(record.line().map(Line::key)).chain(suggestion.as_deref()) {
            text.push_str(self.word(key));
            text.push(' ');
        }
        text
    }
}
