//! A small sound project to spoil, the program run over it, and what must hold after every end.

#![allow(dead_code, clippy::unwrap_used)] // each test program uses its part; a test may fail loudly

pub mod forged;

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use gdal::DriverManager;
use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use serde_json::Value;

/// Rows and columns of a sound scene.
pub const SIDE: usize = 192;

/// Pixels of the left upper corner, 10 m each, in EPSG:4549.
pub const ORIGIN: (f64, f64) = (500_000.0, 3_590_000.0);

/// Words that belong to programmers.
const FORBIDDEN: [&str; 7] = ["Os {", "panicked", "unwrap", "CPLE", "RUST_BACKTRACE", "internal_error", "notice."];

/// Three yearly scenes below `in/`, two zones in them and a project file, in a folder of its own.
pub struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    /// A sound project.
    pub fn new() -> Self {
        let lab = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(lab.at("in")).unwrap();
        for year in 2023..=2025 {
            Scene::of(year).write(&lab.at(&format!("in/{year}.tif")));
        }
        lab.zones(&[("北岸湿地", square(20, 20, 60)), ("南岸滩地", square(110, 100, 60))]);
        lab.project(SOUND);
        lab
    }

    /// A path in the folder.
    pub fn at(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes a file, in place of what was there.
    pub fn put(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Removes a file.
    pub fn remove(&self, relative: &str) {
        std::fs::remove_file(self.at(relative)).unwrap();
    }

    /// The bytes of a file.
    pub fn bytes(&self, relative: &str) -> Vec<u8> {
        std::fs::read(self.at(relative)).unwrap()
    }

    /// Writes the project file.
    pub fn project(&self, text: &str) {
        self.put("p.toml", text);
    }

    /// Changes the project file; the words to change must be there.
    pub fn edit(&self, from: &str, to: &str) {
        let text = String::from_utf8(self.bytes("p.toml")).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        self.project(&text.replacen(from, to, 1));
    }

    /// Zones with the field `id`, as `GeoJSON` text of their coordinates.
    pub fn zones(&self, zones: &[(&str, String)]) {
        let features: Vec<String> = zones.iter().map(|(id, shape)| feature(&Value::from(*id), shape)).collect();
        self.features(&features);
    }

    /// Features as `GeoJSON`.
    pub fn features(&self, features: &[String]) {
        self.put("in/zones.geojson", format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")));
    }

    /// Takes away what runs wrote; the folder stays, since results name their sources by their whole path.
    pub fn clear(&self) {
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            match name {
                "in" | "p.toml" => {}
                _ if path.is_dir() => std::fs::remove_dir_all(&path).unwrap(),
                _ => std::fs::remove_file(&path).unwrap(),
            }
        }
    }

    /// The program on the project.
    pub fn run(&self, words: &[&str]) -> Ended {
        self.command(words).ended()
    }

    /// The program on the project, not started yet.
    pub fn command(&self, words: &[&str]) -> Program {
        let mut command = program();
        command.arg("--headless").args(words).arg(self.at("p.toml")).current_dir(self.folder.path());
        Program(command)
    }

    /// Every file of the folder with its bytes' hash.
    pub fn listing(&self) -> Vec<(PathBuf, String)> {
        listing(self.folder.path())
    }
}

/// The sound project.
pub const SOUND: &str = r#"version = 1
[project]
name = "试验"
[[zones]]
path = "in/zones.geojson"
crs = "EPSG:4549"
id_field = "id"
kind = "国家级生态保护红线"
[[scenes]]
path = "in/2023.tif"
date = "2023-07-01"
bands = { blue = 1, green = 2, red = 3, nir = 4 }
[[scenes]]
path = "in/2024.tif"
date = "2024-07-01"
bands = { blue = 1, green = 2, red = 3, nir = 4 }
[[scenes]]
path = "in/2025.tif"
date = "2025-07-01"
bands = { blue = 1, green = 2, red = 3, nir = 4 }
[outputs]
rasters = true
"#;

/// The program as built for the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecoredline"));
    command.env_remove("ECOREDLINE_LANG").env_remove("RUST_BACKTRACE");
    command
}

/// A program about to run.
pub struct Program(pub Command);

impl Program {
    /// Runs it to its end, at most ten seconds.
    pub fn ended(mut self) -> Ended {
        let begun = Instant::now();
        self.0.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().unwrap();
        let (out, err) = (drain(child.stdout.take().unwrap()), drain(child.stderr.take().unwrap()));
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("{:?} did not end within {PATIENCE:?}", self.0);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let output = Output { status, stdout: out.join().unwrap(), stderr: err.join().unwrap() };
        Ended::of(&output)
    }
}

/// Longest time that any bad input may take.
pub const PATIENCE: Duration = Duration::from_secs(10);

fn drain(mut from: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        from.read_to_end(&mut all).unwrap();
        all
    })
}

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The events of `--log json`; every line has to be one.
    pub fn events(&self) -> Vec<Value> {
        self.err.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }

    /// The notices of a code.
    pub fn notices(&self, code: &str) -> Vec<Value> {
        self.events().into_iter().filter(|e| e["event"] == "notice" && e["code"] == code).collect()
    }

    /// Everything it said.
    pub fn text(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// No programmer's word in what it said.
    pub fn speaks_plainly(&self, what: &str) {
        for word in FORBIDDEN {
            assert!(!self.text().contains(word), "{what}: says {word:?}\n{}", self.text());
        }
        assert!(self.code.is_some(), "{what}: died by a signal");
    }
}

