//! The simulated zones: eleven kinds and functions with overlaps, a hole, a part apart, and two versions of the red line.

use super::banks::{self, bank};
use super::shape::{Point, blob, rectangle, to_decimetre};

/// One zone: polygons of rings, the first ring of each the outer one.
#[derive(Debug, Clone)]
pub struct SimulatedZone {
    /// Layer it belongs to.
    pub layer: &'static str,
    /// `zone_id`, `name`, `kind`, `level`, `func`.
    pub words: [&'static str; 5],
    /// `valid_from` and `valid_to`; empty where open.
    pub valid: [&'static str; 2],
    /// Polygons, local metres.
    pub polygons: Vec<Vec<Vec<Point>>>,
}

/// Layers of `zones.gpkg`, in writing order.
pub const LAYERS: [&str; 5] = ["protected_areas", "water_sources", "clear_water", "red_line_2018", "red_line_2024"];

fn zone(layer: &'static str, words: [&'static str; 5], rings: &[Vec<Point>]) -> SimulatedZone {
    let rings = rings.iter().map(|ring| to_decimetre(ring)).collect();
    SimulatedZone { layer, words, valid: ["2018-06-09", ""], polygons: vec![rings] }
}

/// Every zone.
pub fn all() -> Vec<SimulatedZone> {
    [protected_areas(), water_sources(), red_lines()].concat()
}

fn protected_areas() -> Vec<SimulatedZone> {
    let core = blob(banks::ISLAND, [370.0, 52.0], 0.08, 0x2051);
    let reserve = blob(banks::ISLAND, [490.0, 92.0], 0.05, 0x2052);
    let spawning = banks::belt(0.0, 1440.0, |east| 118.0 - bank(east), |_| -2.0);
    let layer = "protected_areas";
    vec![
        zone(
            layer,
            ["ZR-01-HX", "瓜洲西沙洲江滩湿地自然保护区", "自然保护区", "省级", "核心保护区"],
            std::slice::from_ref(&core),
        ),
        zone(layer, ["ZR-01-YB", "瓜洲西沙洲江滩湿地自然保护区", "自然保护区", "省级", "一般控制区"], &[reserve, core]),
        zone(layer, ["SD-01", "瓜洲古渡湿地公园", "湿地公园", "省级", ""], &[wetland_park()]),
        zone(layer, ["SC-01", "长江瓜洲段四大家鱼水产种质资源保护区", "水产种质资源保护区", "国家级", ""], &[spawning]),
        zone(
            layer,
            ["GK-01", "瓜洲重要湿地生态空间管控区域", "省级生态空间管控区域", "省级", ""],
            &[important_wetland()],
        ),
        zone(layer, ["GK-02", "瓜洲渔业水域生态空间管控区域", "省级生态空间管控区域", "省级", ""], &[fishery()]),
        zone(
            layer,
            ["HC-01", "瓜洲东片生态安全缓冲区", "生态安全缓冲区", "市级", ""],
            &[rectangle(1306.0, 688.0, 192.0, 864.0)],
        ),
        zone(
            layer,
            ["HG-01", "古渡沿江化工园区（模拟）", "沿江化工园区", "省级", ""],
            &[rectangle(1498.0, 690.0, 882.0, 850.0)],
        ),
    ]
}

/// The wetland park; its east line at 1062 m runs through the middle of one encroachment, its north line lies at 1130 m.
fn wetland_park() -> Vec<Point> {
    vec![
        [232.0, 712.0],
        [480.0, 700.0],
        [820.0, 704.0],
        [1062.0, 716.0],
        [1062.0, 1130.0],
        [560.0, 1130.0],
        [262.0, 1116.0],
        [214.0, 930.0],
    ]
}

fn important_wetland() -> Vec<Point> {
    vec![
        [120.0, 676.0],
        [600.0, 668.0],
        [980.0, 676.0],
        [980.0, 1100.0],
        [640.0, 1108.0],
        [300.0, 1092.0],
        [150.0, 1010.0],
    ]
}

fn fishery() -> Vec<Point> {
    vec![[36.0, 1176.0], [420.0, 1176.0], [424.0, 1548.0], [300.0, 1600.0], [300.0, 1742.0], [40.0, 1736.0]]
}

fn water_sources() -> Vec<SimulatedZone> {
    let reach = |from: f64, to: f64, south: f64, inland: f64| {
        to_decimetre(&banks::belt(from, to, |east| south - bank(east), |_| inland))
    };
    let layer = "water_sources";
    let name = "长江瓜洲（模拟）饮用水水源地";
    let second = SimulatedZone {
        polygons: vec![vec![reach(20.0, 260.0, 250.0, 232.0)], vec![reach(860.0, 1130.0, 290.0, 232.0)]],
        ..zone(layer, ["YS-01-2", name, "饮用水水源保护区", "县级以上", "二级"], &[])
    };
    vec![
        zone(layer, ["YS-01-1", name, "饮用水水源保护区", "县级以上", "一级"], &[reach(260.0, 860.0, 285.0, 228.0)]),
        second,
        zone(
            layer,
            ["YS-01-Z", name, "饮用水水源保护区", "县级以上", "准保护区"],
            &[reach(1130.0, 1390.0, 290.0, 150.0)],
        ),
        clear_water(),
    ]
}

fn clear_water() -> SimulatedZone {
    let axis: Vec<Point> = banks::canal().into_iter().filter(|p| p[1] >= 540.0 && p[1] <= 1900.0).collect();
    let side = |off: f64| axis.iter().map(move |p| [p[0] + off, p[1]]);
    let outline: Vec<Point> = side(-98.0).chain(side(98.0).rev()).collect();
    zone("clear_water", ["QS-01", "瓜洲运河清水通道维护区", "清水通道维护区", "省级", ""], &[outline])
}

fn red_lines() -> Vec<SimulatedZone> {
    let kind = "国家级生态保护红线";
    let old =
        |words, ring| SimulatedZone { valid: ["2018-06-09", "2023-12-31"], ..zone("red_line_2018", words, &[ring]) };
    let new = |words, ring| SimulatedZone { valid: ["2024-01-01", ""], ..zone("red_line_2024", words, &[ring]) };
    vec![
        old(["HX2018-01", "瓜洲湿地生态保护红线（2018版）", kind, "国家级", ""], wetland_line_2018()),
        old(
            ["HX2018-02", "瓜洲沿江防护林生态保护红线（2018版）", kind, "国家级", ""],
            rectangle(1328.0, 900.0, 136.0, 610.0),
        ),
        new(["HX2024-01", "瓜洲湿地生态保护红线（2024版）", kind, "国家级", ""], wetland_line_2024()),
        new(
            ["HX2024-02", "瓜洲沿江防护林生态保护红线（2024版）", kind, "国家级", ""],
            rectangle(1316.0, 860.0, 172.0, 676.0),
        ),
        new(
            ["HX2024-03", "瓜洲西沙洲生态保护红线（2024版）", kind, "国家级", ""],
            blob(banks::ISLAND, [380.0, 58.0], 0.08, 0x2051),
        ),
    ]
}

fn wetland_line_2018() -> Vec<Point> {
    vec![
        [250.0, 690.0],
        [560.0, 664.0],
        [900.0, 676.0],
        [1000.0, 720.0],
        [1006.0, 900.0],
        [940.0, 1060.0],
        [600.0, 1090.0],
        [286.0, 1080.0],
    ]
}

fn wetland_line_2024() -> Vec<Point> {
    vec![
        [250.0, 690.0],
        [560.0, 664.0],
        [900.0, 668.0],
        [1090.0, 700.0],
        [1094.0, 808.0],
        [1006.0, 820.0],
        [980.0, 1080.0],
        [600.0, 1100.0],
        [460.0, 1010.0],
        [440.0, 900.0],
        [262.0, 880.0],
    ]
}
