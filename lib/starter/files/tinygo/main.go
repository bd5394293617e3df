// A proxy-wasm filter that adds the header x-wasme to every response. The configuration of the
// plugin is the value of the header.
package main

import (
	"errors"
	"strings"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"
)

const (
	headerName   = "x-wasme"
	defaultValue = "hello" // for a plugin without a configuration
)

// The proxy never calls main. The filter is set up in init, where no function of the proxy may be
// called yet.
func main() {}

func init() {
	proxywasm.SetVMContext(&vmContext{})
}

type vmContext struct {
	types.DefaultVMContext
}

func (*vmContext) NewPluginContext(uint32) types.PluginContext {
	return &pluginContext{}
}

// A pluginContext is the filter with one configuration.
type pluginContext struct {
	types.DefaultPluginContext
	headerValue string
}

func (p *pluginContext) OnPluginStart(int) types.OnPluginStartStatus {
	config, err := proxywasm.GetPluginConfiguration()
	if err != nil && !errors.Is(err, types.ErrorStatusNotFound) {
		proxywasm.LogCriticalf("cannot read the configuration: %v", err)
		return types.OnPluginStartStatusFailed
	}
	value, err := parseConfig(config)
	if err != nil {
		proxywasm.LogCriticalf("wrong configuration: %v", err)
		return types.OnPluginStartStatusFailed
	}
	p.headerValue = value
	return types.OnPluginStartStatusOK
}

func (p *pluginContext) NewHttpContext(uint32) types.HttpContext {
	return &httpContext{plugin: p}
}

// An httpContext is one request and its response.
type httpContext struct {
	types.DefaultHttpContext
	plugin *pluginContext
}

func (h *httpContext) OnHttpResponseHeaders(int, bool) types.Action {
	if err := proxywasm.AddHttpResponseHeader(headerName, h.plugin.headerValue); err != nil {
		proxywasm.LogErrorf("cannot add the header %s: %v", headerName, err)
	}
	return types.ActionContinue
}

// parseConfig returns the value for the header.
func parseConfig(config []byte) (string, error) {
	value := strings.TrimSpace(string(config))
	if value == "" {
		return defaultValue, nil
	}
	for _, char := range []byte(value) {
		if char < ' ' || char == 0x7f {
			return "", errors.New("a header cannot carry control characters")
		}
	}
	return value, nil
}
