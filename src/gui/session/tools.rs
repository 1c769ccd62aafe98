//! What one does on the map beside looking: measuring, finding a place, marking it, keeping a view.

use geo_types::Rect;
use serde::{Deserialize, Serialize};

use super::{FlagsWish, Project, Session, Target};
use crate::pipeline::ground::{Astray, Ground, Told};

/// Most answers of a search.
const MOST_HITS: usize = 12;

/// A place gone to is shown at least so close: map units a point, in finest pixels.
const NEAR: f64 = 4.0;

/// How much closer "zoom here" goes.
const CLOSER: f64 = 4.0;

/// Most views kept of one project.
const MOST_VIEWS: usize = 40;

/// What the hand does on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tool {
    /// Pans and selects.
    #[default]
    Hand,
    /// Draws a box to zoom to.
    Box,
    /// Measures a length.
    Length,
    /// Measures an area.
    Area,
}

impl Tool {
    /// All, in the order of the palette.
    pub const ALL: [Self; 4] = [Self::Hand, Self::Box, Self::Length, Self::Area];

    /// Whether its clicks add points.
    #[must_use]
    pub fn measures(self) -> bool {
        matches!(self, Self::Length | Self::Area)
    }
}

/// The points of a measurement, in map units.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// The points.
    pub points: Vec<(f64, f64)>,
    /// Whether the last point is set.
    pub ended: bool,
}

/// A place marked on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Pin {
    /// Where.
    pub place: (f64, f64),
    /// What was asked for.
    pub text: String,
}

/// Of which place all pixel values are told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Values {
    /// Of none.
    #[default]
    Hidden,
    /// Of the one under the cursor.
    Live,
    /// Of one that was pinned.
    Held((f64, f64)),
}

/// One answer of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hit {
    /// The place of coordinates.
    Place((f64, f64)),
    /// A flag, by its index in the book.
    Flag(usize),
    /// A zone, by its index in the plan.
    Zone(usize),
}

/// A search for a place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Search {
    /// What is typed.
    pub text: String,
    /// What it leads to.
    pub hits: Vec<Hit>,
    /// Why coordinates lead nowhere.
    pub astray: Option<Astray>,
}

/// A view that is kept under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptView {
    /// Its name.
    pub name: String,
    /// Map coordinates of its middle.
    pub centre: (f64, f64),
    /// Map units of a screen point.
    pub units: f64,
}

/// What may be asked of the tools.
#[derive(Debug, Clone, PartialEq)]
pub enum ToolsWish {
    /// Take a tool; the one in hand is put back.
    Take(Tool),
    /// Add a point.
    Point((f64, f64)),
    /// Begin a measurement at a place.
    MeasureFrom((f64, f64)),
    /// The last point is set.
    End,
    /// Take the last point back.
    Back,
    /// Forget the measurement; without one, put the tool back, then the pin.
    Clear,
    /// Zoom to a box.
    Frame(Rect<f64>),
    /// Zoom closer to a place.
    Approach((f64, f64)),
    /// Mark a place, or take the mark away.
    Mark(Option<Pin>),
    /// Open or close the search.
    Search(bool),
    /// Search for a text.
    Seek(String),
    /// Go to an answer.
    Go(Hit),
    /// Of which place the values are told.
    Values(Values),
    /// Degrees in minutes and seconds, or with fractions.
    Sexagesimal(bool),
    /// Keep the view under a name.
    Keep(String),
    /// Go back to a kept view.
    Return(usize),
    /// Forget a kept view.
    Forget(usize),
}

/// The tools of the open project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tools {
    /// The tool in hand.
    pub tool: Tool,
    /// What is measured.
    pub trace: Trace,
    /// The marked place.
    pub pin: Option<Pin>,
    /// The search, where it is open.
    pub search: Option<Search>,
    /// Of which place the values are told.
    pub values: Values,
    /// Whether degrees are told in minutes and seconds.
    pub sexagesimal: bool,
}

impl Tools {
    /// Whether [`ToolsWish::Clear`] has anything to clear, so that the key for it means nothing else.
    #[must_use]
    pub fn clears(&self) -> bool {
        self.search.is_some() || self.tool != Tool::Hand || !self.trace.points.is_empty() || self.pin.is_some()
    }

