//! What the operating system knows of this process.

/// Peak resident memory in MB; 0 where the system does not tell.
#[must_use]
pub fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes =
        kilobytes.and_then(|line| line.trim().strip_suffix("kB")).and_then(|n| n.trim().parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
