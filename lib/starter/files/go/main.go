// A proxy-wasm filter that adds the header x-wasme to every response. The configuration of the
// plugin is the value of the header.
//
// This file is the filter. The file abi.go is its connection with the proxy.
package main

import (
	"errors"
	"strings"
)

const (
	headerName   = "x-wasme"
	defaultValue = "hello" // for a plugin without a configuration
)

// A c-shared module has to have main, and the proxy never calls it.
func main() {}

// A plugin is the filter with one configuration.
type plugin struct {
	headerValue string
}

// configure reads the configuration. With an error, the proxy refuses the plugin.
func (p *plugin) configure(config []byte) (err error) {
	p.headerValue, err = parseConfig(config)
	return err
}

// onResponseHeaders gets the headers of a response before the client does.
func (p *plugin) onResponseHeaders(headers headerMap) {
	headers.add(headerName, p.headerValue)
}

// A headerMap is the headers of a response; abi.go has that of the proxy.
type headerMap interface {
	add(name, value string)
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
