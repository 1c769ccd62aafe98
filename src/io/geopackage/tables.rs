//! The tables of `flags.gpkg`, column by column. Names are ASCII and at most ten letters, so that they survive a
//! shapefile; people see the names of the language files. `flags` is the patch record: columns that only people fill
//! (activity, verdict, reader) are there and empty, so the form is whole.

/// A table: name, whether it has outlines, columns with their `GeoPackage` type.
pub struct Table {
    /// Name.
    pub name: &'static str,
    /// Whether it is a layer.
    pub has_geometry: bool,
    /// Columns beside `fid` and `geom`, in groups that several tables share.
    groups: &'static [&'static [Column]],
}

/// A column's name and type.
type Column = (&'static str, &'static str);

impl Table {
    /// The statement that creates it.
    pub fn sql(&self) -> String {
        let mut columns = vec!["fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL".to_owned()];
        if self.has_geometry {
            columns.push("geom MULTIPOLYGON".to_owned());
        }
        columns.extend(self.columns().map(|(name, kind)| format!("\"{name}\" {kind}")));
        format!("CREATE TABLE \"{}\" ({})", self.name, columns.join(", "))
    }

    /// Columns beside `fid` and `geom`.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> {
        self.groups.iter().copied().flatten()
    }
}

/// Every table of `flags.gpkg`.
pub const TABLES: [Table; 6] = [
    Table { name: "flags", has_geometry: true, groups: FLAGS },
    Table { name: "zones", has_geometry: true, groups: ZONES },
    Table { name: "discarded", has_geometry: true, groups: DISCARDED },
    Table { name: "flag_zones", has_geometry: false, groups: FLAG_ZONES },
    Table { name: "comparisons", has_geometry: false, groups: COMPARISONS },
    Table { name: "notices", has_geometry: false, groups: &[NOTICES] },
];

/// What every table says of a zone.
const ZONE_NAMES: &[Column] = &[
    ("zone_id", "TEXT"),
    ("zone_nm", "TEXT"),
    ("zone_knd", "TEXT"),
    ("zone_lvl", "TEXT"),
    ("func_zn", "TEXT"),
    ("bnd_ver", "TEXT"),
];

/// What every table says of the two images.
const IMAGES: &[Column] = &[
    ("img_kind", "TEXT"),
    ("t1_date", "DATE"),
    ("t1_sens", "TEXT"),
    ("t1_gsd", "DOUBLE"),
    ("t2_date", "DATE"),
    ("t2_sens", "TEXT"),
    ("t2_gsd", "DOUBLE"),
];

/// What every table says of a patch and a zone.
const OVERLAP: &[Column] = &[
    ("ovl_m2", "DOUBLE"),
    ("ovl_se_m2", "DOUBLE"),
    ("ovl_pct", "DOUBLE"),
    ("d_bnd_m", "DOUBLE"),
    ("p_inside", "DOUBLE"),
    ("line", "TEXT"),
];

/// What every table says of ground that was moved between two surfaces.
const VOLUMES: &[Column] = &[
    ("cut_m3", "DOUBLE"),
    ("cut_e_m3", "DOUBLE"),
    ("fill_m3", "DOUBLE"),
    ("fill_e_m3", "DOUBLE"),
    ("net_m3", "DOUBLE"),
    ("net_e_m3", "DOUBLE"),
];

const FLAGS: &[&[Column]] = &[
    &[
        ("patch_id", "TEXT(24)"),
        ("prev_id", "TEXT(24)"),
        ("uuid", "TEXT(36)"),
        ("city_cd", "TEXT(6)"),
        ("cnty_cd", "TEXT(6)"),
        ("town", "TEXT"),
        ("site", "TEXT"),
    ],
    ZONE_NAMES,
    &[("zones_n", "INTEGER"), ("place", "TEXT")],
    OVERLAP,
    &[
        ("sug_cd", "TEXT(2)"),
        ("sug_why", "TEXT"),
        ("act_cd", "TEXT(2)"),
        ("act_nm", "TEXT"),
        ("chg_ty", "TEXT"),
        ("from_cls", "TEXT"),
        ("to_cls", "TEXT"),
        ("lon", "DOUBLE"),
        ("lat", "DOUBLE"),
        ("area_m2", "DOUBLE"),
        ("area_mu", "DOUBLE"),
        ("pixels", "INTEGER"),
    ],
    VOLUMES,
    IMAGES,
    &[
        ("method", "TEXT"),
        ("score", "DOUBLE"),
        ("score_max", "DOUBLE"),
        ("threshold", "DOUBLE"),
        ("conf", "TEXT"),
        ("state", "TEXT"),
        ("rej_cd", "TEXT(2)"),
        ("severity", "TEXT"),
        ("risk", "DOUBLE"),
        ("risk_why", "TEXT"),
        ("tests", "TEXT"),
        ("interp", "TEXT"),
        ("int_date", "DATE"),
        ("audit", "TEXT"),
        ("aud_date", "DATE"),
    ],
];

