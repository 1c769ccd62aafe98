-- Version 2: what can be said at the line, what a flag may be, the false-change tests that it passed.
ALTER TABLE flags ADD COLUMN ovl_se_m2 DOUBLE;
ALTER TABLE flags ADD COLUMN p_inside DOUBLE;
ALTER TABLE flags ADD COLUMN line TEXT;
ALTER TABLE flags ADD COLUMN sug_cd TEXT(2);
ALTER TABLE flags ADD COLUMN sug_why TEXT;
ALTER TABLE flags ADD COLUMN tests TEXT;
ALTER TABLE flag_zones ADD COLUMN ovl_se_m2 DOUBLE;
ALTER TABLE flag_zones ADD COLUMN p_inside DOUBLE;
ALTER TABLE flag_zones ADD COLUMN line TEXT;
