# ecoredline: what one types.
#
#   make demo     build, run the sample project, say where the report is
#   make test     every test, those of the window included (they need no display)
#   make bench    speed and memory against GDAL, with ratios
#   make accuracy every method against sets with truth, and against pairs in which nothing changed
#   make window   build and open the window on the sample project
#   make console  a program without the window, for servers
#   make install  program, icon, desktop entry and file type below PREFIX (default ~/.local)
#   make shots    pictures of the real window, in both languages and themes (needs Xvfb, xdotool, ImageMagick)
#   make lint     formatting, clippy, dependency direction
#   make bundled  a program that needs no installed GDAL
#
# Missing system packages are installed by apt where that is possible (Debian, Ubuntu; root or sudo).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test bench accuracy window console install shots lint dist bundled system system-bundled system-window toolchain clean

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
# What the window loads when it starts; building it needs nothing.
packages_window := libgl1 libgl1-mesa-dri libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon-x11-0 libfontconfig1
PREFIX ?= $(HOME)/.local

help:
	@sed -n 's/^# \{0,1\}//; 1,15p' Makefile

# --- what the machine needs ---------------------------------------------------------------------------------------

system:
	@if pkg-config --exists gdal sqlite3 2>/dev/null && command -v cc >/dev/null && command -v c++ >/dev/null; then exit 0; fi; \
	$(call install,$(packages))

system-bundled:
	@if command -v cmake >/dev/null && command -v cc >/dev/null && command -v c++ >/dev/null; then exit 0; fi; \
	$(call install,$(packages_bundled))

system-window:
	@if ldconfig -p 2>/dev/null | grep -q 'libxkbcommon-x11' && ldconfig -p | grep -q 'libGL\.so'; then exit 0; fi; \
	$(call install,$(packages_window))

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
	$(CARGO) test --locked --features window-tests

window: system system-window toolchain
	$(CARGO) build --release --locked
	$(program) $(sample)

console: system toolchain
	$(CARGO) build --release --locked --no-default-features
	@echo "$(program)"

install: system toolchain
	$(CARGO) build --release --locked
	install -Dm755 $(program) $(DESTDIR)$(PREFIX)/bin/ecoredline
	install -Dm644 assets/desktop/ecoredline.desktop $(DESTDIR)$(PREFIX)/share/applications/ecoredline.desktop
	install -Dm644 assets/desktop/ecoredline.svg $(DESTDIR)$(PREFIX)/share/icons/hicolor/scalable/apps/ecoredline.svg
	install -Dm644 assets/desktop/ecoredline.png $(DESTDIR)$(PREFIX)/share/icons/hicolor/256x256/apps/ecoredline.png
	install -Dm644 assets/desktop/ecoredline-mime.xml $(DESTDIR)$(PREFIX)/share/mime/packages/ecoredline.xml
	@if [ -z "$(DESTDIR)" ]; then \
		update-mime-database $(PREFIX)/share/mime 2>/dev/null || true; \
		update-desktop-database $(PREFIX)/share/applications 2>/dev/null || true; \
	fi

shots: system system-window toolchain
	$(CARGO) build --release --locked
	tests/shots/run $(abspath $(program)) out/shots

bench: system toolchain
	$(CARGO) build --release --locked
	ECOREDLINE=$(abspath $(program)) tests/bench/run
	tests/bench/window

accuracy: system toolchain
	$(CARGO) build --release --locked
	ECOREDLINE=$(abspath $(program)) tests/accuracy/run

lint: system toolchain
	@if ! $(CARGO) fmt --version >/dev/null 2>&1 || ! $(CARGO) clippy --version >/dev/null 2>&1; then \
		if command -v rustup >/dev/null; then rustup component add rustfmt clippy; \
		else echo "rustfmt and clippy are needed:  rustup component add rustfmt clippy" >&2; exit 1; fi; \
	fi
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets --features window-tests -- -D warnings
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
