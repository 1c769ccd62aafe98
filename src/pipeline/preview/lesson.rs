//! What a run's sample teaches of a pair, kept for as long as the pair is looked at.

use std::time::{Duration, Instant};

use crate::detect::threshold::Rule;
use crate::job::Progress;
use crate::model::grid::Grid;
use crate::model::outcome::{ScoreHistogram, Shift, ThresholdChoice};
use crate::model::units::Fraction;
use crate::pipeline::fit::Learnt;
use crate::pipeline::prepare::Prepared;
use crate::pipeline::{RunError, RunOptions};
use crate::screen::hits::ZoneIndex;

use super::effort::Effort;
use super::subject::Subject;

/// What the sample taught, without the pixels it was made of.
pub struct Lesson {
    /// The pair.
    pub subject: Subject,
    /// What a run of the project takes.
    pub effort: Effort,
    pub(super) learnt: Learnt,
    pub(super) index: ZoneIndex,
}

impl Lesson {
    /// Learns exactly what a run with these options would: the same tiles, the same sample.
    ///
    /// # Errors
    /// Cancelled, or a scene that cannot be opened.
    pub fn learn(subject: Subject, options: &RunOptions, progress: &Progress) -> Result<Self, RunError> {
        let begun = Instant::now();
        let (learnt, index) = {
            let prepared = Prepared::of(&subject.plan, &subject.planned);
            let learnt = prepared.learn(options, progress)?;
            (learnt.without_blocks(), prepared.index)
        };
        let effort = Effort::of(&subject.plan, Self::pace(begun.elapsed(), &learnt));
        Ok(Self { subject, effort, learnt, index })
    }

    /// Seconds that a pixel of the sample took.
    fn pace(elapsed: Duration, learnt: &Learnt) -> f64 {
        elapsed.as_secs_f64() / learnt.looked_at.pixels.max(1) as f64
    }

    /// The analysis grid.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.subject.planned.grid
    }

    /// Whether the scenes compare, or why they do not: a key below `threshold.` in the language files.
    ///
    /// # Errors
    /// That key.
    pub fn compares(&self) -> Result<(), &'static str> {
        self.learnt.fitted.as_ref().map(|_| ()).map_err(|why| *why)
    }

    /// The threshold that a rule draws here, as a run would.
    #[must_use]
    pub fn choice(&self, rule: Rule) -> ThresholdChoice {
        self.learnt.choice(rule)
    }

    /// The threshold of every rule that needs no number, in the order of [`Rule::NAMED`].
    #[must_use]
    pub fn choices(&self) -> Vec<(Rule, ThresholdChoice)> {
        Rule::NAMED.iter().map(|(_, rule)| (*rule, self.choice(*rule))).collect()
    }

    /// Scores of the sample.
    #[must_use]
    pub fn histogram(&self) -> &ScoreHistogram {
        &self.learnt.histogram
    }

    /// The score that unchanged pixels hardly reach, where the method knows it.
    #[must_use]
    pub fn noise_level(&self) -> Option<f64> {
        self.learnt.fitted.as_ref().ok()?.noise().map(|noise| noise.level())
    }

    /// The measured misfit of the scenes.
    #[must_use]
    pub fn shift(&self) -> Option<Shift> {
        self.learnt.alignment.shift_on(self.grid())
    }

    /// The method that was taken, where it was chosen only when the sample was seen.
    #[must_use]
    pub fn word(&self) -> Option<&'static str> {
        self.learnt.fitted.as_ref().ok()?.word()
    }

    /// How much the scenes resemble each other, 0–1; of images.
    #[must_use]
    pub fn resemblance(&self) -> Option<f64> {
        self.learnt.resemblance
    }

    /// Share of zones and rings that both dates show, as far as the sample tells; `None` where it met none.
    #[must_use]
    pub fn seen(&self) -> Option<Fraction> {
        let looked = &self.learnt.looked_at;
        (looked.domain > 0).then(|| Fraction(looked.seen as f64 / looked.domain as f64))
    }
}
