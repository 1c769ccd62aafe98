-- Version 3: how much of the changed area lies in discarded patches, and whether enough was seen of a zone and its ring.
ALTER TABLE comparisons ADD COLUMN disc_m2 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN disc_m2 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN r_disc_m2 DOUBLE;
ALTER TABLE zone_tallies ADD COLUMN enough INTEGER;
ALTER TABLE zone_tallies ADD COLUMN r_enough INTEGER;
