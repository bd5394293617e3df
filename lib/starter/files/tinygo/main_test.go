package main

import (
	"testing"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/proxytest"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"
)

// The test runs the filter in a proxy that the SDK emulates, and returns the value of the header.
func answer(t *testing.T, config string) string {
	t.Helper()
	option := proxytest.NewEmulatorOption().WithVMContext(&vmContext{})
	if config != "" {
		option = option.WithPluginConfiguration([]byte(config))
	}
	host, reset := proxytest.NewHostEmulator(option)
	defer reset()
	if status := host.StartPlugin(); status != types.OnPluginStartStatusOK {
		t.Fatalf("the plugin does not start with the configuration %q", config)
	}
	id := host.InitializeHttpContext()
	host.CallOnResponseHeaders(id, [][2]string{{":status", "200"}}, true)
	for _, header := range host.GetCurrentResponseHeaders(id) {
		if header[0] == headerName {
			return header[1]
		}
	}
	return ""
}

func TestAnswer(t *testing.T) {
	for config, want := range map[string]string{"": defaultValue, "good day": "good day"} {
		if got := answer(t, config); got != want {
			t.Errorf("with the configuration %q the header is %q, and not %q", config, got, want)
		}
	}
}

func TestWrongConfiguration(t *testing.T) {
	option := proxytest.NewEmulatorOption().WithVMContext(&vmContext{}).
		WithPluginConfiguration([]byte("two\nlines"))
	host, reset := proxytest.NewHostEmulator(option)
	defer reset()
	if status := host.StartPlugin(); status != types.OnPluginStartStatusFailed {
		t.Error("the plugin starts with a value of two lines")
	}
}
