//! The writer of result rasters: same bytes, same values, nothing half-done.

use super::test_scenes::{Made, folder, grid_of, scene_at, whole};
use super::*;
use crate::model::grid::Window;
use crate::model::raster::gap;
use crate::model::scene::BandRole;

#[test]
fn a_written_raster_reads_back_the_same_bytes_every_time() {
    let folder = folder();
    let grid =
        grid_of(&Made { cols: 700, ..Made::default() }.write(&folder.path().join("g.tif"), &[vec![1; 700 * 600]]));
    let write = |name: &str| {
        let path = folder.path().join(name);
        let mut writer = RasterWriter::create(&path, &grid, RasterKind::ChangeMask).expect("created");
        for window in
            [(0, 0, 512, 512), (512, 512, 88, 188)].map(|(row, col, rows, cols)| Window { row, col, rows, cols })
        {
            let values: Vec<u8> = (0..window.len()).map(|i| (i % 2) as u8).collect();
            writer.write_u8(window, &values).expect("written");
        }
        assert!(!path.exists());
        writer.finish().expect("finished");
        std::fs::read(path).expect("there")
    };
    assert_eq!(write("a.tif"), write("b.tif"));
    let info = describe(&folder.path().join("a.tif"), None).expect("described");
    assert_eq!((info.bands[0].nodata, info.block, info.grid.clone()), (Some(255.0), (512, 512), grid.clone()));
    let block = whole(&scene_at(&folder.path().join("a.tif"), &[BandRole::Class]), &[BandRole::Class], &grid);
    assert_eq!((block.gaps[1], block.bands[0][1].to_bits(), block.gaps[600]), (0, 1.0_f32.to_bits(), gap::NODATA));
    assert_eq!(block.gaps.iter().map(|gap| usize::from(*gap == 0)).sum::<usize>(), 512 * 512 + 88 * 188);
}

#[test]
fn scores_keep_their_values_and_their_gaps() {
    let folder = folder();
    let grid = grid_of(&Made::default().write(&folder.path().join("g.tif"), &[vec![1; 4]]));
    let path = folder.path().join("s.tif");
    let mut writer = RasterWriter::create(&path, &grid, RasterKind::Score).expect("created");
    writer.write_f32(grid.window(), &[0.5, f32::NAN, -2.25, 1e9]).expect("written");
    assert!(writer.write_u8(grid.window(), &[0; 4]).is_err());
    writer.finish().expect("finished");
    let block = whole(&scene_at(&path, &[BandRole::Red]), &[BandRole::Red], &grid);
    assert_eq!((block.gaps, block.bands[0].clone()), (vec![0, 1, 0, 0], vec![0.5, 0.0, -2.25, 1e9]));
}

#[test]
fn an_unfinished_raster_leaves_nothing() {
    let folder = folder();
    let grid = grid_of(&Made::default().write(&folder.path().join("g.tif"), &[vec![1; 4]]));
    drop(RasterWriter::create(&folder.path().join("s.tif"), &grid, RasterKind::Score).expect("created"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1);
    assert!(RasterWriter::create(&folder.path().join("no/such/s.tif"), &grid, RasterKind::Score).is_err());
}
