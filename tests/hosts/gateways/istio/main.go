// Gives each image to Istio's own cache of wasm modules, the code that its agent runs, and prints the outcome.
//
// Standard input has a reference ("127.0.0.1:5000/a/b:v1") a line; standard output has, for each,
// the reference, a tab, and "ok SIZE SHA256" or "no REASON".
package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"time"

	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/wasm"
)

func try(ref string) string {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		return "no " + err.Error()
	}
	defer os.RemoveAll(dir)
	cache := wasm.NewLocalFileCache(dir, wasm.Options{
		PurgeInterval:         time.Hour,
		ModuleExpiry:          time.Hour,
		HTTPRequestTimeout:    30 * time.Second,
		HTTPRequestMaxRetries: 1,
	})
	defer cache.Cleanup()
	path, err := cache.Get("oci://"+ref, wasm.GetOptions{
		ResourceName:    "check",
		ResourceVersion: "1",
		RequestTimeout:  2 * time.Minute,
	})
	if err != nil {
		return "no " + strings.Join(strings.Fields(err.Error()), " ")
	}
	bytes, err := os.ReadFile(path)
	if err != nil {
		return "no " + err.Error()
	}
	return fmt.Sprintf("ok %d %x", len(bytes), sha256.Sum256(bytes))
}

func main() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Printf("%s\t%s\n", lines.Text(), try(lines.Text()))
	}
}