/// A scene to write.
#[derive(Clone)]
pub struct Scene {
    pub year: i32,
    pub epsg: u32,
    pub transform: Option<[f64; 6]>,
    pub nodata: Option<f64>,
    pub options: Vec<&'static str>,
    pub side: usize,
    /// Side of the whole raster, where it is larger than what is written; the rest is not stored at all.
    pub canvas: usize,
    /// Stored from the south to the north.
    pub upside_down: bool,
    /// Value of a pixel (band, row, col) in place of the usual one.
    pub value: fn(usize, usize, usize) -> Option<u16>,
}

impl Scene {
    /// A sound one, 16 bit, in tiles of 64 pixels.
    pub fn of(year: i32) -> Self {
        let transform = Some([ORIGIN.0, 10.0, 0.0, ORIGIN.1, 0.0, -10.0]);
        let options = vec!["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=DEFLATE", "SPARSE_OK=TRUE"];
        Self {
            year,
            epsg: 4549,
            transform,
            nodata: None,
            options,
            side: SIDE,
            canvas: 0,
            upside_down: false,
            value: |_, _, _| None,
        }
    }

    /// Writes it with 16 bits.
    pub fn write(&self, path: &Path) {
        self.write_as::<u16>(path, |value| value);
    }

    /// Writes it with another type of number.
    pub fn write_as<T: gdal::raster::GdalType + Copy>(&self, path: &Path, turn: fn(u16) -> T) {
        let options = self.options.iter().copied().collect::<RasterCreationOptions>();
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let (side, bands) = (self.side, 4);
        let canvas = side.max(self.canvas);
        let mut dataset =
            driver.create_with_band_type_with_options::<T, _>(path, canvas, canvas, bands, &options).unwrap();
        if let Some(transform) = self.transform {
            dataset.set_geo_transform(&transform).unwrap();
        }
        if self.epsg != 0 {
            dataset.set_spatial_ref(&SpatialRef::from_epsg(self.epsg).unwrap()).unwrap();
        }
        for band in 0..bands {
            let row = |n: usize| if self.upside_down { side - 1 - n / side } else { n / side };
            let at = |n: usize| (self.value)(band, row(n), n % side);
            let values = (0..side * side).map(|n| turn(at(n).unwrap_or_else(|| self.pixel(band, row(n), n % side))));
            let mut raster = dataset.rasterband(band + 1).unwrap();
            if self.nodata.is_some() {
                raster.set_no_data_value(self.nodata).unwrap();
            }
            let mut buffer = Buffer::new((side, side), values.collect());
            raster.write((0, 0), (side, side), &mut buffer).unwrap();
        }
        dataset.close().unwrap();
    }

    /// Fields of 12 pixels with texture, noise of the year, and in 2025 a building site in each zone.
    pub fn pixel(&self, band: usize, row: usize, col: usize) -> u16 {
        let field = noise(&[row as u64 / 12, col as u64 / 12, band as u64]) % 900;
        let grain = noise(&[row as u64, col as u64, band as u64]) % 120;
        let year = noise(&[row as u64, col as u64, band as u64, self.year as u64]) % 40;
        let inside = |start: usize| (start..start + 12).contains(&row) && (start..start + 12).contains(&col);
        let built = self.year >= 2025 && (inside(40) || inside(120));
        let base = if built { 3200 + 300 * band as u64 } else { 700 + 250 * band as u64 };
        (base + field + grain + year) as u16
    }
}

/// A number that follows from others.
pub fn noise(of: &[u64]) -> u64 {
    of.iter().fold(0x9e37_79b9_7f4a_7c15, |state: u64, value| {
        let mixed = (state ^ value.wrapping_add(0x1234_5677)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    })
}

/// A square of `side` pixels as `GeoJSON` text of its geometry; its upper left corner at (row, col).
pub fn square(row: usize, col: usize, side: usize) -> String {
    let (x, y) = (ORIGIN.0 + 10.0 * col as f64, ORIGIN.1 - 10.0 * row as f64);
    let far = 10.0 * side as f64;
    let corners = [(x, y), (x, y - far), (x + far, y - far), (x + far, y), (x, y)];
    polygon(&corners.map(|(x, y)| format!("[{x},{y}]")).join(","))
}

/// A polygon of one ring, given as text.
pub fn polygon(ring: &str) -> String {
    format!(r#"{{"type":"Polygon","coordinates":[[{ring}]]}}"#)
}

/// A feature with an identity and a geometry.
pub fn feature(id: &Value, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{"id":{id}}},"geometry":{geometry}}}"#)
}

/// Every file below a folder with its bytes' hash; a pipe or a device is only named.
pub fn listing(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.push((entry.path(), "folder".to_owned()));
            found.extend(listing(&entry.path()));
        } else if kind.is_file() {
            let bytes = std::fs::read(entry.path());
            found.push((entry.path(), bytes.map_or_else(|e| e.to_string(), |b| digest(&b))));
        } else {
            found.push((entry.path(), format!("{kind:?}")));
        }
    }
    found.sort();
    found
}

fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{} bytes, {:016x}", bytes.len(), hasher.finish())
}

/// What lies in a folder that no finished or failed run may leave.
pub fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let odd = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        [".part", "-journal", "-wal", "-shm"].iter().any(|end| name.ends_with(end))
    };
    listing(folder).into_iter().map(|entry| entry.0).filter(|path| odd(path)).collect()
}

/// What `PRAGMA integrity_check` says of a ledger.
pub fn integrity(ledger: &Path) -> String {
    let database = rusqlite::Connection::open(ledger).unwrap();
    database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap_or_else(|e| e.to_string())
}