    fn apply(&mut self, wish: ToolsWish) {
        match wish {
            ToolsWish::Take(tool) => {
                self.trace = Trace::default();
                self.tool = if self.tool == tool { Tool::Hand } else { tool };
            }
            ToolsWish::Point(place) => self.trace.add(place),
            ToolsWish::MeasureFrom(place) => {
                self.tool = if self.tool.measures() { self.tool } else { Tool::Length };
                self.trace = Trace { points: vec![place], ended: false };
            }
            ToolsWish::End => self.trace.end(),
            ToolsWish::Back => {
                self.trace.ended = false;
                self.trace.points.pop();
            }
            ToolsWish::Clear => self.clear(),
            ToolsWish::Mark(pin) => self.pin = pin,
            ToolsWish::Search(open) => self.search = open.then(Search::default),
            ToolsWish::Values(values) => self.values = values,
            ToolsWish::Sexagesimal(on) => self.sexagesimal = on,
            _ => {}
        }
    }

    fn clear(&mut self) {
        if self.search.take().is_some() {
            return;
        }
        if !self.trace.points.is_empty() {
            self.trace = Trace::default();
        } else if self.tool != Tool::Hand {
            self.tool = Tool::Hand;
        } else {
            self.pin = None;
        }
    }
}

impl Trace {
    /// Adds a point; after the end a new measurement begins.
    fn add(&mut self, place: (f64, f64)) {
        if self.ended {
            *self = Self::default();
        }
        self.points.push(place);
    }

    /// A double click has set the last point twice.
    fn end(&mut self) {
        self.points.dedup();
        self.ended = !self.points.is_empty();
    }
}

impl Session {
    /// Does what is asked of the tools.
    pub(super) fn use_tools(&mut self, wish: ToolsWish) {
        match wish {
            ToolsWish::Frame(bounds) => {
                self.fresh = false;
                let least = self.limits().0;
                self.view.show(&bounds, least);
            }
            ToolsWish::Approach(place) => {
                let units = self.view.units / CLOSER;
                self.look_from(place, units);
            }
            ToolsWish::Go(hit) => self.go_to_hit(hit),
            ToolsWish::Keep(name) => self.keep_view(&name),
            ToolsWish::Return(number) => {
                if let Some(KeptView { centre, units, .. }) = self.kept_views().get(number).cloned() {
                    self.look_from(centre, units);
                }
            }
            ToolsWish::Forget(number) => {
                let file = self.project.as_ref().map(|project| project.plan.file.clone());
                let views = file.and_then(|file| self.preferences.views.get_mut(&file));
                if let Some(views) = views.filter(|views| number < views.len()) {
                    views.remove(number);
                    self.remember();
                }
            }
            ToolsWish::Seek(text) => self.project.iter_mut().for_each(|project| project.seek(&text)),
            other => self.project.iter_mut().for_each(|project| project.tools.apply(other.clone())),
        }
    }

    /// The kept views of the open project.
    #[must_use]
    pub fn kept_views(&self) -> &[KeptView] {
        let file = self.project.as_ref().map(|project| &project.plan.file);
        file.and_then(|file| self.preferences.views.get(file)).map_or(&[], Vec::as_slice)
    }

    fn look_from(&mut self, centre: (f64, f64), units: f64) {
        self.fresh = false;
        let (closest, farthest) = self.limits();
        (self.view.centre, self.view.units) = (centre, units.clamp(closest, farthest));
    }

    fn keep_view(&mut self, name: &str) {
        let Some(file) = self.project.as_ref().map(|project| project.plan.file.clone()) else { return };
        let name = name.trim();
        if name.is_empty() {
            return;
        }
        let views = self.preferences.views.entry(file).or_default();
        views.retain(|view| view.name != name);
        views.truncate(MOST_VIEWS - 1);
        views.push(KeptView { name: name.to_owned(), centre: self.view.centre, units: self.view.units });
        self.remember();
    }

    fn go_to_hit(&mut self, hit: Hit) {
        let Some(project) = &mut self.project else { return };
        let text = project.tools.search.take().map(|search| search.text).unwrap_or_default();
        let near = project.finest() * NEAR;
        match hit {
            Hit::Place(place) => {
                project.tools.pin = Some(Pin { place, text });
                let units = self.view.units.min(near);
                self.look_from(place, units);
            }
            Hit::Flag(flag) => {
                self.go_through(FlagsWish::Select(Some(flag)));
                self.show(Target::Flag(flag));
            }
            Hit::Zone(zone) => {
                self.fresh = false;
                self.show(Target::Zone(zone));
            }
        }
    }
}