const DISCARDED: &[&[Column]] = &[
    &[("rej_cd", "TEXT(2)"), ("rej_why", "TEXT")],
    ZONE_NAMES,
    &[
        ("from_cls", "TEXT"),
        ("to_cls", "TEXT"),
        ("lon", "DOUBLE"),
        ("lat", "DOUBLE"),
        ("area_m2", "DOUBLE"),
        ("score", "DOUBLE"),
    ],
    IMAGES,
    &[("tests", "TEXT")],
];

const ZONES: &[&[Column]] = &[
    &[("layer", "TEXT")],
    ZONE_NAMES,
    &[
        ("valid_from", "DATE"),
        ("valid_to", "DATE"),
        ("bnd_err_m", "DOUBLE"),
        ("ring_m", "DOUBLE"),
        ("strict", "INTEGER"),
        ("area_m2", "DOUBLE"),
        ("area_mu", "DOUBLE"),
        ("img_kind", "TEXT"),
        ("t1_date", "DATE"),
        ("t2_date", "DATE"),
        ("chg_m2", "DOUBLE"),
        ("unchg_m2", "DOUBLE"),
        ("notobs_m2", "DOUBLE"),
        ("disc_m2", "DOUBLE"),
        ("enough", "INTEGER"),
        ("flags_n", "INTEGER"),
        ("r_chg_m2", "DOUBLE"),
        ("r_unchg_m2", "DOUBLE"),
        ("r_nobs_m2", "DOUBLE"),
        ("r_disc_m2", "DOUBLE"),
        ("r_enough", "INTEGER"),
        ("r_flags_n", "INTEGER"),
    ],
    VOLUMES,
];

const FLAG_ZONES: &[&[Column]] = &[
    &[("patch_id", "TEXT(24)"), ("uuid", "TEXT(36)"), ("rank", "INTEGER"), ("layer", "TEXT")],
    ZONE_NAMES,
    &[("strict", "INTEGER"), ("place", "TEXT")],
    OVERLAP,
];

const COMPARISONS: &[&[Column]] = &[COMPARED, VOLUMES];

const COMPARED: &[Column] = &[
    ("img_kind", "TEXT"),
    ("t1_date", "DATE"),
    ("t1_sens", "TEXT"),
    ("t1_gsd", "DOUBLE"),
    ("t1_hash", "TEXT"),
    ("t2_date", "DATE"),
    ("t2_sens", "TEXT"),
    ("t2_gsd", "DOUBLE"),
    ("t2_hash", "TEXT"),
    ("method", "TEXT"),
    ("thr_rule", "TEXT"),
    ("threshold", "DOUBLE"),
    ("separation", "DOUBLE"),
    ("shift_e_m", "DOUBLE"),
    ("shift_n_m", "DOUBLE"),
    ("shift_m", "DOUBLE"),
    ("resid_m", "DOUBLE"),
    ("min_m2", "DOUBLE"),
    ("pixels", "INTEGER"),
    ("chg_m2", "DOUBLE"),
    ("unchg_m2", "DOUBLE"),
    ("notobs_m2", "DOUBLE"),
    ("disc_m2", "DOUBLE"),
    ("flags_n", "INTEGER"),
    ("crs", "TEXT"),
    ("tables", "TEXT"),
    ("program", "TEXT"),
    ("gdal", "TEXT"),
    ("dz_m", "DOUBLE"),
];

const NOTICES: &[Column] =
    &[("code", "TEXT"), ("weight", "TEXT"), ("file", "TEXT"), ("what", "TEXT"), ("why", "TEXT"), ("advice", "TEXT")];
