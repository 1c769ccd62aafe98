//! The chi-square distribution with whole degrees of freedom, in closed form.

/// Probability that a chi-square variable exceeds `x`.
///
/// Source: Abramowitz & Stegun 1964, 26.4.4 (odd) and 26.4.5 (even degrees of freedom).
#[must_use]
pub fn survival(x: f64, degrees: usize) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let half = x / 2.0;
    if degrees.is_multiple_of(2) {
        let mut term = (-half).exp();
        let mut sum = term;
        for k in 1..degrees / 2 {
            term *= half / k as f64;
            sum += term;
        }
        sum
    } else {
        let mut term = (2.0 * x / std::f64::consts::PI).sqrt() * (-half).exp();
        let mut sum = libm::erfc(half.sqrt());
        for k in 0..degrees / 2 {
            sum += term;
            term *= x / (2 * k + 3) as f64;
        }
        sum
    }
}

/// The value that a chi-square variable exceeds with probability `p` (0 < p < 1), by bisection.
#[must_use]
pub fn exceeded_with(p: f64, degrees: usize) -> f64 {
    let (mut low, mut high) = (0.0, 10.0 * degrees as f64 + 400.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if survival(middle, degrees) > p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabled_quantiles_are_met() {
        // Abramowitz & Stegun 1964, table 26.8.
        for (degrees, p, x) in [(1, 0.05, 3.841_46), (3, 0.001, 16.266_2), (4, 0.01, 13.276_7), (6, 0.001, 22.457_7)] {
            assert!((survival(x, degrees) - p).abs() < 1e-6, "{degrees} {p}");
            assert!((exceeded_with(p, degrees) - x).abs() < 1e-3, "{degrees} {p}");
        }
    }
}
