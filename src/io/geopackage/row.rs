//! Rows by column name, so that a table's order of columns matters nowhere.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::model::Date;

/// A row: column names and their values.
pub type Row = Vec<(&'static str, Value)>;

/// Adds a row to a table.
pub fn insert(connection: &Connection, table: &str, row: &Row) -> rusqlite::Result<()> {
    let columns: Vec<String> = row.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let marks = vec!["?"; row.len()].join(", ");
    let sql = format!("INSERT INTO \"{table}\" ({}) VALUES ({marks})", columns.join(", "));
    connection.prepare_cached(&sql)?.execute(params_from_iter(row.iter().map(|(_, value)| value)))?;
    Ok(())
}

/// Values of the model as the database's.
pub mod value {
    use super::{Date, Value};

    /// A text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// A text where there is one.
    pub fn maybe_text(text: Option<&str>) -> Value {
        text.map_or(Value::Null, |t| Value::Text(t.to_owned()))
    }

    /// A number; what is not finite is absent.
    pub fn number(number: f64) -> Value {
        if number.is_finite() { Value::Real(number) } else { Value::Null }
    }

    /// A number where there is one.
    pub fn maybe_number(value: Option<f64>) -> Value {
        value.map_or(Value::Null, number)
    }

    /// A number to so many decimals.
    pub fn rounded(value: f64, decimals: i32) -> Value {
        let steps = 10_f64.powi(decimals);
        number((value * steps).round() / steps)
    }

    /// A count.
    pub fn count(count: usize) -> Value {
        Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A day as `yyyy-mm-dd`.
    pub fn day(day: Date) -> Value {
        Value::Text(day.to_string())
    }

    /// A day where there is one.
    pub fn maybe_day(value: Option<Date>) -> Value {
        value.map_or(Value::Null, day)
    }
}
