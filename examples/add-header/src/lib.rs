//! A proxy-wasm filter that adds the header `x-wasme: hello` to every response.
//!
//! It speaks version 0.2.1 of the ABI (https://github.com/proxy-wasm/spec) by hand, so that it
//! needs no other crate. A filter that does more is easier to write with the crate `proxy-wasm`.

use std::alloc::{alloc, Layout};

const RESPONSE_HEADERS: u32 = 2;
const CONTINUE: u32 = 0;

const NAME: &str = "x-wasme";
const VALUE: &str = "hello";

#[link(wasm_import_module = "env")]
extern "C" {
    fn proxy_add_header_map_value(
        map: u32,
        name: *const u8,
        name_len: usize,
        value: *const u8,
        value_len: usize,
    ) -> u32;
}

/// Says which ABI the module speaks; it is never called.
#[no_mangle]
pub extern "C" fn proxy_abi_version_0_2_1() {}

/// Memory that the host fills with what it hands to the filter.
#[no_mangle]
pub extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    match Layout::from_size_align(size.max(1), 8) {
        Ok(layout) => unsafe { alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

#[no_mangle]
pub extern "C" fn proxy_on_context_create(_context: u32, _parent: u32) {}

#[no_mangle]
pub extern "C" fn proxy_on_vm_start(_context: u32, _configuration_size: usize) -> u32 {
    1
}

#[no_mangle]
pub extern "C" fn proxy_on_configure(_context: u32, _configuration_size: usize) -> u32 {
    1
}

#[no_mangle]
pub extern "C" fn proxy_on_response_headers(_context: u32, _headers: u32, _end: u32) -> u32 {
    unsafe {
        proxy_add_header_map_value(
            RESPONSE_HEADERS,
            NAME.as_ptr(),
            NAME.len(),
            VALUE.as_ptr(),
            VALUE.len(),
        );
    }
    CONTINUE
}

#[no_mangle]
pub extern "C" fn proxy_on_done(_context: u32) -> u32 {
    1
}

#[no_mangle]
pub extern "C" fn proxy_on_delete(_context: u32) {}
