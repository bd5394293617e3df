module mosn

go 1.21

require (
	mosn.io/proxy-wasm-go-host v0.2.1-0.20230626122511-25a9e133320e
	github.com/tetratelabs/wazero v1.2.1
)
