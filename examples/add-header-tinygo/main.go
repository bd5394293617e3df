// A proxy-wasm filter that adds the header "x-wasme: hello" to every response.
//
// It speaks version 0.2.1 of the ABI (https://github.com/proxy-wasm/spec) by hand, so that it needs
// no other module and every TinyGo since 0.18 can compile it.
package main

import "unsafe"

const (
	responseHeaders = 2
	actionContinue  = 0
)

var (
	name  = []byte("x-wasme")
	value = []byte("hello")
)

// A function without a body is one of the host's.
//
//export proxy_add_header_map_value
func addHeader(mapType uint32, name *byte, nameLen uint32, value *byte, valueLen uint32) uint32

// Says which ABI the module speaks; it is never called.
//
//export proxy_abi_version_0_2_1
func abiVersion() {}

// What the host was given stays referenced here until the next call that hands it on.
var given []byte

// Memory that the host fills with what it hands to the filter.
//
//export proxy_on_memory_allocate
func allocate(size uint32) unsafe.Pointer {
	given = make([]byte, size+1)
	return unsafe.Pointer(&given[0])
}

//export proxy_on_context_create
func onContextCreate(context, parent uint32) {}

//export proxy_on_vm_start
func onVMStart(context, configurationSize uint32) uint32 { return 1 }

//export proxy_on_configure
func onConfigure(context, configurationSize uint32) uint32 { return 1 }

//export proxy_on_response_headers
func onResponseHeaders(context, headers, endOfStream uint32) uint32 {
	addHeader(responseHeaders, &name[0], uint32(len(name)), &value[0], uint32(len(value)))
	return actionContinue
}

//export proxy_on_done
func onDone(context uint32) uint32 { return 1 }

//export proxy_on_delete
func onDelete(context uint32) {}

// Empty: what it would do is done by the time that the host calls an export.
func main() {}
