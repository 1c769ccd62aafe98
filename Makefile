# ecoredline: what one types.
#
#   make demo     build, run the sample project, say where the report is
#   make test     every test
#   make bench    speed and memory against GDAL, with ratios
#   make accuracy every method against sets with truth, and against pairs in which nothing changed
#   make window   the program with its window (young; not part of the tests yet)
#   make shots    pictures of the real window, in both languages and themes (needs Xvfb, xdotool, ImageMagick)
#   make lint     formatting, clippy, dependency direction
#   make bundled  a program that needs no installed GDAL
#
# Missing system packages are installed by apt where that is possible (Debian, Ubuntu; root or sudo).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test bench accuracy window window-test shots lint dist bundled system system-bundled toolchain clean

CARGO ?= cargo
# A toolchain that rustup has just installed is not on the PATH of this shell yet.
export PATH := $(HOME)/.cargo/bin:$(PATH)
target := $(or $(CARGO_TARGET_DIR),target)
program := $(target)/release/ecoredline
sample := sample_rasters/ecoredline.toml
out := out/demo

# Oldest compiler that builds it; the number is Cargo.toml's.
rust := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

packages := build-essential pkg-config libgdal-dev libsqlite3-dev
packages_bundled := build-essential pkg-config cmake

help:
	@sed -n 's/^# \{0,1\}//; 1,13p' Makefile

# --- what the machine needs ---------------------------------------------------------------------------------------

system:
	@if pkg-config --exists gdal sqlite3 2>/dev/null && command -v cc >/dev/null && command -v c++ >/dev/null; then exit 0; fi; \
	$(call install,$(packages))

system-bundled:
	@if command -v cmake >/dev/null && command -v cc >/dev/null && command -v c++ >/dev/null; then exit 0; fi; \
	$(call install,$(packages_bundled))

define install
as_root=""; \
if [ "$$(id -u)" != 0 ]; then as_root="sudo"; fi; \
if ! command -v apt-get >/dev/null || { [ -n "$$as_root" ] && ! command -v sudo >/dev/null; }; then \
	echo "Missing system packages. On Debian or Ubuntu, as root:  apt-get install $(1)" >&2; \
	echo "Fedora:  dnf install gcc gcc-c++ make pkgconf gdal-devel sqlite-devel" >&2; \
	echo "Arch:    pacman -S base-devel gdal sqlite        macOS:  brew install gdal sqlite pkg-config" >&2; \
	echo "No GDAL to be had:  make bundled  (builds GDAL into the program; needs cmake and a C++ compiler)" >&2; \
	exit 1; \
fi; \
echo "Installing $(1)"; \
$$as_root apt-get update -q; \
$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(1)
endef

toolchain:
	@if ! command -v $(CARGO) >/dev/null || ! command -v rustc >/dev/null; then \
		echo "Rust $(rust) or newer is needed and no cargo was found (Debian's own package is too old)." >&2; \
		echo "Install it from https://rustup.rs:  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" >&2; \
		exit 1; \
	fi; \
	have="$$(rustc --version | cut -d' ' -f2 | cut -d- -f1)"; \
	if [ "$$(printf '%s\n' "$(rust)" "$$have" | sort -V | head -n1)" != "$(rust)" ]; then \
		echo "Rust $(rust) or newer is needed; this is $$have. Run:  rustup update stable" >&2; \
		exit 1; \
	fi

# --- what one does with it ----------------------------------------------------------------------------------------

demo: system toolchain
	$(CARGO) build --release --locked
	@mkdir -p $(out)
	@code=0; $(program) --headless --out $(out) $(sample) || code=$$?; \
	if [ $$code != 0 ] && [ $$code != 2 ]; then exit $$code; fi; \
	echo; \
	echo "报告 / report:  $(CURDIR)/$(out)/report.html"

test: system toolchain
	$(CARGO) test --locked

window: system toolchain
	$(CARGO) build --release --locked --features gui
	@echo "$(program)"

window-test: system toolchain
	$(CARGO) test --locked --features window-tests

shots: window
	tests/shots/run $(abspath $(program)) out/shots

bench: system toolchain
	$(CARGO) build --release --locked
	ECOREDLINE=$(abspath $(program)) tests/bench/run

accuracy: system toolchain
	$(CARGO) build --release --locked
	ECOREDLINE=$(abspath $(program)) tests/accuracy/run

lint: system toolchain
	@if ! $(CARGO) fmt --version >/dev/null 2>&1 || ! $(CARGO) clippy --version >/dev/null 2>&1; then \
		if command -v rustup >/dev/null; then rustup component add rustfmt clippy; \
		else echo "rustfmt and clippy are needed:  rustup component add rustfmt clippy" >&2; exit 1; fi; \
	fi
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	@if $(CARGO) tree --locked --no-default-features -e normal --prefix none \
		| grep -E '^(egui|eframe|winit|wgpu|glow|glutin|rfd|x11rb|wayland-client)[^ ]* '; then \
		echo "The console program must not carry a window toolkit." >&2; exit 1; \
	fi

bundled dist: system-bundled toolchain
	$(CARGO) build --release --locked --features bundled-gdal
	strip --strip-debug $(program)
	@echo "$(program)"

clean:
	$(CARGO) clean
	rm -rf $(out)
