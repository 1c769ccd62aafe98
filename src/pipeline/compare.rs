//! One comparison: two scenes and the zones in force → areas, flags and the evidence behind them.

use geo::BoundingRect;
use geo_types::MultiPolygon;
use xxhash_rust::xxh3::Xxh3;

use crate::detect::change::ChangeMethod;
use crate::detect::cover::{Classifier, Epoch};
use crate::detect::legend::LegendPair;
use crate::detect::piece::{Piece, PieceRules};
use crate::io::raster::{Damage, RasterWriter, damage_notices};
use crate::job::Progress;
use crate::ledger::KnownFlag;
use crate::model::grid::Window;
use crate::model::notice::{Notice, Weight};
use crate::model::outcome::ComparisonOutcome;
use crate::model::raster::{PairBlock, SceneBlock, mask};
use crate::model::units::SquareMetres;
use crate::model::zone::Zone;
use crate::project::legend;
use crate::project::plan::{Plan, PlannedComparison};
use crate::screen::hits::ZoneIndex;

use super::RunOptions;
use super::align;
use super::blocks::each;
use super::chips::{Crop, MOST_BYTES};
use super::error::RunError;
use super::fit::{LEAST_RESEMBLANCE, Learnt, Settled};
use super::on_record::{OnRecord, Seen, identities, unseen_notice};
use super::pair::{PairReader, ScenePair, Told, empty_block};
use super::patches::{Flagged, Flagging, Pieces, Smallest, area_on_ground, reach_area};
use super::prepare::Prepared;
use super::surfaces;
use super::tally::{Account, TileTally, TileZones};
use super::transfers::Cells;
use super::volumes::{TileVolumes, Volumes};

/// Result rasters of a comparison, where they are wanted.
pub struct ResultRasters {
    /// 0 unchanged, 1 changed, 255 not observed.
    pub change: RasterWriter,
    /// The method's score.
    pub score: RasterWriter,
}

/// A comparison's result and what belongs beside it.
pub struct Compared {
    /// The result.
    pub outcome: ComparisonOutcome,
    /// What there is to tell.
    pub notices: Vec<Notice>,
    /// Hash of the decoded pixels of the earlier scene.
    pub before_hash: String,
    /// As `before_hash`, of the later scene.
    pub after_hash: String,
}

/// What one tile adds.
struct TileResult {
    /// Area of its pixels on the ground.
    pixel: SquareMetres,
    tally: TileTally,
    volumes: TileVolumes,
    transfers: Cells,
    pieces: Vec<Piece>,
    crops: Vec<Option<Crop>>,
    before_hash: u128,
    after_hash: u128,
    settled: Settled,
    damage: Vec<Damage>,
    /// Observed pixels of the flags on record.
    seen: Vec<(usize, f64)>,
    changed: Option<Vec<u8>>,
    scores: Option<Vec<f32>>,
}

/// What a piece must be to be more than noise, the classes of its ground, and the size of its pixels there.
struct Noise<'n> {
    classifier: &'n Classifier,
    least_pixels: usize,
}

/// Worker of the main pass: readers and buffers.
struct Worker {
    reader: PairReader,
    block: PairBlock,
    /// The block with its surroundings, for methods that look there.
    wide: PairBlock,
    scores: Vec<f32>,
    told: Told,
}

/// Compares two scenes inside the zones. `known` are the flags on record of this very comparison.
///
/// # Errors
/// Cancelled, a scene that cannot be opened any more, a result raster that cannot be written.
pub fn compare(
    plan: &Plan,
    planned: &PlannedComparison,
    known: &[KnownFlag],
    rasters: Option<ResultRasters>,
    options: &RunOptions,
    progress: &Progress,
) -> Result<Compared, RunError> {
    let prepared = Prepared::of(plan, planned);
    let learnt = prepared.learn(options, progress)?;
    let jobs = prepared.jobs(options);
    let comparison = Comparing {
        plan,
        planned,
        pair: prepared.pair,
        index: &prepared.index,
        on_record: OnRecord::new(known, &planned.grid.transform),
        tiles: &prepared.tiles,
        learnt: &learnt,
        method: prepared.method.as_ref(),
    };
    comparison.run(rasters, jobs, progress)
}

struct Comparing<'c> {
    plan: &'c Plan,
    planned: &'c PlannedComparison,
    pair: ScenePair<'c>,
    index: &'c ZoneIndex,
    on_record: OnRecord<'c>,
    tiles: &'c [Window],
    learnt: &'c Learnt,
    method: &'c dyn ChangeMethod,
}

