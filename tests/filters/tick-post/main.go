// A filter of the kind that people write with the tetratelabs SDK: it sets itself up in main. Every
// half second it POSTs to the cluster "upstream", and it adds a header to each response.
package main

import (
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"
)

const (
	tickMilliseconds    = 500
	timeoutMilliseconds = 1000
)

func main() {
	proxywasm.SetVMContext(&vm{})
}

type vm struct{ types.DefaultVMContext }

func (*vm) NewPluginContext(uint32) types.PluginContext { return &plugin{} }

type plugin struct{ types.DefaultPluginContext }

func (*plugin) OnPluginStart(int) types.OnPluginStartStatus {
	if err := proxywasm.SetTickPeriodMilliSeconds(tickMilliseconds); err != nil {
		proxywasm.LogCriticalf("set the tick period: %v", err)
		return types.OnPluginStartStatusFailed
	}
	return types.OnPluginStartStatusOK
}

func (*plugin) OnTick() {
	headers := [][2]string{
		{":method", "POST"},
		{":path", "/tick"},
		{":authority", "upstream"},
	}
	_, err := proxywasm.DispatchHttpCall("upstream", headers, []byte("tick"), nil,
		timeoutMilliseconds, func(int, int, int) {})
	if err != nil {
		proxywasm.LogErrorf("POST to the upstream: %v", err)
	}
}

func (*plugin) NewHttpContext(uint32) types.HttpContext { return &stream{} }

type stream struct{ types.DefaultHttpContext }

func (*stream) OnHttpResponseHeaders(int, bool) types.Action {
	if err := proxywasm.AddHttpResponseHeader("x-wasme", "hello"); err != nil {
		proxywasm.LogErrorf("add a header: %v", err)
	}
	return types.ActionContinue
}
