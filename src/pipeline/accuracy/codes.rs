//! What a label means: words and numbers for changed and unchanged; anything else is no label.

use std::path::Path;

use crate::report::accuracy::Class;

use super::error::ReferenceError;

/// Labels of changed where the user names none; the first is the one for rasters.
const CHANGED: [&str; 5] = ["1", "changed", "change", "变化", "是"];

/// Labels of unchanged where the user names none; the first is the one for rasters.
const UNCHANGED: [&str; 6] = ["2", "unchanged", "no change", "未变化", "无变化", "否"];

/// Labels of both classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Codes {
    by_class: [Vec<String>; 2],
}

impl Codes {
    /// The user's labels, or the usual ones.
    ///
    /// # Errors
    /// A label that means both.
    pub fn new(changed: &[String], unchanged: &[String], path: &Path) -> Result<Self, ReferenceError> {
        let or = |given: &[String], usual: &[&str]| {
            if given.is_empty() { usual.iter().map(|&word| word.to_owned()).collect() } else { given.to_vec() }
        };
        let codes = Self { by_class: [or(changed, &CHANGED), or(unchanged, &UNCHANGED)] };
        match codes.by_class[0].iter().find(|a| codes.by_class[1].iter().any(|b| same(a, b))) {
            Some(value) => Err(ReferenceError::Ambiguous { path: path.to_path_buf(), value: value.clone() }),
            None => Ok(codes),
        }
    }

    /// What a label means.
    #[must_use]
    pub fn class_of(&self, label: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|&class| self.by_class[class as usize].iter().any(|known| same(known, label)))
    }

    /// The labels of a class, for people.
    #[must_use]
    pub fn told(&self, class: Class) -> String {
        self.by_class[class as usize].join(", ")
    }

    /// The values of a raster that are labels: (value, class). Words among the usual labels are left out.
    ///
    /// # Errors
    /// A label of the user's that is no number.
    pub fn numbers(&self, path: &Path) -> Result<Vec<(f32, Class)>, ReferenceError> {
        let mut numbers = Vec::new();
        for class in Class::ALL {
            let usual: &[&str] = if class == Class::Changed { &CHANGED } else { &UNCHANGED };
            for label in &self.by_class[class as usize] {
                match label.trim().parse::<f32>() {
                    Ok(number) if number.is_finite() => numbers.push((number, class)),
                    _ if usual.contains(&label.as_str()) => {}
                    _ => {
                        return Err(ReferenceError::NotANumber { path: path.to_path_buf(), value: label.clone() });
                    }
                }
            }
        }
        Ok(numbers)
    }
}

/// Whether two labels are the same: numbers by value, words by their letters.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() < f64::EPSILON,
        _ => a.to_lowercase() == b.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(changed: &[&str], unchanged: &[&str]) -> Result<Codes, ReferenceError> {
        let owned = |words: &[&str]| words.iter().map(|&w| w.to_owned()).collect::<Vec<_>>();
        Codes::new(&owned(changed), &owned(unchanged), Path::new("r"))
    }

    #[test]
    fn usual_labels_are_known_in_both_languages_and_as_numbers() {
        let usual = codes(&[], &[]).unwrap();
        for (label, class) in
            [("1", Some(Class::Changed)), ("1.0", Some(Class::Changed)), (" Changed ", Some(Class::Changed))]
                .into_iter()
                .chain([("未变化", Some(Class::Unchanged)), ("2", Some(Class::Unchanged)), ("0", None), ("", None)])
        {
            assert_eq!(usual.class_of(label), class, "{label:?}");
        }
        assert_eq!(usual.numbers(Path::new("r")).unwrap(), [(1.0, Class::Changed), (2.0, Class::Unchanged)]);
    }

    #[test]
    fn a_label_for_both_and_a_word_for_a_raster_are_refused() {
        assert!(matches!(codes(&["1", "3"], &["3.0"]), Err(ReferenceError::Ambiguous { value, .. }) if value == "3"));
        let words = codes(&["forest"], &["0"]).unwrap();
        assert!(
            matches!(words.numbers(Path::new("r")), Err(ReferenceError::NotANumber { value, .. }) if value == "forest")
        );
    }
}
