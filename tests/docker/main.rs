//! What needs the Docker engine: stacks from zero to nothing, each an instance of its own beside whatever else runs.
#![allow(clippy::unwrap_used, reason = "a step that cannot be done fails its test")]

mod accidents;
mod asked_first;
mod both_kinds;
mod compatibility;
mod cut_off;
mod doctor;
mod emulator;
mod engines;
mod env_file;
mod foreign;
mod full_disk;
mod hints;
mod images;
mod instances;
mod interruption;
mod lifecycle;
mod line_ends;
mod logs;
mod losses;
mod official_clients;
mod outside;
mod own_engine;
mod ownership;
mod postgres;
mod proof;
mod ready;
mod registry;
mod small_root;
mod status;
mod supply;
