//! How the map looks: which bands make the picture, which layers are shown and how strongly.

use crate::model::zone::Zone;
use crate::pipeline::view::{Composite, Ramp, Stretch};

/// One layer of zones in the legend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneLayer {
    /// Name of the layer.
    pub name: String,
    /// The kind of its first zone.
    pub kind: String,
    /// Number of its zones.
    pub zones: usize,
    /// Whether it is shown.
    pub shown: bool,
}

/// A layer of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The images.
    Images,
    /// The zones of one layer, by its number.
    Zones(usize),
    /// The flags.
    Flags,
    /// Names of zones and flags.
    Labels,
}

/// Bytes that the map may take: half for values, so that other colours need no other read, the rest for textures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(pub usize);

impl Budget {
    /// A budget of so many MB.
    #[must_use]
    pub fn of_mb(mb: u32) -> Self {
        Self((mb as usize).max(64) << 20)
    }

    /// Bytes for the values of tiles.
    #[must_use]
    pub fn values(self) -> usize {
        self.0 / 2
    }

    /// Bytes for the textures of images.
    #[must_use]
    pub fn textures(self) -> usize {
        self.0 / 10 * 4
    }

    /// Bytes for the textures of zones and flags.
    #[must_use]
    pub fn sheets(self) -> usize {
        self.0 / 10
    }
}

/// What the colours of flags tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FlagColours {
    /// How severe they are.
    #[default]
    Severity,
    /// What the ground turned into.
    Kind,
    /// Where they stand in their life.
    State,
}

impl FlagColours {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Severity, Self::Kind, Self::State];

    /// Key of its name in the language files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Severity => "gui.layers.by_severity",
            Self::Kind => "gui.layers.by_kind",
            Self::State => "gui.layers.by_state",
        }
    }
}

/// What may be asked of the look.
#[derive(Debug, Clone, PartialEq)]
pub enum LookWish {
    /// Which bands make the picture.
    Composite(Composite),
    /// Colours along a band or an index; `None`: those that suit it.
    Ramp(Option<Ramp>),
    /// How values become shades.
    Stretch(Stretch),
    /// What the colours of flags tell.
    FlagColours(FlagColours),
    /// Show or hide a layer.
    Toggle(Layer),
    /// Opacity of the zones' fill, 0–1.
    ZoneOpacity(f32),
    /// Opacity of the images, 0–1.
    ImageOpacity(f32),
}

/// How the map looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Which bands make the picture.
    pub composite: Composite,
    /// Colours along a band or an index; `None`: those that suit it.
    pub ramp: Option<Ramp>,
    /// How values become shades.
    pub stretch: Stretch,
    /// What the colours of flags tell.
    pub flag_colours: FlagColours,
    /// Layers of zones, in the plan's order.
    pub zones: Vec<ZoneLayer>,
    /// The images.
    pub images: bool,
    /// The flags.
    pub flags: bool,
    /// Names.
    pub labels: bool,
    /// Opacity of the zones' fill.
    pub zone_opacity: f32,
    /// Opacity of the images.
    pub image_opacity: f32,
}

impl Look {
    /// True colour and every layer.
    #[must_use]
    pub fn of(zones: Vec<ZoneLayer>) -> Self {
        Self {
            composite: Composite::TrueColour,
            ramp: None,
            stretch: Stretch::default(),
            flag_colours: FlagColours::default(),
            zones,
            images: true,
            flags: true,
            labels: true,
            zone_opacity: 0.16,
            image_opacity: 1.0,
        }
    }

    /// Does what is asked of it.
    pub fn apply(&mut self, wish: LookWish) {
        match wish {
            LookWish::Composite(composite) => self.composite = composite,
            LookWish::Ramp(ramp) => self.ramp = ramp,
            LookWish::Stretch(stretch) => self.stretch = stretch,
            LookWish::FlagColours(colours) => self.flag_colours = colours,
            LookWish::ZoneOpacity(opacity) => self.zone_opacity = opacity,
            LookWish::ImageOpacity(opacity) => self.image_opacity = opacity,
            LookWish::Toggle(layer) => self.toggle(layer),
        }
    }

    fn toggle(&mut self, layer: Layer) {
        let shown = match layer {
            Layer::Images => Some(&mut self.images),
            Layer::Flags => Some(&mut self.flags),
            Layer::Labels => Some(&mut self.labels),
            Layer::Zones(number) => self.zones.get_mut(number).map(|layer| &mut layer.shown),
        };
        if let Some(shown) = shown {
            *shown = !*shown;
        }
    }
}

/// The layers of zones in their order, and the number of each zone's layer.
pub(super) fn zone_layers(zones: &[Zone]) -> (Vec<ZoneLayer>, Vec<usize>) {
    let mut layers: Vec<ZoneLayer> = Vec::new();
    let mut of_zone = Vec::with_capacity(zones.len());
    for zone in zones {
        let known = layers.iter().position(|layer| layer.name == zone.layer);
        let number = known.unwrap_or_else(|| {
            layers.push(ZoneLayer { name: zone.layer.clone(), kind: zone.kind.clone(), zones: 0, shown: true });
            layers.len() - 1
        });
        layers[number].zones += 1;
        of_zone.push(number);
    }
    (layers, of_zone)
}
