//! Coordinates as people write them: degrees with fractions, or degrees, minutes and seconds; metres east and north with or
//! without a zone number; Chinese or Western signs. Says what may be meant, not where it lies.

/// One reading of what was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spot {
    /// Longitude and latitude in degrees.
    LonLat(f64, f64),
    /// Easting and northing in metres; an easting above 10⁷ carries its zone number.
    Grid(f64, f64),
}

/// What somebody may mean, the likeliest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The readings.
    pub readings: Vec<Spot>,
}

/// Degrees end here; larger numbers are metres.
const MOST_DEGREES: f64 = 360.0;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Word {
    Number(f64),
    /// Degrees, minutes or seconds stand before it: 0, 1, 2.
    Mark(usize),
    /// East (or west, negative).
    East(f64),
    /// North (or south, negative).
    North(f64),
}

/// One coordinate.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    value: f64,
    marks: usize,
    open: bool,
    east: Option<f64>,
    north: Option<f64>,
}

impl Told {
    /// Reads a text; `None` where it is no pair of coordinates.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let parts = parts(&words(text)?)?;
        let [first, second] = parts.as_slice() else { return None };
        let swapped = first.north.is_some() || second.east.is_some();
        let known = swapped || first.east.is_some() || second.north.is_some();
        if first.north.is_some() && second.north.is_some() || first.east.is_some() && second.east.is_some() {
            return None;
        }
        let (a, b) = if swapped { (second.signed(), first.signed()) } else { (first.signed(), second.signed()) };
        let is_degrees = a.abs() <= MOST_DEGREES && b.abs() <= MOST_DEGREES;
        if (first.marks > 0 || second.marks > 0) && !is_degrees {
            return None;
        }
        let spots = [(a, b), (b, a)].into_iter().take(if known { 1 } else { 2 });
        let readings: Vec<Spot> = if is_degrees {
            spots
                .filter(|(lon, lat)| lon.abs() <= 180.0 && lat.abs() <= 90.0)
                .map(|(x, y)| Spot::LonLat(x, y))
                .collect()
        } else {
            let zoned = |(easting, _): &(f64, f64)| *easting >= 1e7;
            let mut grid: Vec<(f64, f64)> = spots.collect();
            if grid.iter().any(zoned) {
                grid.retain(zoned);
            }
            grid.into_iter().map(|(x, y)| Spot::Grid(x, y)).collect()
        };
        (!readings.is_empty()).then_some(Self { readings })
    }
}

impl Part {
    fn signed(&self) -> f64 {
        self.value * self.east.or(self.north).unwrap_or(1.0)
    }

    /// Takes the next smaller unit; `None` where sixty would be full.
    fn add(&mut self, number: f64, unit: usize) -> Option<()> {
        if unit > 0 && !(0.0..60.0).contains(&number) {
            return None;
        }
        let sign = if self.value.is_sign_negative() { -1.0 } else { 1.0 };
        self.value += sign * number / 60_f64.powi(unit as i32);
        self.marks = unit + 1;
        Some(())
    }
}

/// Two coordinates out of words. A side of the sky stands before each number, or behind each.
fn parts(words: &[Word]) -> Option<Vec<Part>> {
    let leads = matches!(words.first(), Some(Word::East(_) | Word::North(_)));
    let mut parts: Vec<Part> = Vec::new();
    let mut pending: Option<f64> = None;
    let mut side = (None, None);
    for word in words {
        match *word {
            Word::Number(number) => {
                finish(&mut parts, &mut pending, &mut side)?;
                pending = Some(number);
            }
            Word::Mark(unit) => {
                let number = pending.take()?;
                let fits = parts.last().is_some_and(|part| part.open && part.marks == unit && unit > 0);
                if !fits {
                    parts.last_mut().into_iter().for_each(|part| part.open = false);
                    parts.push(Part { open: true, east: side.0.take(), north: side.1.take(), ..Part::default() });
                }
                let part = parts.last_mut()?;
                if unit == 0 {
                    part.value = number;
                } else {
                    part.add(number, unit)?;
                }
                part.marks = unit + 1;
            }
            Word::East(_) | Word::North(_) => {
                finish(&mut parts, &mut pending, &mut side)?;
                let told = match *word {
                    Word::East(sign) => (Some(sign), None),
                    Word::North(sign) => (None, Some(sign)),
                    _ => (None, None),
                };
                if leads {
                    parts.last_mut().into_iter().for_each(|part| part.open = false);
                    side = told;
                } else {
                    let part = parts.last_mut()?;
                    (part.east, part.north, part.open) = (told.0, told.1, false);
                }
            }
        }
    }
    finish(&mut parts, &mut pending, &mut side)?;
    Some(parts)
}

