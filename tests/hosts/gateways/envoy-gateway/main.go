// Gives each image to Envoy Gateway's own server of wasm modules, and prints the outcome, as the program for Istio does.
//
// The package is internal, so that build.sh compiles this file inside of a copy of the module.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	"github.com/envoyproxy/gateway/internal/logging"
	"github.com/envoyproxy/gateway/internal/wasm"
)

// The only module in the folder.
func size(dir string) int64 {
	found, err := filepath.Glob(filepath.Join(dir, "*", "*.wasm"))
	if err != nil || len(found) != 1 {
		return -1
	}
	info, err := os.Stat(found[0])
	if err != nil {
		return -1
	}
	return info.Size()
}

func try(ref string) string {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		return "no " + err.Error()
	}
	defer os.RemoveAll(dir)
	logger := logging.NewLogger(io.Discard, egv1a1.DefaultEnvoyGatewayLogging())
	server := wasm.NewHTTPServerWithFileCache(wasm.ServerOptions{Salt: []byte("salt")},
		wasm.CacheOptions{CacheDir: dir}, "envoy-gateway-system", logger)
	_, checksum, err := server.Get("oci://"+ref, &wasm.GetOptions{
		ResourceName:    "check",
		ResourceVersion: "1",
		RequestTimeout:  2 * time.Minute,
	})
	if err != nil {
		return "no " + strings.Join(strings.Fields(err.Error()), " ")
	}
	return fmt.Sprintf("ok %d %s", size(dir), checksum)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Printf("%s\t%s\n", lines.Text(), try(lines.Text()))
	}
}
