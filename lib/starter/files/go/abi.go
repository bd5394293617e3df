//go:build wasip1

// The ABI of proxy-wasm, version 0.2.1: https://github.com/proxy-wasm/spec. The proxy calls the
// exported functions of it that a filter has, and leaves out the others.

package main

import "unsafe"

const (
	responseHeaders     = 2 // a map of headers
	pluginConfiguration = 7 // a buffer
	actionContinue      = 0
	statusOK            = 0
	logError            = 4
)

//go:wasmimport env proxy_log
func proxyLog(level uint32, text unsafe.Pointer, textLen uint32) uint32

//go:wasmimport env proxy_get_buffer_bytes
func proxyGetBufferBytes(buffer, start, size uint32, data, got unsafe.Pointer) uint32

//go:wasmimport env proxy_add_header_map_value
func proxyAddHeader(headers uint32, name unsafe.Pointer, nameLen uint32,
	value unsafe.Pointer, valueLen uint32) uint32

// The export tells the proxy the version of the ABI; it is never called.
//
//go:wasmexport proxy_abi_version_0_2_1
func abiVersion() {}

// The memory that the proxy fills with the result of a call. The variable keeps the memory alive
// until that call returns.
var given []byte

//go:wasmexport proxy_on_memory_allocate
func allocate(size uint32) unsafe.Pointer {
	given = make([]byte, max(size, 1))
	return unsafe.Pointer(unsafe.SliceData(given))
}

// The contexts of the proxy: one for each plugin, and below it one for each request.
var contexts = map[uint32]*plugin{}

//go:wasmexport proxy_on_context_create
func onContextCreate(context, parent uint32) {
	if parent == 0 {
		contexts[context] = &plugin{}
	} else {
		contexts[context] = contexts[parent]
	}
}

//go:wasmexport proxy_on_vm_start
func onVMStart(context, size uint32) uint32 { return 1 }

//go:wasmexport proxy_on_configure
func onConfigure(context, size uint32) uint32 {
	if err := contexts[context].configure(readBuffer(pluginConfiguration, size)); err != nil {
		log(logError, "wrong configuration: "+err.Error())
		return 0
	}
	return 1
}

//go:wasmexport proxy_on_response_headers
func onResponseHeaders(context, count, endOfStream uint32) uint32 {
	contexts[context].onResponseHeaders(proxyHeaders(responseHeaders))
	return actionContinue
}

//go:wasmexport proxy_on_delete
func onDelete(context uint32) {
	delete(contexts, context)
}

// Headers of the proxy.
type proxyHeaders uint32

func (headers proxyHeaders) add(name, value string) {
	status := proxyAddHeader(uint32(headers),
		unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)),
		unsafe.Pointer(unsafe.StringData(value)), uint32(len(value)))
	if status != statusOK {
		log(logError, "cannot add the header "+name)
	}
}

func readBuffer(buffer, size uint32) []byte {
	var data *byte // of its 64 bits the proxy sets the lower 32
	var got uint32
	if size == 0 {
		return nil
	}
	status := proxyGetBufferBytes(buffer, 0, size, unsafe.Pointer(&data), unsafe.Pointer(&got))
	if status != statusOK {
		return nil
	}
	return unsafe.Slice(data, got)
}

func log(level uint32, text string) {
	proxyLog(level, unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}
