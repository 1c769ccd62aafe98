//! The planted encroachments: outline, kind, first year, growth and restoration. The same outlines paint the scenes and write the truth.

use super::banks::bank;
use super::scene::Ground;
use super::shape::{Point, rectangle, ribbon, to_decimetre, turned};
use super::works::Works;

/// One outline that appears in one year.
#[derive(Debug, Clone)]
pub struct Stage {
    /// First year in which the yearly scene shows it.
    pub year: i32,
    /// Outline in local metres.
    pub outline: Vec<Point>,
    /// What stands on it.
    pub works: Works,
}

/// One encroachment with its life.
#[derive(Debug, Clone)]
pub struct Encroachment {
    /// Identifier.
    pub id: &'static str,
    /// Kind in Chinese and English.
    pub kind: (&'static str, &'static str),
    /// Activity code of the project's own list.
    pub activity: &'static str,
    /// Outlines in order of their years.
    pub stages: Vec<Stage>,
    /// First year in which the ground is restored.
    pub restored: Option<i32>,
    /// Whether its contrast is below three standard deviations of its surroundings.
    pub subtle: bool,
    /// What is special, for the README.
    pub note: &'static str,
}

fn one(
    id: &'static str,
    kind: (&'static str, &'static str),
    activity: &'static str,
    (year, outline, works): (i32, Vec<Point>, Works),
) -> Encroachment {
    let stages = vec![Stage { year, outline: to_decimetre(&outline), works }];
    Encroachment { id, kind, activity, stages, restored: None, subtle: false, note: "" }
}

