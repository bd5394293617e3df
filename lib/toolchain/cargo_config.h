/* The target that a Rust project has chosen for itself. */
#ifndef WASME_TOOLCHAIN_CARGO_CONFIG_H
#define WASME_TOOLCHAIN_CARGO_CONFIG_H

/* build.target in the text of a Cargo configuration file, when it is a wasm32 target; NULL
 * otherwise. The caller frees it. */
char *cargo_config_target_in(const char *text);
/* The same of .cargo/config.toml or .cargo/config in the folder or the nearest one above (The Cargo
 * Book, "Hierarchical structure"). */
char *cargo_config_target(const char *folder);

#endif
