//! The configuration of the plugin. Nothing here calls the proxy, so `cargo test` can test it.

/// The value of the header without a configuration.
const DEFAULT_VALUE: &str = "hello";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub header_value: String,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            header_value: DEFAULT_VALUE.to_string(),
        }
    }
}

impl Config {
    pub fn parse(bytes: &[u8]) -> Result<Config, &'static str> {
        let text = std::str::from_utf8(bytes).map_err(|_| "the text is not UTF-8")?;
        let value = text.trim();
        if value.chars().any(char::is_control) {
            return Err("a header cannot carry control characters");
        }
        if value.is_empty() {
            return Ok(Config::default());
        }
        Ok(Config {
            header_value: value.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_configuration_the_value_is_the_default() {
        assert_eq!(Config::parse(b"").unwrap().header_value, DEFAULT_VALUE);
    }

    #[test]
    fn the_configuration_is_the_value() {
        assert_eq!(Config::parse(b"good day\n").unwrap().header_value, "good day");
    }

    #[test]
    fn a_value_of_two_lines_is_refused() {
        assert!(Config::parse(b"two\nlines").is_err());
    }
}
