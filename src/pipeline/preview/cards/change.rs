//! The card of the change: the method, where the line is drawn and why there.

use crate::detect::change::METHODS;
use crate::detect::threshold::Rule;
use crate::model::outcome::ThresholdChoice;
use crate::pipeline::fit::LEAST_RESEMBLANCE;
use crate::pipeline::preview::lesson::Lesson;
use crate::pipeline::preview::scored::share_above;
use crate::pipeline::preview::subject::Subject;
use crate::project::plan::Plan;

use super::{Card, Desktop, Light, Why, says, says_of};

/// What is known of the change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChangeFacts {
    /// The method as asked for.
    pub asked: String,
    /// The method used.
    pub used: String,
    /// Methods that fit what is compared.
    pub methods: Vec<&'static str>,
    /// The threshold in force, once it is known.
    pub choice: Option<ThresholdChoice>,
    /// What the automatic choice would be.
    pub auto: Option<ThresholdChoice>,
    /// The score that unchanged pixels hardly reach.
    pub noise_level: Option<f64>,
    /// Share of the sample above the threshold.
    pub share: Option<f64>,
    /// How much the scenes resemble each other, 0–1.
    pub resemblance: Option<f64>,
}

pub(super) fn card(from: &Desktop<'_>) -> Card<ChangeFacts> {
    let facts = facts(from);
    let mut reasons = Vec::new();
    if let Ok(subject) = from.subject
        && !fits(&facts.asked, subject)
        && !fits_another(&facts.asked, from.plan)
    {
        let words = [("method", word_of(&facts.asked)), ("used", word_of(&facts.used))];
        reasons.push(says_of(Light::Red, "preview.change.unfit", &words));
    }
    if let Some(lesson) = from.lesson {
        reasons.extend(of_lesson(lesson, &facts));
    }
    let waiting = if from.subject.is_ok() { "preview.change.reading" } else { "preview.change.none" };
    Card::of(reasons, says(Light::Off, waiting), facts)
}

fn facts(from: &Desktop<'_>) -> ChangeFacts {
    let asked = from.detection.method.clone();
    let Ok(subject) = from.subject else { return ChangeFacts { asked, ..ChangeFacts::default() } };
    let used = from.lesson.and_then(Lesson::word).unwrap_or_else(|| subject.planned.method(&asked).word()).to_owned();
    let methods = METHODS.into_iter().filter(|word| fits(word, subject)).collect();
    let choice = from.lesson.map(|lesson| lesson.choice(from.detection.threshold));
    let value = choice.as_ref().and_then(|choice| choice.value);
    ChangeFacts {
        asked,
        used,
        methods,
        auto: from.lesson.map(|lesson| lesson.choice(Rule::Auto)),
        noise_level: from.lesson.and_then(Lesson::noise_level),
        share: from.lesson.zip(value).map(|(lesson, value)| share_above(lesson.histogram(), value)),
        resemblance: from.lesson.and_then(Lesson::resemblance),
        choice,
    }
}

/// Whether a method's word is heeded for what is compared.
fn fits(word: &str, subject: &Subject) -> bool {
    let planned = &subject.planned;
    word == "auto" || planned.method(word).word() == word
}

/// Whether a method is meant for other scenes of the project: these then keep a method of their own.
fn fits_another(word: &str, plan: &Plan) -> bool {
    plan.comparisons.iter().any(|planned| planned.method(word).word() == word)
}

fn word_of(method: &str) -> String {
    format!("method.{method}")
}

fn of_lesson(lesson: &Lesson, facts: &ChangeFacts) -> Vec<(Light, Why)> {
    if let Err(why) = lesson.compares() {
        return vec![says_of(Light::Red, "preview.change.not_comparable", &[("why", format!("threshold.{why}"))])];
    }
    let mut reasons = Vec::new();
    if let Some(unlike) = facts.resemblance.filter(|r| *r < LEAST_RESEMBLANCE) {
        let correlation = [("correlation", format!("{unlike:.2}"))];
        reasons.push(says_of(Light::Red, "preview.change.unlike", &correlation));
    }
    let Some(choice) = &facts.choice else { return reasons };
    let why = ("why", format!("threshold.{}", choice.why));
    let Some(value) = choice.value else {
        let light = if choice.why == "too_much_change" { Light::Red } else { Light::Amber };
        reasons.push(says_of(light, "preview.change.no_threshold", &[why]));
        return reasons;
    };
    let told = [("value", format!("{value:.2}")), ("rule", format!("rule.{}", choice.rule)), why];
    match facts.noise_level.filter(|level| value < *level) {
        Some(level) => {
            let levels = [("value", format!("{value:.2}")), ("level", format!("{level:.2}"))];
            reasons.push(says_of(Light::Amber, "preview.change.in_noise", &levels));
        }
        None if choice.rule == "fixed" => reasons.push(says_of(Light::Green, "preview.change.by_hand", &told[..1])),
        None => reasons.push(says_of(Light::Green, "preview.change.fine", &told)),
    }
    reasons
}