impl Comparing<'_> {
    fn run(&self, rasters: Option<ResultRasters>, jobs: usize, progress: &Progress) -> Result<Compared, RunError> {
        progress.stage("compare", self.tiles.len() as u64)?;
        let smallest = Smallest::new(self.plan, self.planned.kind, self.pixel_m2());
        let mut pass = Pass::new(self.index.zones.len(), self.learnt.damage.clone(), rasters);
        let open = || self.worker();
        let keep = pass.rasters.is_some();
        let classifier = self.learnt.classes.classifier.clone().by_legends(self.learnt.legends.clone());
        let noise = Noise { classifier: &classifier, least_pixels: smallest.least_pixels() };
        let work = |worker: &mut Worker, at: usize, window: &Window| self.tile(worker, at, *window, &noise, keep);
        each(self.tiles, jobs, open, work, |at, result| {
            let window = self.tiles[at];
            pass.add(result, &window)?;
            Ok(progress.advance(1)?)
        })?;
        let rasters = pass.rasters.take();
        if let Some(rasters) = rasters {
            rasters.change.finish()?;
            rasters.score.finish()?;
        }
        self.conclude(&pass, &smallest, jobs, progress)
    }

    fn worker(&self) -> Result<Worker, RunError> {
        let reader = self.pair.open(&self.learnt.alignment.correction)?;
        Ok(Worker { reader, block: empty_block(), wide: empty_block(), scores: Vec::new(), told: Told::default() })
    }

    fn pixel_m2(&self) -> f64 {
        self.planned.grid.transform.pixel_area()
    }

    /// Area on the ground per planar area, at a window. It changes by parts in 10⁶ across a tile.
    fn ground_factor(&self, window: &Window) -> f64 {
        if !self.plan.ellipsoidal_areas {
            return 1.0;
        }
        let shape = MultiPolygon::from(self.planned.grid.bounds_of(window).to_polygon());
        area_on_ground(&shape, &self.plan.crs, true).0 / (window.len() as f64 * self.pixel_m2())
    }

    fn tile(
        &self,
        worker: &mut Worker,
        at: usize,
        window: Window,
        noise: &Noise<'_>,
        keep: bool,
    ) -> Result<TileResult, RunError> {
        let Worker { reader, block, wide, scores, told } = worker;
        match self.learnt.kept.take(at) {
            Some(kept) => *block = kept,
            None => reader.read_into(window, block)?,
        }
        let (before_hash, after_hash) = (hash(&block.before), hash(&block.after));
        let zones = TileZones::of(self.index, &self.planned.grid, &window);
        scores.resize(window.len(), 0.0);
        let settled = self.learnt.settle(block, &zones.domain);
        self.learnt.score(reader, (&*block, wide), &self.planned.grid, scores)?;
        let mut changed = self.changed(block, &zones.domain, scores);
        let pixel = SquareMetres(self.pixel_m2() * self.ground_factor(&window));
        let pieces = self.pieces(block, &mut changed, scores, (noise, pixel));
        let crops = pieces.iter().map(|piece| self.crop(piece, block, noise.least_pixels)).collect();
        let kept_scores = keep.then(|| observed_scores(scores, &changed));
        Ok(TileResult {
            pixel,
            tally: zones.tally(&changed),
            volumes: self.volumes(&zones, &changed, block, pixel),
            transfers: self.transfers(&zones, block, pixel),
            pieces,
            crops,
            before_hash,
            after_hash,
            settled,
            damage: reader.new_damage(told),
            seen: self.on_record.observed(&changed, &window),
            changed: keep.then_some(changed),
            scores: kept_scores,
        })
    }

    /// The change mask of a scored block.
    fn changed(&self, block: &PairBlock, domain: &[bool], scores: &[f32]) -> Vec<u8> {
        if self.learnt.fitted.is_err() {
            return vec![mask::NOT_OBSERVED; domain.len()];
        }
        let threshold = self.learnt.threshold.value.map_or(f32::INFINITY, |t| t as f32);
        let gaps = block.before.gaps.iter().zip(&block.after.gaps);
        let pixel = |((&score, &inside), (&a, &b)): ((&f32, &bool), (&u8, &u8))| {
            if inside && a | b == 0 { u8::from(score > threshold) } else { mask::NOT_OBSERVED }
        };
        scores.iter().zip(domain).zip(gaps).map(pixel).collect()
    }

    fn volumes(&self, zones: &TileZones, changed: &[u8], block: &PairBlock, pixel: SquareMetres) -> TileVolumes {
        let heights = self.learnt.fitted.as_ref().ok().and_then(|fitted| fitted.heights());
        heights.map_or_else(TileVolumes::default, |h| TileVolumes::of(zones, changed, block, &h, pixel))
    }

    fn transfers(&self, zones: &TileZones, block: &PairBlock, pixel: SquareMetres) -> Cells {
        self.common_legends().map_or_else(Cells::default, |_| Cells::of(zones, block, pixel))
    }

    /// The list of classes of two land-cover maps that compare.
    fn common_legends(&self) -> Option<&LegendPair> {
        self.learnt.legends.as_ref().filter(|_| self.learnt.fitted.is_ok())
    }

    fn pieces(
        &self,
        block: &PairBlock,
        changed: &mut [u8],
        scores: &[f32],
        (noise, pixel): (&Noise<'_>, SquareMetres),
    ) -> Vec<Piece> {
        let (Ok(fitted), Some(threshold)) = (&self.learnt.fitted, self.learnt.threshold.value) else {
            return Vec::new();
        };
        let rules = PieceRules {
            fitted: fitted.as_ref(),
            threshold: threshold as f32,
            classifier: noise.classifier,
            least_pixels: noise.least_pixels,
            pixel,
        };
        rules.pieces(block, changed, scores)
    }

    /// The picture of a piece; crumbs at the edge of a block get none.
    fn crop(&self, piece: &Piece, block: &PairBlock, least_pixels: usize) -> Option<Crop> {
        if piece.sums.pixels * 4 < least_pixels {
            return None;
        }
        let fitted = self.learnt.fitted.as_ref().ok()?;
        Some(Crop::of(piece, block, &self.learnt.stretch, fitted.as_ref()))
    }

    fn conclude(
        &self,
        pass: &Pass,
        smallest: &Smallest<'_>,
        jobs: usize,
        progress: &Progress,
    ) -> Result<Compared, RunError> {
        let flagging = Flagging {
            plan: self.plan,
            planned: self.planned,
            index: self.index,
            smallest,
            learnt: self.learnt,
            dates: (self.pair.before.date, self.pair.after.date),
            jobs,
        };
        let Flagged { flags, chips, discarded } = flagging.flags(&pass.found, progress)?;
        let reach = |zone: &Zone| reach_area(zone, &self.plan.crs, self.plan.ellipsoidal_areas);
        let mut zones = pass.account.zones(self.index, &self.plan.zones, self.pixel_m2(), reach);
        let pixel = SquareMetres(self.pixel_m2());
        let volume = self.learnt.heights.map(|fit| pass.volumes.settle(&mut zones, self.index, &fit, pixel));
        let unseen = self.on_record.unseen(&pass.seen, self.learnt.threshold.value.is_some());
        let mut outcome = ComparisonOutcome {
            from: self.planned.from,
            to: self.planned.to,
            from_date: self.pair.before.date,
            to_date: self.pair.after.date,
            kind: self.planned.kind,
            grid: self.planned.grid.clone(),
            roles: self.planned.roles.clone(),
            method: self.word().to_owned(),
            threshold: self.learnt.threshold.clone(),
            learnt: self.learnt.fitted.iter().flat_map(|fitted| fitted.parameters()).collect(),
            histogram: self.learnt.histogram.clone(),
            shift: self.learnt.alignment.shift_on(&self.planned.grid),
            pixels_read: self.tiles.iter().map(|tile| tile.len() as u64).sum(),
            smallest_patch: smallest.least_area(),
            totals: pass.account.union(&zones, &self.plan.zones, self.pixel_m2()),
            heights: self.learnt.heights,
            volume,
            transfers: self.common_legends().map(|legends| pass.transfers.matrix(legends)),
            zones,
            flags,
            discarded,
            unseen: identities(&unseen),
            chips,
        };
        outcome.sort_discarded();
        outcome.recount();
        let mut notices = self.notices(pass);
        notices.extend(unseen_notice(&self.of_these_zones(&unseen)).map(|notice| self.told(notice)));
        let hex = |hash: &Xxh3| format!("{:032x}", hash.digest128());
        Ok(Compared { outcome, notices, before_hash: hex(&pass.before), after_hash: hex(&pass.after) })
    }

    /// The method that was taken.
    fn word(&self) -> &'static str {
        self.learnt.fitted.as_ref().ok().and_then(|fitted| fitted.word()).unwrap_or_else(|| self.method.word())
    }

    /// The flags that lie at the zones of this run: a ledger may serve several projects.
    fn of_these_zones<'k>(&self, flags: &[&'k KnownFlag]) -> Vec<&'k KnownFlag> {
        let near =
            |flag: &KnownFlag| flag.shape.bounding_rect().is_some_and(|bounds| !self.index.near(&bounds).is_empty());
        flags.iter().copied().filter(|flag| near(flag)).collect()
    }

    /// A notice that names the comparison.
    fn told(&self, notice: Notice) -> Notice {
        let (from, to) = (self.pair.before.date, self.pair.after.date);
        notice.fact("from", from).fact("to", to).fact("kind", self.planned.kind.key())
    }

    fn notices(&self, pass: &Pass) -> Vec<Notice> {
        let told = |notice: Notice| self.told(notice);
        let mut notices = damage_notices(&pass.damage);
        let hectares = |pixels: f64| format!("{:.1}", pixels * self.pixel_m2() / 10_000.0);
        if pass.settled.cloud_pixels > 0 {
            let area = hectares(pass.settled.cloud_pixels as f64);
            notices.push(told(Notice::new("clouds_hidden", Weight::Warning)).fact("hectares", area));
        }
        if !pass.settled.unlisted.is_empty() {
            let area = hectares(pass.settled.unlisted.values().sum::<u64>() as f64);
            let codes = legend::listed(pass.settled.unlisted.keys());
            notices.push(told(Notice::new("legend_gaps", Weight::Warning)).fact("hectares", area).fact("codes", codes));
        }
        if let Some(clash) = &self.learnt.clash {
            notices.push(told(legend::clash_notice(clash)));
        } else if let Err(code) = &self.learnt.fitted {
            notices.push(told(Notice::new("not_comparable", Weight::Refused)).fact("why", format!("threshold.{code}")));
        } else if self.learnt.threshold.value.is_none() {
            let why = format!("threshold.{}", self.learnt.threshold.why);
            notices.push(told(Notice::new("no_threshold", Weight::Warning)).fact("why", why));
        }
        if let Some(unlike) = self.learnt.resemblance.filter(|r| self.learnt.fitted.is_ok() && *r < LEAST_RESEMBLANCE) {
            let correlation = format!("{unlike:.2}");
            notices.push(told(Notice::new("scenes_unlike", Weight::Warning)).fact("correlation", correlation));
        }
        if let Some(by) = self.learnt.classes.by {
            let (right, wrong) = if by == Epoch::Before {
                (self.pair.before, self.pair.after)
            } else {
                (self.pair.after, self.pair.before)
            };
            notices.push(
                told(Notice::new("radiometry_unlike", Weight::Warning))
                    .fact("right", right.date)
                    .fact("wrong", wrong.date),
            );
        }
        notices.extend(self.learnt.heights.as_ref().and_then(surfaces::offset_notice).map(told));
        if self.learnt.alignment.failed && self.learnt.fitted.is_ok() {
            notices.push(told(Notice::new("shift_unknown", Weight::Warning)));
        }
        notices.extend(
            self.learnt
                .alignment
                .shift_on(&self.planned.grid)
                .and_then(|shift| align::notice(&shift, &self.planned.grid))
                .map(told),
        );
        notices
    }
}

