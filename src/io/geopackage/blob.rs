//! Geometry blobs: the `GeoPackage` header with an envelope, then well-known binary, little endian.
//!
//! Source: OGC 12-128r17, 2.1.3; OGC 06-103r4, 8.2 (WKB). Absent on purpose: every type but Polygon and
//! `MultiPolygon` (and Point, written only), and Z and M.

use geo::BoundingRect;
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

const MAGIC: [u8; 2] = *b"GP";
/// Little endian, envelope of four numbers.
const FLAGS_WITH_ENVELOPE: u8 = 0b0000_0011;
/// Little endian, no envelope, empty geometry.
const FLAGS_EMPTY: u8 = 0b0001_0001;
const WKB_POINT: u32 = 1;
const WKB_POLYGON: u32 = 3;
const WKB_MULTI_POLYGON: u32 = 6;

/// The blob is not a polygon geometry that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a polygon geometry")]
pub struct BadBlob;

/// The blob of an outline.
pub fn encode(shape: &MultiPolygon<f64>, srs_id: i32) -> Vec<u8> {
    let mut blob = Vec::from(MAGIC);
    blob.push(0);
    let envelope = shape.bounding_rect();
    blob.push(if envelope.is_some() { FLAGS_WITH_ENVELOPE } else { FLAGS_EMPTY });
    blob.extend(srs_id.to_le_bytes());
    if let Some(bounds) = envelope {
        let (low, high) = (bounds.min(), bounds.max());
        blob.extend([low.x, high.x, low.y, high.y].iter().flat_map(|v| v.to_le_bytes()));
    }
    head(&mut blob, WKB_MULTI_POLYGON, shape.0.len());
    for polygon in shape {
        head(&mut blob, WKB_POLYGON, polygon.interiors().len() + 1);
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            count(&mut blob, ring.0.len());
            blob.extend(ring.0.iter().flat_map(|c| [c.x, c.y]).flat_map(f64::to_le_bytes));
        }
    }
    blob
}

/// The blob of a point.
pub fn encode_point(x: f64, y: f64, srs_id: i32) -> Vec<u8> {
    let mut blob = Vec::from(MAGIC);
    blob.extend([0, FLAGS_WITH_ENVELOPE]);
    blob.extend(srs_id.to_le_bytes());
    blob.extend([x, x, y, y].iter().flat_map(|v| v.to_le_bytes()));
    blob.push(1);
    blob.extend(WKB_POINT.to_le_bytes());
    blob.extend([x, y].iter().flat_map(|v| v.to_le_bytes()));
    blob
}

fn head(blob: &mut Vec<u8>, kind: u32, parts: usize) {
    blob.push(1);
    blob.extend(kind.to_le_bytes());
    count(blob, parts);
}

fn count(blob: &mut Vec<u8>, parts: usize) {
    blob.extend((parts as u32).to_le_bytes());
}

/// The envelope in a blob's header as `[min x, max x, min y, max y]`; `None` for an empty geometry, a header without
/// envelope, or no geometry at all.
pub fn envelope(blob: &[u8]) -> Option<[f64; 4]> {
    let (flags, mut bytes) = open(blob).ok()?;
    if envelope_kind(flags) == 0 || flags & 0b1_0000 != 0 {
        return None;
    }
    let little = flags & 1 == 1;
    let mut next = || bytes.number(little).ok();
    Some([next()?, next()?, next()?, next()?])
}

/// The outline in a blob.
///
/// # Errors
/// [`BadBlob`] where the blob is cut short, is no polygon, or claims more than it holds.
pub fn decode(blob: &[u8]) -> Result<MultiPolygon<f64>, BadBlob> {
    let (flags, mut bytes) = open(blob)?;
    let envelope = match envelope_kind(flags) {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(BadBlob),
    };
    bytes.take(envelope)?;
    let (little, kind) = bytes.wkb_head()?;
    match kind {
        WKB_POLYGON => Ok(MultiPolygon::new(vec![bytes.polygon(little)?])),
        WKB_MULTI_POLYGON => bytes.polygons(little),
        _ => Err(BadBlob),
    }
}

/// 0 for none, 1 for x and y, 2–4 with z, m or both.
fn envelope_kind(flags: u8) -> u8 {
    flags >> 1 & 0b111
}

