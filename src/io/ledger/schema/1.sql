-- Version 1. Frozen: what a released ledger holds is changed by a later version's statements, never here.
-- Identity of rows is the column uuid; fid belongs to this file alone.

CREATE TABLE ecoredline_ledger (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE runs (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE, started DATETIME NOT NULL, finished DATETIME NOT NULL,
  project TEXT NOT NULL, program TEXT NOT NULL, gdal TEXT NOT NULL,
  comparisons INTEGER NOT NULL, flags_n INTEGER NOT NULL,
  new_n INTEGER NOT NULL, known_n INTEGER NOT NULL, gone_n INTEGER NOT NULL, notices_n INTEGER NOT NULL,
  origin TEXT);

CREATE TABLE zones (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON,
  uuid TEXT NOT NULL UNIQUE, layer TEXT NOT NULL, zone_id TEXT NOT NULL, bnd_ver TEXT NOT NULL, geom_hash TEXT NOT NULL,
  zone_nm TEXT, zone_knd TEXT, zone_lvl TEXT, func_zn TEXT, valid_from DATE, valid_to DATE,
  bnd_err_m DOUBLE, ring_m DOUBLE, strict INTEGER, area_m2 DOUBLE, area_mu DOUBLE,
  first_run TEXT NOT NULL, last_run TEXT NOT NULL, origin TEXT,
  UNIQUE (layer, zone_id, bnd_ver, geom_hash));

CREATE TABLE scenes (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE, img_kind TEXT NOT NULL, date DATE NOT NULL, hash TEXT NOT NULL,
  sensor TEXT, gsd_m DOUBLE, crs TEXT, bands TEXT, paths TEXT,
  first_run TEXT NOT NULL, last_run TEXT NOT NULL, origin TEXT,
  UNIQUE (img_kind, date, hash));

CREATE TABLE comparisons (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE, img_kind TEXT NOT NULL,
  t1_date DATE NOT NULL, t1_sens TEXT, t1_gsd DOUBLE, t1_hash TEXT, t1_scene TEXT NOT NULL REFERENCES scenes (uuid),
  t2_date DATE NOT NULL, t2_sens TEXT, t2_gsd DOUBLE, t2_hash TEXT, t2_scene TEXT NOT NULL REFERENCES scenes (uuid),
  method TEXT NOT NULL, thr_rule TEXT, threshold DOUBLE, separation DOUBLE,
  shift_e_m DOUBLE, shift_n_m DOUBLE, shift_m DOUBLE, min_m2 DOUBLE, pixels INTEGER, parameters TEXT NOT NULL,
  chg_m2 DOUBLE, unchg_m2 DOUBLE, notobs_m2 DOUBLE, flags_n INTEGER,
  crs TEXT, tables TEXT, program TEXT, gdal TEXT,
  first_run TEXT NOT NULL, last_run TEXT NOT NULL, origin TEXT);

CREATE TABLE zone_tallies (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE,
  comparison TEXT NOT NULL REFERENCES comparisons (uuid), zone TEXT NOT NULL REFERENCES zones (uuid),
  chg_m2 DOUBLE, unchg_m2 DOUBLE, notobs_m2 DOUBLE, flags_n INTEGER,
  r_chg_m2 DOUBLE, r_unchg_m2 DOUBLE, r_nobs_m2 DOUBLE, r_flags_n INTEGER,
  first_run TEXT NOT NULL, last_run TEXT NOT NULL, origin TEXT,
  UNIQUE (comparison, zone));

-- The patch record. Columns from city_cd on belong to people; a run never writes them.
CREATE TABLE flags (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON,
  uuid TEXT NOT NULL UNIQUE, patch_id TEXT NOT NULL UNIQUE, comparison TEXT NOT NULL REFERENCES comparisons (uuid),
  zone_id TEXT, zone_nm TEXT, zone_knd TEXT, zone_lvl TEXT, func_zn TEXT, bnd_ver TEXT, zones_n INTEGER, place TEXT,
  ovl_m2 DOUBLE, ovl_pct DOUBLE, d_bnd_m DOUBLE, from_cls TEXT, to_cls TEXT, lon DOUBLE, lat DOUBLE,
  area_m2 DOUBLE, area_mu DOUBLE, pixels INTEGER, img_kind TEXT NOT NULL,
  t1_date DATE NOT NULL, t1_sens TEXT, t1_gsd DOUBLE, t2_date DATE NOT NULL, t2_sens TEXT, t2_gsd DOUBLE,
  method TEXT, score DOUBLE, score_max DOUBLE, threshold DOUBLE,
  state TEXT NOT NULL, severity TEXT, risk DOUBLE, risk_why TEXT,
  first_run TEXT NOT NULL, last_run TEXT NOT NULL, origin TEXT,
  prev_id TEXT, city_cd TEXT(6), cnty_cd TEXT(6), town TEXT, site TEXT, act_cd TEXT(2), act_nm TEXT, chg_ty TEXT,
  conf TEXT, rej_cd TEXT(2), interp TEXT, int_date DATE, audit TEXT, aud_date DATE);
CREATE INDEX flags_by_comparison ON flags (img_kind, t1_date, t2_date);

CREATE TABLE flag_zones (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE,
  flag TEXT NOT NULL REFERENCES flags (uuid), zone TEXT NOT NULL REFERENCES zones (uuid),
  rank INTEGER NOT NULL, place TEXT, ovl_m2 DOUBLE, ovl_pct DOUBLE, d_bnd_m DOUBLE,
  first_run TEXT NOT NULL, last_run TEXT NOT NULL, origin TEXT);
CREATE INDEX flag_zones_by_flag ON flag_zones (flag);

-- Review decisions: one row is one act of one person, chained by hashes, never changed.
CREATE TABLE decisions (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE, flag TEXT NOT NULL REFERENCES flags (uuid), decided DATETIME NOT NULL, who TEXT NOT NULL,
  action TEXT NOT NULL, before TEXT, after TEXT, reason TEXT, evidence TEXT, previous TEXT, hash TEXT NOT NULL,
  origin TEXT);
CREATE INDEX decisions_by_flag ON decisions (flag);
CREATE TRIGGER decisions_keep BEFORE UPDATE ON decisions
  BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
  BEGIN SELECT RAISE(ABORT, 'decisions are never removed'); END;
CREATE TRIGGER decisions_once BEFORE INSERT ON decisions
  WHEN EXISTS (SELECT 1 FROM decisions WHERE uuid = NEW.uuid OR fid = NEW.fid)
  BEGIN SELECT RAISE(ABORT, 'decisions are never replaced'); END;

-- One encroachment over many years: the flags of each period that belong to it.
CREATE TABLE cases (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE, code TEXT NOT NULL UNIQUE, name TEXT, state TEXT, opened DATE, closed DATE,
  first_run TEXT, last_run TEXT, origin TEXT);
CREATE TABLE case_flags (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE,
  casefile TEXT NOT NULL REFERENCES cases (uuid), flag TEXT NOT NULL REFERENCES flags (uuid), change TEXT,
  first_run TEXT, last_run TEXT, origin TEXT,
  UNIQUE (casefile, flag));
