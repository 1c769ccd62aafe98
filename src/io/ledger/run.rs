//! One run of the program as one transaction: begun, filled, committed or as if it never was.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use super::connection::{identify, leave_wal, open_draft, open_existing, read_key, trust_triggers, write_key};
use super::draft::Draft;
use super::error::LedgerError;
use super::evidence::{Ids, put_comparison, put_scenes, put_zones};
use super::flags::{Writing, identify as identify_flags, known, on_record};
use super::inspect::is_kept;
use super::schema;
use crate::io::geopackage::{insert, srs_row, touch, update_extent, value};
use crate::ledger::{ComparisonKey, Numbering};
use crate::model::outcome::Outcome;
use crate::screen::history::EarlierFlag;

/// A ledger that can be run against.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    /// `None` for a ledger that its first run will begin.
    connection: Option<Connection>,
}

impl Ledger {
    /// Opens a ledger; where there is none, the first run begins it and nothing is written before that.
    ///
    /// # Errors
    /// The file is not ours, newer, damaged at its head, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let connection = if path.exists() { Some(open_known(path)?) } else { None };
        Ok(Self { path: path.to_path_buf(), connection })
    }

    /// Takes the writer's lock and begins a run. An older ledger is copied first (`ledger.before-v4.gpkg`) and brought
    /// up to date inside the run's transaction.
    ///
    /// # Errors
    /// Another program holds the ledger for more than five seconds, or its folder cannot be written.
    pub fn begin_run(self, started: Timestamp) -> Result<LedgerRun, LedgerError> {
        // The draft before the connection: locals are dropped in reverse, and where this fails the connection must be
        // closed before its file goes.
        let (draft, connection) = match self.connection {
            Some(connection) => (None, connection),
            None => begin_new(&self.path)?,
        };
        let database = |source| LedgerError::from_database(&self.path, source);
        if draft.is_none() {
            leave_wal(&connection).map_err(database)?;
            if identify(&connection, &self.path)? < schema::NEWEST {
                schema::back_up(&connection, &self.path, schema::NEWEST)?;
            }
        }
        trust_triggers(&connection).map_err(database)?;
        connection.execute_batch("BEGIN IMMEDIATE").map_err(database)?;
        schema::migrate(&connection, &schema::MIGRATIONS).map_err(database)?;
        let uuid = random_uuid(&connection).map_err(database)?;
        Ok(LedgerRun {
            connection,
            draft,
            path: self.path,
            uuid,
            started,
            summary: Summary::default(),
            counts: RunCounts::default(),
            lost: None,
            settled: false,
        })
    }
}

fn open_known(path: &Path) -> Result<Connection, LedgerError> {
    let connection = open_existing(path)?;
    identify(&connection, path)?;
    Ok(connection)
}

/// The draft of a new ledger; or the ledger itself, where another program began it meanwhile.
fn begin_new(path: &Path) -> Result<(Option<Draft>, Connection), LedgerError> {
    match Draft::claim(path)? {
        Some(draft) => {
            let connection = open_draft(draft.path())?;
            Ok((Some(draft), connection))
        }
        None => Ok((None, open_known(path)?)),
    }
}

/// `SQLite`'s own randomness: a run is an event, not content.
fn random_uuid(connection: &Connection) -> rusqlite::Result<Uuid> {
    let bytes: Vec<u8> = connection.query_row("SELECT randomblob(16)", [], |row| row.get(0))?;
    let mut sixteen = [0; 16];
    for (to, from) in sixteen.iter_mut().zip(bytes) {
        *to = from;
    }
    Ok(uuid::Builder::from_random_bytes(sixteen).into_uuid())
}

/// What a run did to the flags on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// Flags found, ring flags included.
    pub flags: usize,
    /// Of these, seen for the first time.
    pub new: usize,
    /// Of these, known from an earlier run.
    pub known: usize,
    /// Flags on record that this run refutes.
    pub superseded: usize,
}

