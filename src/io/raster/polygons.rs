//! Polygons that hide ground: every pixel of the analysis grid whose centre lies in one of them.
//!
//! The centre decides, not the covered share: polygons that meet inside a pixel then leave no seam between them, and a
//! polygon that overlaps another adds nothing to it. A block asks an index once; polygons that no block meets are never
//! brought into pixels, and those off the grid are not even in the index.

use std::sync::Arc;

use geo::{BoundingRect, MapCoords};
use geo_types::{Coord, MultiPolygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, Envelope, RTree, RTreeObject};

use crate::model::displacement::Displacement;
use crate::model::grid::{GeoTransform, Grid, Window};
use crate::model::raster::gap;
use crate::model::scene::PolygonMask;
use crate::screen::coverage::PixelShape;

/// A mask of polygons on windows of the analysis grid.
pub struct PolygonReader {
    shapes: Arc<Vec<MultiPolygon<f64>>>,
    transform: GeoTransform,
    off: Displacement,
    index: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    /// Polygons in pixels, each made when the first block meets it.
    ready: Vec<Option<PixelShape>>,
}

impl PolygonReader {
    /// A reader of a scene's polygons; they lie as far `off` their place as their scene, and move with it.
    #[must_use]
    pub fn new(mask: &PolygonMask, target: &Grid, off: &Displacement) -> Self {
        let mut transform = target.transform;
        // One shift moves the grid instead of every corner.
        let (cols, rows) = off.constant().unwrap_or_default();
        (transform.0[0], transform.0[3]) = target.transform.map_from_pixel(cols, rows);
        let reach = if off.constant().is_some() { 0.0 } else { off.bound() };
        let whole = AABB::from_corners([0.0, 0.0], [target.cols as f64, target.rows as f64]);
        let boxes = mask.shapes.iter().enumerate().filter_map(|(at, shape)| {
            let bounds = shape.bounding_rect()?;
            let corners = [(bounds.min().x, bounds.max().y), (bounds.max().x, bounds.min().y)];
            let [(west, north), (east, south)] = corners.map(|(x, y)| transform.pixel_from_map(x, y));
            let own = Rectangle::from_corners([west - reach, north - reach], [east + reach, south + reach]);
            own.envelope().intersects(&whole).then(|| GeomWithData::new(own, at))
        });
        let index = RTree::bulk_load(boxes.collect());
        let ready = mask.shapes.iter().map(|_| None).collect();
        Self { shapes: Arc::clone(&mask.shapes), transform, off: off.clone(), index, ready }
    }

    /// Marks what the polygons hide in a window: [`gap::MASKED`].
    pub fn apply(&mut self, window: Window, gaps: &mut [u8]) {
        let (low, high) = ([window.col, window.row], [window.col + window.cols, window.row + window.rows]);
        let block = AABB::from_corners(low.map(|v| v as f64), high.map(|v| v as f64));
        for hit in self.index.locate_in_envelope_intersecting(&block) {
            let (shape, transform, off) = (&self.shapes[hit.data], &self.transform, &self.off);
            let shape = self.ready[hit.data].get_or_insert_with(|| match off {
                Displacement::Constant(..) => PixelShape::new(shape, transform),
                Displacement::Field(_) => PixelShape::new(&in_place(shape, transform, off), transform),
            });
            shape.centres(&window, |row, cols| {
                let start = (row - window.row) * window.cols;
                for gap in &mut gaps[start + cols.start - window.col..start + cols.end - window.col] {
                    *gap = (*gap).max(gap::MASKED);
                }
            });
        }
    }
}

/// A shape with every corner moved back by a field.
fn in_place(shape: &MultiPolygon<f64>, transform: &GeoTransform, off: &Displacement) -> MultiPolygon<f64> {
    shape.map_coords(|corner| {
        let (col, row) = off.place_of(transform.pixel_from_map(corner.x, corner.y));
        let (x, y) = transform.map_from_pixel(col, row);
        Coord { x, y }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::crs::{Crs, CrsUnit};
    use geo_types::Rect;

    #[test]
    fn polygons_that_no_block_meets_are_never_brought_into_pixels() {
        let crs = Crs { wkt: String::new(), name: String::new(), epsg: None, unit: CrsUnit::Projected { metres: 1.0 } };
        let transform = GeoTransform::north_up(0.0, 0.0, 1.0, 1.0);
        let grid = Grid { crs: crs.into(), transform, rows: 64, cols: 64 };
        let square = |x: f64, y: f64| Rect::new(Coord { x, y: y - 8.0 }, Coord { x: x + 8.0, y }).to_polygon().into();
        let shapes = Arc::new(vec![square(10.0, -10.0), square(40.0, -40.0)]);
        let mut reader = PolygonReader::new(&PolygonMask { path: "a.gpkg".into(), shapes }, &grid, &Displacement::NONE);
        let ready = |reader: &PolygonReader| reader.ready.iter().map(Option::is_some).collect::<Vec<_>>();
        let mut gaps = vec![gap::SEEN; 32 * 32];
        reader.apply(Window { row: 0, col: 32, rows: 32, cols: 32 }, &mut gaps);
        assert!(ready(&reader) == [false, false] && gaps.iter().all(|g| *g == gap::SEEN));
        reader.apply(Window { row: 0, col: 0, rows: 32, cols: 32 }, &mut gaps);
        assert_eq!(ready(&reader), [true, false]);
        assert_eq!(gaps.iter().map(|g| usize::from(*g)).sum::<usize>(), 64 * usize::from(gap::MASKED));
    }
}
