//! What became what between two land-cover maps: the transfer matrix.

use super::class::CoverClass;
use super::units::SquareMetres;

/// One class of a transfer matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferClass {
    /// Code in the maps; of classes of the program's own, their place in [`CoverClass::ALL`].
    pub code: i32,
    /// Name in the legend.
    pub name: Option<String>,
    /// The program's class, where the maps were brought to these.
    pub cover: Option<CoverClass>,
}

/// Areas by class before and class after, over what was observed at both dates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Transfers {
    /// The classes that occur, in the order of rows and columns.
    pub classes: Vec<TransferClass>,
    /// Area that went from the class of a row to the class of a column; one row a class.
    pub areas: Vec<Vec<SquareMetres>>,
}

impl Transfers {
    /// The cells that hold area: class before, class after, area.
    pub fn cells(&self) -> impl Iterator<Item = (&TransferClass, &TransferClass, SquareMetres)> {
        self.classes.iter().zip(&self.areas).flat_map(|(from, row)| {
            self.classes.iter().zip(row).filter(|(_, area)| area.0 > 0.0).map(move |(to, area)| (from, to, *area))
        })
    }

    /// Area of a class before.
    #[must_use]
    pub fn before(&self, class: usize) -> SquareMetres {
        self.areas.get(class).into_iter().flatten().copied().sum()
    }

    /// Area of a class after.
    #[must_use]
    pub fn after(&self, class: usize) -> SquareMetres {
        self.areas.iter().filter_map(|row| row.get(class)).copied().sum()
    }
}