/// What the main pass adds up, in the order of the tiles.
struct Pass {
    account: Account,
    volumes: Volumes,
    found: Pieces,
    transfers: Cells,
    picture_bytes: usize,
    settled: Settled,
    before: Xxh3,
    after: Xxh3,
    damage: Vec<Damage>,
    seen: Seen,
    rasters: Option<ResultRasters>,
}

impl Pass {
    fn new(zones: usize, damage: Vec<Damage>, rasters: Option<ResultRasters>) -> Self {
        Self {
            account: Account::new(zones),
            volumes: Volumes::new(zones),
            found: Pieces::default(),
            transfers: Cells::default(),
            picture_bytes: 0,
            settled: Settled::default(),
            before: Xxh3::new(),
            after: Xxh3::new(),
            damage,
            seen: Seen::default(),
            rasters,
        }
    }

    fn add(&mut self, result: TileResult, window: &Window) -> Result<(), RunError> {
        self.account.add(&result.tally, result.pixel.0);
        self.volumes.add(&result.volumes);
        self.transfers.add_all(&result.transfers);
        self.before.update(&result.before_hash.to_le_bytes());
        self.after.update(&result.after_hash.to_le_bytes());
        for (piece, crop) in result.pieces.into_iter().zip(result.crops) {
            let crop = crop.filter(|crop| self.picture_bytes + crop.bytes() <= MOST_BYTES);
            self.picture_bytes += crop.as_ref().map_or(0, Crop::bytes);
            self.found.pieces.push(piece);
            self.found.crops.push(crop);
        }
        self.settled.add(&result.settled);
        self.damage.extend(result.damage);
        self.seen.add(&result.seen);
        if let Some(rasters) = &mut self.rasters {
            rasters.change.write_u8(*window, result.changed.as_deref().unwrap_or_default())?;
            rasters.score.write_f32(*window, result.scores.as_deref().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// XXH3 over the values and gaps of a block.
fn hash(scene: &SceneBlock) -> u128 {
    let mut hash = Xxh3::new();
    for band in &scene.bands {
        hash.update(bytemuck::cast_slice(band));
    }
    hash.update(&scene.gaps);
    hash.digest128()
}

/// Scores with NaN where nothing was observed.
fn observed_scores(scores: &[f32], changed: &[u8]) -> Vec<f32> {
    let score = |(&score, &state): (&f32, &u8)| if state == mask::NOT_OBSERVED { f32::NAN } else { score };
    scores.iter().zip(changed).map(score).collect()
}