/// What the run log says of the outcome.
#[derive(Debug, Default)]
struct Summary {
    project: String,
    program: String,
    gdal: String,
    comparisons: usize,
    notices: usize,
}

/// A run in progress. Dropping it undoes everything.
#[derive(Debug)]
pub struct LedgerRun {
    // Before the draft: fields are dropped in order, and the connection must be closed before its file goes.
    connection: Connection,
    draft: Option<Draft>,
    path: PathBuf,
    uuid: Uuid,
    started: Timestamp,
    summary: Summary,
    counts: RunCounts,
    /// By comparison, the flags on record that this run refutes; known once the flags have their identities.
    lost: Option<Vec<Vec<Uuid>>>,
    /// Whether everything is on the disk already.
    settled: bool,
}

impl LedgerRun {
    /// Gives the flags of an outcome their identities: `uuid`, `code` and `state`.
    ///
    /// # Errors
    /// The ledger keeps another CRS, or a row of it is damaged.
    pub fn identify(&mut self, outcome: &mut Outcome) -> Result<(), LedgerError> {
        self.adopt_crs(outcome)?;
        let connection = &self.connection;
        let mut numbering = numbering(connection).map_err(|source| LedgerError::from_database(&self.path, source))?;
        let mut lost = Vec::with_capacity(outcome.comparisons.len());
        for comparison in &mut outcome.comparisons {
            let known = known((connection, &self.path), &ComparisonKey::of(comparison), None)?;
            lost.push(identify_flags(comparison, &known, &mut numbering, &mut self.counts));
        }
        self.lost = Some(lost);
        Ok(())
    }

    /// The flags on record that nobody refuted and that belong to none of an outcome's comparisons.
    ///
    /// # Errors
    /// A row of the ledger is damaged.
    pub fn of_other_comparisons(&self, outcome: &Outcome) -> Result<Vec<EarlierFlag>, LedgerError> {
        let keys: Vec<ComparisonKey> = outcome.comparisons.iter().map(ComparisonKey::of).collect();
        on_record((&self.connection, &self.path), &keys)
    }

    /// Writes an outcome; its flags are given their identities first, where they have none yet.
    ///
    /// # Errors
    /// The ledger keeps another CRS, a row of it is damaged, or the disk is full.
    pub fn record(&mut self, outcome: &mut Outcome) -> Result<(), LedgerError> {
        if self.lost.is_none() {
            self.identify(outcome)?;
        }
        let lost = self.lost.take().unwrap_or_default();
        let srs_id = self.adopt_crs(outcome)?;
        let database = |source| LedgerError::from_database(&self.path, source);
        let run = self.uuid.to_string();
        let connection = &self.connection;
        let ids = Ids {
            zones: put_zones(connection, outcome, srs_id, &run).map_err(database)?,
            scenes: put_scenes(connection, outcome, &run).map_err(database)?,
        };
        let writing = Writing { connection, srs_id, run: &run, ids: &ids };
        for (comparison, lost) in outcome.comparisons.iter().zip(&lost) {
            let uuid = put_comparison(connection, outcome, comparison, &ids, &run).map_err(database)?;
            for flag in &comparison.flags {
                writing.put(outcome, (comparison, uuid), flag).map_err(database)?;
            }
            self.counts.superseded += writing.supersede(lost, outcome, comparison).map_err(database)?;
        }
        self.summary = Summary {
            project: outcome.project.clone(),
            program: outcome.program.clone(),
            gdal: outcome.gdal.clone(),
            comparisons: outcome.comparisons.len(),
            notices: outcome.notices.len(),
        };
        Ok(())
    }

