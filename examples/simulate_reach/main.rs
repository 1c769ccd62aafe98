//! Writes the simulated reach below a folder: `cargo run --release --example simulate_reach -- sample_rasters [PART]`.
//!
//! PART is the beginning of a path, as `satellite/reach_2023` or `truth/`. Nothing is read, no clock is asked, seeds are fixed.

#[path = "reach.rs"]
mod reach;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let folder = words.next().ok_or("say the folder to write to, as: simulate_reach sample_rasters [PART]")?;
    reach::write(std::path::Path::new(&folder), &words.next().unwrap_or_default())
}
