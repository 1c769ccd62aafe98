//! How the layers lie over each other: severities shown, the order of zone layers, and the basemap below everything.

use std::path::PathBuf;

use geo::BoundingRect;
use geo_types::Rect;

use super::jobs::End;
use super::{Project, Session, Task, Work};
use crate::model::flag::Severity;
use crate::project::footprint;

/// What may be asked of the layers.
#[derive(Debug, Clone, PartialEq)]
pub enum LayersWish {
    /// Show or hide the flags of a severity.
    Severity(Severity),
    /// Move a zone layer up or down among the others, by its number.
    Move(usize, isize),
    /// Zoom to a zone layer.
    Show(usize),
    /// Zoom to the flags.
    ShowFlags,
    /// Opacity of the flags' fill, 0–1.
    FlagOpacity(f32),
    /// Lay a basemap below the images: a file, a template of addresses, or none.
    Basemap(Option<String>),
    /// Choose the basemap's file by the system's dialog.
    PickBasemap,
    /// Show or hide the basemap.
    ToggleBasemap,
    /// Opacity of the basemap, 0–1.
    BasemapOpacity(f32),
}

/// A basemap as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct BasemapState {
    /// File or template of addresses.
    pub source: String,
    /// Whether it is shown.
    pub shown: bool,
    /// Opacity, 0–1.
    pub opacity: f32,
}

/// The layers of the open project.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    /// Severities whose flags are hidden.
    hidden: Vec<Severity>,
    /// Numbers of the zone layers, the uppermost first.
    pub order: Vec<usize>,
    /// Opacity of the flags' fill.
    pub flag_opacity: f32,
    /// The basemap.
    pub basemap: Option<BasemapState>,
}

impl Layers {
    /// Everything shown, zone layers in the plan's order.
    #[must_use]
    pub fn of(zones: usize) -> Self {
        Self { hidden: Vec::new(), order: (0..zones).collect(), flag_opacity: 0.22, basemap: None }
    }

    /// Whether flags of a severity are shown.
    #[must_use]
    pub fn shows(&self, severity: Severity) -> bool {
        !self.hidden.contains(&severity)
    }

    fn apply(&mut self, wish: LayersWish) {
        match wish {
            LayersWish::Severity(severity) => {
                let shown = self.shows(severity);
                self.hidden.retain(|hidden| *hidden != severity);
                self.hidden.extend(shown.then_some(severity));
            }
            LayersWish::Move(layer, by) => {
                let from = self.order.iter().position(|at| *at == layer);
                let to = from.and_then(|from| from.checked_add_signed(by)).filter(|to| *to < self.order.len());
                if let (Some(from), Some(to)) = (from, to) {
                    self.order.swap(from, to);
                }
            }
            LayersWish::FlagOpacity(opacity) => self.flag_opacity = opacity.clamp(0.0, 1.0),
            LayersWish::Basemap(source) => {
                self.basemap = source.map(|source| BasemapState { source, shown: true, opacity: 1.0 });
            }
            LayersWish::ToggleBasemap => self.basemap.iter_mut().for_each(|basemap| basemap.shown = !basemap.shown),
            LayersWish::BasemapOpacity(opacity) => {
                self.basemap.iter_mut().for_each(|basemap| basemap.opacity = opacity.clamp(0.0, 1.0));
            }
            LayersWish::Show(_) | LayersWish::ShowFlags | LayersWish::PickBasemap => {}
        }
    }
}

impl Session {
    /// Does what is asked of the layers.
    pub(super) fn arrange(&mut self, wish: LayersWish) {
        if wish == LayersWish::PickBasemap {
            self.pick_basemap();
        }
        let Some(project) = &mut self.project else { return };
        let bounds = match wish {
            LayersWish::Show(layer) => project.bounds_of_layer(layer),
            LayersWish::ShowFlags => project.bounds_of_flags(),
            wish => {
                project.layers.apply(wish);
                None
            }
        };
        if let Some(bounds) = bounds {
            self.fresh = false;
            let least = self.limits().0;
            self.view.show(&bounds, least);
        }
    }
}

impl Session {
    fn pick_basemap(&mut self) {
        let work = Work::start(Task::Pick, PathBuf::new(), &self.wake, |_, _| {
            let kinds = ["tif", "tiff", "jp2", "img", "png", "jpg", "mbtiles"];
            Ok(End::BasemapPicked(rfd::FileDialog::new().add_filter("GeoTIFF, MBTiles", &kinds).pick_file()))
        });
        self.jobs.begin(work);
    }

    /// Takes the file of the system's dialog.
    pub(super) fn take_basemap(&mut self, picked: Option<PathBuf>) {
        if let Some(path) = picked {
            self.arrange(LayersWish::Basemap(Some(path.display().to_string())));
        }
    }
}

impl Project {
    fn bounds_of_layer(&self, layer: usize) -> Option<Rect<f64>> {
        let zones = self.plan.zones.iter().zip(&self.layer_of_zone).filter(|(_, of)| **of == layer);
        zones.filter_map(|(zone, _)| zone.shape.bounding_rect()).reduce(|a, b| footprint::union(&a, &b))
    }

    fn bounds_of_flags(&self) -> Option<Rect<f64>> {
        let shown = self.flags.records().iter().filter(|record| self.layers.shows(record.severity));
        shown.filter_map(|record| record.shape.bounding_rect()).reduce(|a, b| footprint::union(&a, &b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_change_places_and_stop_at_the_ends() {
        let mut layers = Layers::of(3);
        layers.apply(LayersWish::Move(2, -1));
        assert_eq!(layers.order, [0, 2, 1]);
        layers.apply(LayersWish::Move(0, -1));
        layers.apply(LayersWish::Move(1, 1));
        assert_eq!(layers.order, [0, 2, 1]);
    }

    #[test]
    fn a_hidden_severity_comes_back() {
        let mut layers = Layers::of(0);
        layers.apply(LayersWish::Severity(Severity::Low));
        assert!(!layers.shows(Severity::Low) && layers.shows(Severity::High));
        layers.apply(LayersWish::Severity(Severity::Low));
        assert!(layers.shows(Severity::Low));
    }
}
