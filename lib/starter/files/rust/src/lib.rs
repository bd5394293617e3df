//! A proxy-wasm filter that adds the header x-wasme to every response. The configuration of the
//! plugin is the value of the header.

// Tests run without a proxy, so the functions that call the proxy are left out there.
#![cfg_attr(test, allow(dead_code))]

mod config;

use config::Config;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};

const HEADER_NAME: &str = "x-wasme";

#[cfg(not(test))]
proxy_wasm::main! {{
    proxy_wasm::set_log_level(proxy_wasm::types::LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Plugin::default()));
}}

/// The filter with one configuration.
#[derive(Default)]
struct Plugin {
    config: Config,
}

impl Context for Plugin {}

impl RootContext for Plugin {
    fn on_configure(&mut self, _size: usize) -> bool {
        match Config::parse(&self.get_plugin_configuration().unwrap_or_default()) {
            Ok(config) => {
                self.config = config;
                true
            }
            Err(reason) => {
                log::error!("wrong configuration: {}", reason);
                false
            }
        }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Request {
            config: self.config.clone(),
        }))
    }
}

/// One request and its response.
struct Request {
    config: Config,
}

impl Context for Request {}

impl HttpContext for Request {
    fn on_http_response_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
        self.add_http_response_header(HEADER_NAME, &self.config.header_value);
        Action::Continue
    }
}