impl Encroachment {
    fn noted(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    fn subtle(self, note: &'static str) -> Self {
        Self { subtle: true, ..self.noted(note) }
    }

    fn then(mut self, year: i32, outline: &[Point], works: Works) -> Self {
        self.stages.push(Stage { year, outline: to_decimetre(outline), works });
        self
    }
}

/// Every planted encroachment.
pub fn all() -> Vec<Encroachment> {
    [first_years(), later_years()].concat()
}

fn first_years() -> Vec<Encroachment> {
    let hall = rectangle(1408.0, 1130.0, 91.0, 84.0);
    let mut fill = one("E04", ("湿地围填", "wetland fill"), "12", (2022, reed_edge(), Works::Fill));
    fill.restored = Some(2024);
    vec![
        one("E01", ("江滩砂场", "sand yard on the bank"), "01", (2022, sand_yard(), Works::SandYard)),
        one("E02", ("厂房扩建", "factory extension"), "02", (2022, hall, Works::Factory))
            .then(2023, &rectangle(1420.0, 1218.0, 79.0, 62.0), Works::Factory)
            .noted("grows over two years, from the park across the red line"),
        one("E03", ("停车场", "parking lot"), "10", (2022, rectangle(700.0, 1136.0, 52.0, 24.0), Works::Parking))
            .noted("only in the outer ring of the wetland park"),
        fill.noted("restored to reed in 2024"),
        one("E05", ("棚屋", "shed"), "08", (2022, rectangle(641.0, bank(650.0) + 172.0, 18.0, 14.0), Works::Shed))
            .noted("the smallest, 252 m²"),
        one("E06", ("码头", "wharf"), "05", (2023, pier(), Works::Pier)),
        one(
            "E07",
            ("湿地公园内仓库", "warehouse in the wetland park"),
            "02",
            (2023, rectangle(772.0, 760.0, 62.0, 42.0), Works::Warehouse),
        ),
        one(
            "E08",
            ("旅游木屋", "tourist huts"),
            "04",
            (2023, turned([1235.0, 216.0], 46.0, 30.0, [1.0, 0.08]), Works::Huts),
        )
        .noted("in the core zone of the reserve"),
        one("E09", ("林地采伐", "forest clearing"), "24", (2023, clearing(), Works::Clearing))
            .subtle("trees felled, scrub remains: low contrast"),
    ]
}

fn later_years() -> Vec<Encroachment> {
    vec![
        one(
            "E10",
            ("围垦养殖池塘", "pond excavation (aquaculture)"),
            "06",
            (2024, rectangle(292.0, 968.0, 118.0, 96.0), Works::Ponds),
        )
        .noted("inside the red line of 2018, outside that of 2024"),
        one("E11", ("道路开挖", "road cut"), "07", (2024, road(), Works::Road)),
        one("E12", ("光伏电站", "solar field"), "03", (2024, rectangle(70.0, 1604.0, 124.0, 102.0), Works::SolarField)),
        one(
            "E13",
            ("跨线仓库", "warehouse across a zone line"),
            "02",
            (2024, rectangle(1040.0, 846.0, 44.0, 30.0), Works::Warehouse),
        )
        .noted("exactly half inside: the wetland park's line runs through its middle"),
        one("E14", ("取土采石场", "quarry / bare cut"), "01", (2025, quarry(), Works::Quarry)),
        one("E15", ("固体废物堆", "solid-waste heap"), "20", (2025, heap(), Works::Heap)),
        one("E16", ("农村住宅", "house group"), "08", (2025, rectangle(1114.0, 1612.0, 42.0, 54.0), Works::Houses)),
        one(
            "E17",
            ("湿地垦种", "reed turned to soybean"),
            "09",
            (2025, rectangle(640.0, 722.0, 92.0, 58.0), Works::Crop),
        )
        .subtle("plants replace plants: low contrast"),
        one("E18", ("储罐组", "tank group"), "02", (2025, rectangle(1446.0, 738.0, 46.0, 46.0), Works::Tanks))
            .noted("8 m high; seen by satellite, drone and surface model"),
        one("E19", ("基坑开挖", "excavation"), "22", (2025, rectangle(1450.0, 884.0, 40.0, 28.0), Works::Pit))
            .noted("2.5 m deep; seen by satellite, drone and surface model"),
    ]
}

fn sand_yard() -> Vec<Point> {
    let edge = |east: f64, off: f64| [east, bank(east) + off];
    vec![
        edge(936.0, 4.0),
        edge(980.0, 5.0),
        edge(1042.0, 4.0),
        edge(1046.0, 60.0),
        edge(990.0, 66.0),
        edge(938.0, 58.0),
    ]
}

fn pier() -> Vec<Point> {
    let edge = bank(392.0);
    vec![
        [386.0, edge + 24.0],
        [386.0, edge - 38.0],
        [356.0, edge - 38.0],
        [356.0, edge - 54.0],
        [430.0, edge - 54.0],
        [430.0, edge - 38.0],
        [397.0, edge - 38.0],
        [397.0, edge + 24.0],
    ]
}

fn reed_edge() -> Vec<Point> {
    vec![[548.0, 728.0], [632.0, 724.0], [636.0, 772.0], [604.0, 786.0], [556.0, 778.0]]
}

fn clearing() -> Vec<Point> {
    vec![[1338.0, 928.0], [1392.0, 922.0], [1408.0, 956.0], [1398.0, 996.0], [1352.0, 1000.0], [1332.0, 964.0]]
}

fn road() -> Vec<Point> {
    ribbon(&[[1302.0, 1040.0], [1350.0, 1046.0], [1392.0, 1070.0], [1428.0, 1080.0], [1500.0, 1082.0]], 4.5)
}

fn quarry() -> Vec<Point> {
    vec![[1338.0, 1396.0], [1402.0, 1386.0], [1446.0, 1410.0], [1440.0, 1468.0], [1396.0, 1486.0], [1346.0, 1466.0]]
}

fn heap() -> Vec<Point> {
    vec![[1246.0, 816.0], [1264.0, 812.0], [1276.0, 822.0], [1270.0, 840.0], [1252.0, 842.0], [1243.0, 830.0]]
}

/// Paints what stands in a year.
pub fn build(ground: &mut Ground, year: i32) {
    for encroachment in all() {
        if encroachment.restored.is_some_and(|restored| year >= restored) {
            continue;
        }
        for stage in encroachment.stages.iter().filter(|s| s.year <= year) {
            stage.works.build(ground, &stage.outline);
        }
    }
}