fn open(blob: &[u8]) -> Result<(u8, Bytes<'_>), BadBlob> {
    let mut bytes = Bytes(blob);
    let head = bytes.take(8)?;
    if head[..2] == MAGIC { Ok((head[3], bytes)) } else { Err(BadBlob) }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], BadBlob> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(BadBlob)?;
        self.0 = rest;
        Ok(head)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], BadBlob> {
        self.take(N)?.try_into().map_err(|_| BadBlob)
    }

    fn count(&mut self, little: bool) -> Result<usize, BadBlob> {
        let bytes = self.fixed()?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) } as usize)
    }

    fn number(&mut self, little: bool) -> Result<f64, BadBlob> {
        let bytes = self.fixed()?;
        Ok(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn wkb_head(&mut self) -> Result<(bool, u32), BadBlob> {
        let little = self.fixed::<1>()?[0] == 1;
        Ok((little, self.count(little)? as u32))
    }

    fn polygons(&mut self, little: bool) -> Result<MultiPolygon<f64>, BadBlob> {
        let parts = self.count(little)?;
        let mut polygons = Vec::new();
        for _ in 0..parts {
            let (little, kind) = self.wkb_head()?;
            if kind != WKB_POLYGON {
                return Err(BadBlob);
            }
            polygons.push(self.polygon(little)?);
        }
        Ok(MultiPolygon::new(polygons))
    }

    fn polygon(&mut self, little: bool) -> Result<Polygon<f64>, BadBlob> {
        let rings = self.count(little)?;
        let mut rings = (0..rings).map(|_| self.ring(little)).collect::<Result<Vec<_>, _>>()?.into_iter();
        let shell = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Ok(Polygon::new(shell, rings.collect()))
    }

    fn ring(&mut self, little: bool) -> Result<LineString<f64>, BadBlob> {
        let points = self.count(little)?;
        if points.checked_mul(16).is_none_or(|length| length > self.0.len()) {
            return Err(BadBlob);
        }
        let coord = |_| Ok(Coord { x: self.number(little)?, y: self.number(little)? });
        (0..points).map(coord).collect::<Result<Vec<_>, _>>().map(LineString::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    fn holed() -> MultiPolygon<f64> {
        let with_hole = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 8.0, y: 0.0), (x: 8.0, y: 6.0), (x: 0.0, y: 0.0)],
            interiors: [[(x: 5.0, y: 1.0), (x: 6.0, y: 2.0), (x: 6.0, y: 1.0), (x: 5.0, y: 1.0)]],
        );
        let plain = polygon![(x: 10.0, y: -3.0), (x: 11.0, y: -3.0), (x: 11.0, y: -2.0), (x: 10.0, y: -3.0)];
        MultiPolygon::new(vec![with_hole, plain])
    }

    #[test]
    fn an_outline_survives_the_blob() {
        assert_eq!(decode(&encode(&holed(), 4549)), Ok(holed()));
    }

    #[test]
    fn the_header_is_the_standards() {
        let blob = encode(&holed(), 4549);
        assert_eq!(&blob[..8], &[0x47, 0x50, 0, 0b11, 0xC5, 0x11, 0, 0]);
        assert_eq!(envelope(&blob), Some([0.0, 11.0, -3.0, 6.0]));
        assert_eq!(&blob[40..45], &[1, 6, 0, 0, 0]);
    }

    #[test]
    fn an_empty_outline_says_so_in_its_header() {
        let blob = encode(&MultiPolygon::new(Vec::new()), 4549);
        assert_eq!((blob[3], envelope(&blob)), (0b1_0001, None));
        assert_eq!(decode(&blob), Ok(MultiPolygon::new(Vec::new())));
    }

    #[test]
    fn every_cut_blob_is_refused() {
        let blob = encode(&holed(), 4549);
        for length in 0..blob.len() {
            assert_eq!(decode(&blob[..length]), Err(BadBlob), "cut at {length}");
        }
    }

    #[test]
    fn a_blob_that_claims_too_much_is_refused_without_memory() {
        let mut blob = encode(&holed(), 4549);
        blob[58..62].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(decode(&blob), Err(BadBlob));
    }
}
