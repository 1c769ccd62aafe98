-- Version 3: how much of the changed area lies in discarded patches, and whether enough was seen of a zone and its ring.
ALTER TABLE comparisons ADD COLUMN disc_m2 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN disc_m2 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN r_disc_m2 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN enough INTEGER;
ALTER TABLE zone_tallies ADD COLUMN r_enough INTEGER;
-- Ground moved between two surfaces, with half the 95 % interval of each volume, and the offset of their heights.
ALTER TABLE flags ADD COLUMN cut_m3 DOUBLE;
ALTER TABLE flags ADD COLUMN cut_e_m3 DOUBLE;
ALTER TABLE flags ADD COLUMN fill_m3 DOUBLE;
ALTER TABLE flags ADD COLUMN fill_e_m3 DOUBLE;
ALTER TABLE flags ADD COLUMN net_m3 DOUBLE;
ALTER TABLE flags ADD COLUMN net_e_m3 DOUBLE;
ALTER TABLE comparisons ADD COLUMN cut_m3 DOUBLE;
ALTER TABLE comparisons ADD COLUMN cut_e_m3 DOUBLE;
ALTER TABLE comparisons ADD COLUMN fill_m3 DOUBLE;
ALTER TABLE comparisons ADD COLUMN fill_e_m3 DOUBLE;
ALTER TABLE comparisons ADD COLUMN net_m3 DOUBLE;
ALTER TABLE comparisons ADD COLUMN net_e_m3 DOUBLE;
ALTER TABLE comparisons ADD COLUMN dz_m DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN cut_m3 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN cut_e_m3 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN fill_m3 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN fill_e_m3 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN net_m3 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN net_e_m3 DOUBLE;
