-- Version 4: the misfit that is left between two scenes, and what became what between two land-cover maps.
ALTER TABLE comparisons ADD COLUMN resid_m DOUBLE;

-- One cell of a transfer matrix, over the union of all zones compared. Cells without area have no row.
CREATE TABLE transfers (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  uuid TEXT NOT NULL UNIQUE, comparison TEXT NOT NULL REFERENCES comparisons (uuid),
  from_code INTEGER NOT NULL, from_name TEXT, from_cls TEXT,
  to_code INTEGER NOT NULL, to_name TEXT, to_cls TEXT,
  area_m2 DOUBLE NOT NULL, area_mu DOUBLE,
  first_run TEXT NOT NULL, last_run TEXT NOT NULL, origin TEXT,
  UNIQUE (comparison, from_code, to_code));
