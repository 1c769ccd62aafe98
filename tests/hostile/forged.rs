//! Files that no honest program writes: headers that lie, names that point elsewhere.

/// A `TIFF` of a few bytes that claims what it likes: width, height, side of its tiles, bands.
pub fn tiff_claiming(width: u32, height: u32, tile: Option<u32>, bands: u16) -> Vec<u8> {
    let data = [0u8; 16];
    let mut tags: Vec<(u16, u16, u32)> =
        vec![(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (277, 3, u32::from(bands))];
    match tile {
        Some(side) => tags.extend([(322, 4, side), (323, 4, side), (324, 4, 8), (325, 4, data.len() as u32)]),
        None => tags.extend([(273, 4, 8), (278, 4, height), (279, 4, data.len() as u32)]),
    }
    tags.sort_unstable();
    let mut file = b"II*\0".to_vec();
    file.extend((8 + data.len() as u32).to_le_bytes());
    file.extend(data);
    file.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, value) in tags {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    file
}

/// A virtual raster over a file.
pub fn virtual_raster(over: &std::path::Path) -> String {
    format!(
        "<VRTDataset rasterXSize=\"8\" rasterYSize=\"8\"><VRTRasterBand dataType=\"Byte\" band=\"1\"><SimpleSource>\
         <SourceFilename relativeToVRT=\"0\">{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>\
         </VRTRasterBand></VRTDataset>",
        over.display()
    )
}

/// Spoils the stored bytes of one tile of a `TIFF`, so that it cannot be unpacked.
pub fn spoil_tile(file: &mut [u8], tile: usize) {
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let directory = word(4);
    let entries = usize::from(u16::from_le_bytes([file[directory], file[directory + 1]]));
    let entry = |tag: u16| {
        (0..entries).map(|n| directory + 2 + 12 * n).find(|at| file[*at..*at + 2] == tag.to_le_bytes()).unwrap()
    };
    let list = |tag: u16| word(entry(tag) + 8);
    assert!(tile < word(entry(324) + 4), "the file has no such tile");
    let long_counts = file[entry(325) + 2] == 4;
    let (start, counts) = (word(list(324) + 4 * tile), list(325));
    let length = if long_counts {
        word(counts + 4 * tile)
    } else {
        usize::from(u16::from_le_bytes([file[counts + 2 * tile], file[counts + 2 * tile + 1]]))
    };
    file[start..start + length].fill(0xff);
}