/// A number without a mark: the next unit of an open part (`119°25'12`), else a coordinate of its own.
fn finish(parts: &mut Vec<Part>, pending: &mut Option<f64>, side: &mut (Option<f64>, Option<f64>)) -> Option<()> {
    let Some(number) = pending.take() else { return Some(()) };
    match parts.last_mut().filter(|part| part.open && (1..3).contains(&part.marks)) {
        Some(part) => {
            let unit = part.marks;
            part.add(number, unit)?;
            part.open = false;
        }
        None => parts.push(Part { value: number, east: side.0.take(), north: side.1.take(), ..Part::default() }),
    }
    Some(())
}

/// The words of a text; `None` where it holds a letter that says nothing of coordinates.
fn words(text: &str) -> Option<Vec<Word>> {
    let plain: Vec<char> = text.chars().map(narrow).collect();
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(&c) = plain.get(at) {
        at += 1;
        match c {
            '0'..='9' | '.' | '-' | '−' | '+' => {
                let begin = at - 1;
                while plain.get(at).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
                    at += 1;
                }
                let number: String = plain[begin..at].iter().collect::<String>().replace('−', "-");
                words.push(Word::Number(number.parse().ok().filter(|n: &f64| n.is_finite())?));
            }
            '°' | '度' => words.push(Word::Mark(0)),
            '\'' if plain.get(at) == Some(&'\'') => {
                at += 1;
                words.push(Word::Mark(2));
            }
            '\'' | '分' => words.push(Word::Mark(1)),
            '"' | '秒' => words.push(Word::Mark(2)),
            ':' => colon(&mut words),
            'e' | '东' => words.push(Word::East(1.0)),
            'w' | '西' => words.push(Word::East(-1.0)),
            'n' | '北' => words.push(Word::North(1.0)),
            's' | '南' => words.push(Word::North(-1.0)),
            // East and north in metres are Y and X on Chinese maps, X and Y elsewhere: the numbers themselves tell.
            'x' | 'y' | '=' | ',' | ';' | '/' | '(' | ')' | '经' | '纬' | '坐' | '标' | '向' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    Some(words)
}

/// `119:25:12`: a colon behind a number parts degrees, minutes and seconds; elsewhere it only introduces.
fn colon(words: &mut Vec<Word>) {
    if matches!(words.last(), Some(Word::Number(_))) {
        let after_degrees = words.len() >= 2 && words[words.len() - 2] == Word::Mark(0);
        words.push(Word::Mark(usize::from(after_degrees)));
    }
}

/// One sign for the many that mean the same.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        '，' | '、' => ',',
        '；' => ';',
        '：' => ':',
        '．' | '。' => '.',
        '（' => '(',
        '）' => ')',
        '＝' => '=',
        'º' | '˚' | '゜' => '°',
        '′' | '’' | '‘' | '＇' | 'ˊ' => '\'',
        '″' | '”' | '“' | '＂' => '"',
        other => other.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Spot> {
        Told::read(text).map(|told| told.readings).unwrap_or_default()
    }

    #[test]
    fn two_bare_numbers_are_longitude_and_latitude_or_the_other_way_round() {
        assert_eq!(read("119.42, 32.24"), [Spot::LonLat(119.42, 32.24)]);
        assert_eq!(read("32.24 119.42"), [Spot::LonLat(119.42, 32.24)]);
        assert_eq!(read("10 20"), [Spot::LonLat(10.0, 20.0), Spot::LonLat(20.0, 10.0)]);
    }

    #[test]
    fn minutes_and_seconds_are_read_with_any_signs() {
        let place = [Spot::LonLat(119.0 + 25.0 / 60.0 + 12.0 / 3600.0, 32.0 + 14.0 / 60.0 + 35.0 / 3600.0)];
        for text in [
            "119°25'12\"E 32°14'35\"N",
            "E119°25′12″，N32°14′35″",
            "东经119度25分12秒 北纬32度14分35秒",
            "１１９：２５：１２ ３２：１４：３５",
            "32°14'35''N, 119°25'12''E",
            "119°25'12 32°14'35",
        ] {
            assert_eq!(read(text), place, "{text}");
        }
        assert_eq!(read("71°30'W 10°15.5'S"), [Spot::LonLat(-71.5, -(10.0 + 15.5 / 60.0))]);
        assert_eq!(read("-71°30' -10°15.5'")[0], Spot::LonLat(-71.5, -(10.0 + 15.5 / 60.0)));
    }

    #[test]
    fn metres_are_taken_with_and_without_their_zone_number() {
        assert_eq!(read("40445426 3585247"), [Spot::Grid(40_445_426.0, 3_585_247.0)]);
        assert_eq!(read("X=3585247 Y=40445426"), [Spot::Grid(40_445_426.0, 3_585_247.0)]);
        let either = [Spot::Grid(445_426.0, 3_585_247.0), Spot::Grid(3_585_247.0, 445_426.0)];
        assert_eq!(read("445426 3585247"), either);
        assert_eq!(read("E445426 N3585247"), [either[0]]);
    }

    #[test]
    fn what_is_no_pair_of_coordinates_is_not_taken_for_one() {
        for text in ["", "119.42", "1 2 3", "park 3", "F2024-001", "119°75'E 32°N", "200°E 95°N", "119..4 32", "E1 E2"]
        {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