impl Project {
    /// Searches for coordinates, else for codes of flags and names of zones.
    fn seek(&mut self, text: &str) {
        let told = Told::read(text);
        let found = told.as_ref().map(|told| self.find(told));
        let hits = match found {
            Some(Ok(place)) => vec![Hit::Place(place)],
            Some(Err(_)) => Vec::new(),
            None => self.named(&text.trim().to_lowercase()),
        };
        self.tools.search = Some(Search { text: text.to_owned(), hits, astray: found.and_then(Result::err) });
    }

    fn find(&self, told: &Told) -> Result<(f64, f64), Astray> {
        let ground: &Ground = self.ground.as_ref().ok_or(Astray::Nowhere)?;
        let pyramid = self.pyramid.as_ref().ok_or(Astray::Nowhere)?;
        ground.find(told, &pyramid.extent)
    }

    /// Flags and zones that hold a text, those that begin with it first.
    fn named(&self, text: &str) -> Vec<Hit> {
        if text.is_empty() {
            return Vec::new();
        }
        let flags = self.flags.records().iter().enumerate();
        let flags = flags.filter_map(|(at, record)| Some((rank(&record.code, text)?, Hit::Flag(at))));
        let zones = self.plan.zones.iter().enumerate().filter_map(|(at, zone)| {
            let rank = [&zone.name, &zone.id].into_iter().filter_map(|name| rank(name, text)).min()?;
            Some((rank, Hit::Zone(at)))
        });
        let mut hits: Vec<(u8, Hit)> = zones.chain(flags).collect();
        hits.sort_by_key(|hit| hit.0);
        hits.into_iter().take(MOST_HITS).map(|hit| hit.1).collect()
    }
}

/// 0 where a name is the text, 1 where it begins with it, 2 where it holds it.
fn rank(name: &str, text: &str) -> Option<u8> {
    let name = name.to_lowercase();
    let begins = name.starts_with(text);
    name.contains(text).then_some(if name == text { 0 } else { 2 - u8::from(begins) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools(wishes: Vec<ToolsWish>) -> Tools {
        let mut tools = Tools::default();
        for wish in wishes {
            tools.apply(wish);
        }
        tools
    }

    #[test]
    fn a_measurement_is_ended_by_the_second_click_on_its_last_point_and_the_next_click_begins_anew() {
        let points = [(0.0, 0.0), (3.0, 0.0), (3.0, 4.0), (3.0, 4.0)].map(ToolsWish::Point);
        let mut wishes = vec![ToolsWish::Take(Tool::Length)];
        wishes.extend(points);
        wishes.push(ToolsWish::End);
        let ended = tools(wishes.clone());
        assert!(ended.trace.ended && ended.trace.points.len() == 3);
        wishes.push(ToolsWish::Point((9.0, 9.0)));
        assert_eq!(tools(wishes).trace, Trace { points: vec![(9.0, 9.0)], ended: false });
    }

    #[test]
    fn what_is_cleared_is_the_measurement_then_the_tool_then_the_pin() {
        let pin = Pin { place: (1.0, 2.0), text: "1 2".to_owned() };
        let mut all =
            tools(vec![ToolsWish::Mark(Some(pin)), ToolsWish::MeasureFrom((0.0, 0.0)), ToolsWish::Search(true)]);
        let mut left = Vec::new();
        while all.clears() {
            all.apply(ToolsWish::Clear);
            left.push((all.search.is_some(), all.trace.points.len(), all.tool, all.pin.is_some()));
        }
        let expected = [
            (false, 1, Tool::Length, true),
            (false, 0, Tool::Length, true),
            (false, 0, Tool::Hand, true),
            (false, 0, Tool::Hand, false),
        ];
        assert_eq!(left, expected);
    }

    #[test]
    fn a_point_taken_back_reopens_the_measurement_and_a_tool_taken_twice_is_put_back() {
        let points = [(0.0, 0.0), (1.0, 0.0)].map(ToolsWish::Point);
        let mut wishes = vec![ToolsWish::Take(Tool::Area)];
        wishes.extend(points);
        wishes.extend([ToolsWish::End, ToolsWish::Back]);
        let back = tools(wishes.clone());
        assert_eq!((back.trace.points.len(), back.trace.ended), (1, false));
        wishes.push(ToolsWish::Take(Tool::Area));
        assert_eq!(tools(wishes).tool, Tool::Hand);
    }

    #[test]
    fn whole_names_come_before_beginnings_and_beginnings_before_parts() {
        assert_eq!(
            [rank("Park", "park"), rank("park 2", "park"), rank("old park", "park"), rank("x", "park")],
            [Some(0), Some(1), Some(2), None]
        );
    }
}
