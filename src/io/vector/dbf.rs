//! The dBase table of a Shapefile, read by ourselves: the bytes of its texts must stay as they are until their encoding is
//! known.
//!
//! Source: ESRI Shapefile Technical Description (1998) and the dBASE III file structure. Memo fields are absent on purpose.

/// A field's place in each record.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// Its name as bytes.
    pub(super) name: Vec<u8>,
    /// Its type letter.
    pub(super) kind: u8,
    offset: usize,
    length: usize,
}

/// A table; values are looked up in its bytes.
#[derive(Debug, Clone)]
pub(super) struct DbfTable {
    bytes: Vec<u8>,
    header: usize,
    record: usize,
    /// Fields in the order of the file.
    pub(super) fields: Vec<Field>,
    /// Records that are there in full.
    pub(super) count: usize,
    /// Records that the header promises.
    pub(super) promised: usize,
    /// The language byte.
    pub(super) language_byte: u8,
}

impl DbfTable {
    /// Reads the head of a table; `None` where it is none.
    pub(super) fn new(bytes: Vec<u8>) -> Option<Self> {
        let promised = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
        let header = usize::from(u16::from_le_bytes(bytes.get(8..10)?.try_into().ok()?));
        let record = usize::from(u16::from_le_bytes(bytes.get(10..12)?.try_into().ok()?));
        let language_byte = *bytes.get(29)?;
        if header < 33 || record == 0 || header > bytes.len() {
            return None;
        }
        let mut fields = Vec::new();
        let mut offset = 1;
        for slot in bytes.get(32..header)?.chunks_exact(32).take_while(|slot| slot[0] != 0x0d) {
            let name = slot[..11].split(|&b| b == 0).next().unwrap_or_default().to_vec();
            // Long texts keep the high byte of their length where numbers keep their decimals.
            let high = if slot[11] == b'C' { usize::from(slot[17]) << 8 } else { 0 };
            let length = usize::from(slot[16]) + high;
            fields.push(Field { name, kind: slot[11], offset, length });
            offset += length;
        }
        if offset > record {
            return None;
        }
        let count = promised.min((bytes.len() - header) / record);
        Some(Self { bytes, header, record, fields, count, promised, language_byte })
    }

    /// Whether a record is marked as deleted.
    pub(super) fn is_deleted(&self, row: usize) -> bool {
        self.bytes.get(self.header + row * self.record) == Some(&b'*')
    }

    /// The bytes of a value without its padding; empty where it has none.
    pub(super) fn value(&self, row: usize, field: &Field) -> &[u8] {
        let start = self.header + row * self.record + field.offset;
        let value = self.bytes.get(start..start + field.length).unwrap_or_default();
        let value = value.split(|&b| b == 0).next().unwrap_or_default();
        value.trim_ascii()
    }

    /// A value as text, its bytes turned by `decode`: dates as `2024-01-31`, truth as `true` or `false`.
    pub(super) fn text(&self, row: usize, field: &Field, decode: impl Fn(&[u8]) -> String) -> Option<String> {
        let value = self.value(row, field);
        if value.is_empty() || value.iter().all(|&b| b == b'*') {
            return None;
        }
        let plain = || String::from_utf8_lossy(value).into_owned();
        match field.kind {
            b'C' => Some(decode(value)),
            b'D' if value.len() == 8 && value.iter().all(u8::is_ascii_digit) => {
                let digits = plain();
                (digits != "00000000").then(|| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))
            }
            b'L' => match value[0] {
                b'T' | b't' | b'Y' | b'y' => Some(String::from("true")),
                b'F' | b'f' | b'N' | b'n' => Some(String::from("false")),
                _ => None,
            },
            b'N' | b'F' => Some(plain()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table with the fields NAME C(6), AREA N(5), DAY D, OK L and two records, the second deleted.
    fn table() -> Vec<u8> {
        let mut bytes = vec![3, 124, 1, 1];
        bytes.extend(2_u32.to_le_bytes());
        bytes.extend((32_u16 + 4 * 32 + 1).to_le_bytes());
        bytes.extend(21_u16.to_le_bytes());
        bytes.resize(32, 0);
        for (name, kind, length) in [("NAME", b'C', 6), ("AREA", b'N', 5), ("DAY", b'D', 8), ("OK", b'L', 1)] {
            let mut slot = [0_u8; 32];
            slot[..name.len()].copy_from_slice(name.as_bytes());
            slot[11] = kind;
            slot[16] = length;
            bytes.extend(slot);
        }
        bytes.push(0x0d);
        bytes.extend(b" \xb1\xa3\xbb\xa4   12.520240131T");
        bytes.extend(b"*x     *****00000000?");
        bytes
    }

    #[test]
    fn values_keep_their_bytes_and_kinds() {
        let table = DbfTable::new(table()).unwrap();
        let text = |row, i: usize| table.text(row, &table.fields[i], |b| format!("{b:02x?}"));
        assert_eq!(text(0, 0).as_deref(), Some("[b1, a3, bb, a4]"));
        assert_eq!([text(0, 1), text(0, 2), text(0, 3)], ["12.5", "2024-01-31", "true"].map(|t| Some(t.to_owned())));
        assert_eq!([text(1, 1), text(1, 2), text(1, 3)], [None, None, None]);
        assert!(table.is_deleted(1) && !table.is_deleted(0));
    }

    #[test]
    fn a_table_cut_short_has_fewer_records_than_it_promises() {
        let mut bytes = table();
        bytes.truncate(bytes.len() - 3);
        let table = DbfTable::new(bytes).unwrap();
        assert_eq!((table.count, table.promised), (1, 2));
    }

    #[test]
    fn rubbish_is_no_table() {
        assert!(DbfTable::new(vec![0xff; 10]).is_none());
        assert!(DbfTable::new(vec![0xff; 200]).is_none());
    }
}