    /// A ledger keeps the CRS of its first run: outlines of two systems in one layer would be of no use to anyone.
    fn adopt_crs(&self, outcome: &Outcome) -> Result<i32, LedgerError> {
        let connection = &self.connection;
        let database = |source| LedgerError::from_database(&self.path, source);
        let kept = read_key(connection, schema::CRS_KEY).map_err(database)?;
        let wkt = read_key(connection, schema::CRS_WKT_KEY).map_err(database)?;
        let (crs, run) = (&outcome.crs, outcome.crs.label());
        match kept {
            Some(ledger) if !is_kept(&ledger, crs) || (crs.epsg.is_none() && wkt.as_ref() != Some(&crs.wkt)) => {
                Err(LedgerError::OtherCrs { path: self.path.clone(), ledger, run })
            }
            _ => write_crs(connection, outcome, &run).map_err(database),
        }
    }

    /// Brings everything to the disk inside the transaction, so that a full disk is found out while nothing is in its
    /// place yet, neither results nor ledger; [`Self::commit`] then has next to nothing left to write.
    ///
    /// # Errors
    /// The disk is full, with the bytes that the ledger would take.
    pub fn settle(&mut self) -> Result<(), LedgerError> {
        self.settled = true;
        self.log_run()
            .and_then(|()| self.connection.cache_flush())
            .map_err(|source| LedgerError::of_connection(&self.path, &self.connection, source))
    }

    /// Makes the run durable. A new ledger appears at its place only now.
    ///
    /// # Errors
    /// The disk is full or another failure of the file system; the ledger is then as before the run.
    pub fn commit(mut self) -> Result<RunCounts, LedgerError> {
        if !self.settled {
            self.settle()?;
        }
        // The draft before the connection: locals are dropped in reverse, and the connection must be closed first.
        let Self { draft, connection, path, counts, .. } = self;
        connection.execute_batch("COMMIT").map_err(|source| LedgerError::from_database(&path, source))?;
        connection.close().map_err(|(_, source)| LedgerError::from_database(&path, source))?;
        match draft {
            Some(draft) => draft.publish().map(|()| counts),
            None => Ok(counts),
        }
    }

    /// Lets the file grow no further, as on a full disk.
    #[cfg(test)]
    pub(super) fn limit_pages_for_test(&self) {
        let pages: u32 = self.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap_or(1);
        let set = self.connection.pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, u32>(0));
        assert_eq!(set.ok(), Some(pages));
    }

    fn log_run(&self) -> rusqlite::Result<()> {
        let finished = moment(Timestamp::now());
        let row = vec![
            ("uuid", value::text(self.uuid.to_string())),
            ("started", value::text(moment(self.started))),
            ("finished", value::text(finished.clone())),
            ("project", value::text(&self.summary.project)),
            ("program", value::text(&self.summary.program)),
            ("gdal", value::text(&self.summary.gdal)),
            ("comparisons", value::count(self.summary.comparisons)),
            ("flags_n", value::count(self.counts.flags)),
            ("new_n", value::count(self.counts.new)),
            ("known_n", value::count(self.counts.known)),
            ("gone_n", value::count(self.counts.superseded)),
            ("notices_n", value::count(self.summary.notices)),
        ];
        insert(&self.connection, "runs", &row)?;
        for layer in ["flags", "zones"] {
            update_extent(&self.connection, layer)?;
        }
        touch(&self.connection, &finished)
    }
}

fn write_crs(connection: &Connection, outcome: &Outcome, label: &str) -> rusqlite::Result<i32> {
    let srs_id = srs_row(connection, &outcome.crs)?;
    write_key(connection, schema::CRS_KEY, label)?;
    write_key(connection, schema::CRS_WKT_KEY, &outcome.crs.wkt)?;
    connection.execute("UPDATE gpkg_geometry_columns SET srs_id = ?1", [srs_id])?;
    connection.execute("UPDATE gpkg_contents SET srs_id = ?1 WHERE data_type = 'features'", [srs_id])?;
    Ok(srs_id)
}

fn numbering(connection: &Connection) -> rusqlite::Result<Numbering> {
    let mut query = connection.prepare("SELECT patch_id FROM flags")?;
    let codes = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    Ok(Numbering::after(codes.iter().map(String::as_str)))
}

/// A moment as `GeoPackage` writes it.
fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
