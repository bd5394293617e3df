// A filter of Go that makes links, as a reactor: it imports path_link with the type of preview 1.
package main

import "os"

func main() {}

//go:wasmexport proxy_abi_version_0_2_1
func version() {}

//go:wasmexport proxy_on_memory_allocate
func allocate(size int32) int32 { return 0 }

//go:wasmexport proxy_on_log
func onLog(context int32) { _ = os.Link("a", "b") }
