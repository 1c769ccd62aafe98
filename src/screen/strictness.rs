//! Which zone is the stricter one, by a table.

use serde::Deserialize;

/// One rule: what a zone's words must contain, and the rank it then has.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrictnessRule {
    /// Rank; 1 is the strictest.
    pub rank: u8,
    /// The zone's kind contains one of these.
    #[serde(default)]
    pub kind: Vec<String>,
    /// The zone's functional zone contains one of these.
    #[serde(default)]
    pub function: Vec<String>,
}

/// The table `strictness`: rules from the strictest down; the first that fits counts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrictnessTable {
    /// Version, printed in reports.
    pub version: String,
    /// Where the content comes from.
    pub source: String,
    /// Rank of a zone that no rule fits.
    pub otherwise: u8,
    /// The rules.
    pub rule: Vec<StrictnessRule>,
}

impl StrictnessTable {
    /// Rank of a zone; 1 is the strictest. The administrative level does not change the rank: a provincial core zone is
    /// a core zone.
    #[must_use]
    pub fn rank(&self, kind: &str, _level: Option<&str>, function: Option<&str>) -> u8 {
        let function = function.unwrap_or_default();
        let fits = |rule: &&StrictnessRule| contains_any(kind, &rule.kind) && contains_any(function, &rule.function);
        self.rule.iter().find(fits).map_or(self.otherwise, |rule| rule.rank)
    }
}

/// Whether the text contains one of the words, whatever their case; an empty list asks for nothing.
fn contains_any(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    words.is_empty() || words.iter().any(|word| text.contains(&word.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_orders_the_zones_of_a_city() {
        let table: StrictnessTable = toml::from_str(include_str!("../../assets/tables/strictness.toml")).unwrap();
        let rank = |kind, function| table.rank(kind, None, Some(function));
        assert_eq!(rank("自然保护区", "核心保护区"), 1);
        assert_eq!(rank("饮用水水源保护区", "一级"), 1);
        assert_eq!(rank("国家级生态保护红线", ""), 2);
        assert_eq!(rank("饮用水水源保护区", "二级"), 2);
        assert_eq!(rank("自然保护区", "一般控制区"), 3);
        assert_eq!(rank("饮用水水源保护区", "准保护区"), 3);
        assert_eq!(rank("省级生态空间管控区域", ""), 4);
        assert_eq!(rank("沿江化工园区", ""), 5);
        assert_eq!(rank("生态安全缓冲区", ""), 5);
        assert_eq!(rank("nature reserve", "core zone"), 1);
        assert_eq!(rank("something else", ""), table.otherwise);
    }
}
