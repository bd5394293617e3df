// A proxy-wasm filter that adds the header "x-wasme: hello" to every response.
//
// It speaks version 0.2.1 of the ABI (https://github.com/proxy-wasm/spec) by hand, so that it needs
// no other module. A filter that does more is easier to write with
// github.com/proxy-wasm/proxy-wasm-go-sdk. Go's runtime asks for functions of WASI that Envoy has
// since 1.33.
package main

import "unsafe"

const (
	responseHeaders = 2
	actionContinue  = 0

	name  = "x-wasme"
	value = "hello"
)

//go:wasmimport env proxy_add_header_map_value
func addHeader(mapType uint32, name unsafe.Pointer, nameLen uint32, value unsafe.Pointer, valueLen uint32) uint32

// Says which ABI the module speaks; it is never called.
//
//go:wasmexport proxy_abi_version_0_2_1
func abiVersion() {}

// What the host was given stays referenced here until the next call that hands it on.
var given []byte

// Memory that the host fills with what it hands to the filter.
//
//go:wasmexport proxy_on_memory_allocate
func allocate(size uint32) unsafe.Pointer {
	given = make([]byte, max(size, 1))
	return unsafe.Pointer(unsafe.SliceData(given))
}

//go:wasmexport proxy_on_context_create
func onContextCreate(context, parent uint32) {}

//go:wasmexport proxy_on_vm_start
func onVMStart(context, configurationSize uint32) uint32 { return 1 }

//go:wasmexport proxy_on_configure
func onConfigure(context, configurationSize uint32) uint32 { return 1 }

//go:wasmexport proxy_on_response_headers
func onResponseHeaders(context, headers, endOfStream uint32) uint32 {
	addHeader(responseHeaders,
		unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)),
		unsafe.Pointer(unsafe.StringData(value)), uint32(len(value)))
	return actionContinue
}

//go:wasmexport proxy_on_done
func onDone(context uint32) uint32 { return 1 }

//go:wasmexport proxy_on_delete
func onDelete(context uint32) {}

// A c-shared module has to have it, and nobody calls it.
func main() {}
