/* The target that a Rust project has chosen for itself. */
#ifndef WASME_TOOLCHAIN_CARGO_CONFIG_H
#define WASME_TOOLCHAIN_CARGO_CONFIG_H

/* The value of build.target in the text of a Cargo configuration file, when that is a wasm32
 * target; NULL otherwise. The caller frees it. */
char *cargo_config_target_in(const char *text);
/* The same for the file .cargo/config.toml or .cargo/config in the folder, or else in the nearest
 * folder above it (The Cargo Book, "Hierarchical structure"). */
char *cargo_config_target(const char *folder);

#endif
