// MOSN's Wasm plugins as MOSN 1.2 to 1.6 loads them: wazero 1.2.1, and the functions that its host
// offers for each version of the ABI.
//
//	mosn FUNCTIONS MODULE...
//
// A line of FUNCTIONS has a version, a function, its type, and "memory" when the function reads the
// memory of the module before anything else. Prints a line for each module: its path, loads, refuses
// or crashes, and why.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

const (
	oldABI   = "proxy_abi_version_0_1_0"
	newABI   = "proxy_abi_version_0_2_0"
	codecABI = "proxy_abi_mosn_version_0_2_0"
)

type function struct {
	name            string
	params, results []api.ValueType
	readsMemory     bool
}

var ctx = context.Background()

func types(letters string) (list []api.ValueType) {
	for _, letter := range letters {
		list = append(list, map[rune]api.ValueType{
			'i': api.ValueTypeI32, 'I': api.ValueTypeI64}[letter])
	}
	return list
}

func readFunctions(path string) (map[string][]function, error) {
	text, err := os.ReadFile(path)
	table := map[string][]function{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		cells := strings.Split(line, "\t")
		params, results, _ := strings.Cut(cells[2], ":")
		table[cells[0]] = append(table[cells[0]],
			function{cells[1], types(params), types(results), cells[3] == "memory"})
	}
	return table, err
}

// The exported functions whose names MOSN knows; others with that prefix are left out with a warning.
func knownABIs(compiled wazero.CompiledModule) (known []string) {
	for name := range compiled.ExportedFunctions() {
		if name == oldABI || name == newABI || name == codecABI {
			known = append(known, name)
		}
	}
	return known
}

// offer makes the modules of a version. MOSN's functions have no instance to work on before the
// module is there, so that one which reads its memory fails.
func offer(runtime wazero.Runtime, abi string, functions []function, started *bool) error {
	if abi != newABI {
		wasi := runtime.NewHostModuleBuilder("wasi_unstable")
		wasi_snapshot_preview1.NewFunctionExporter().ExportFunctions(wasi)
		if _, err := wasi.Instantiate(ctx); err != nil {
			return err
		}
	}
	env := runtime.NewHostModuleBuilder("env")
	for _, f := range functions {
		f := f
		env.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) {
			if f.readsMemory && !*started {
				panic(errors.New("invalid memory address or nil pointer dereference"))
			}
			if len(f.results) > 0 {
				stack[0] = 0
			}
		}), f.params, f.results).Export(f.name)
	}
	_, err := env.Instantiate(ctx)
	return err
}

// begin calls what MOSN calls when a plugin starts. An error is only logged, but a result of another
// type than i32 is one that MOSN does not survive.
func begin(module api.Module, abi string) string {
	created := []uint64{1, 0}
	if abi == newABI {
		created = append(created, 0)
	}
	for _, call := range []struct {
		name  string
		given []uint64
	}{{"proxy_on_context_create", created}, {"proxy_on_vm_start", []uint64{1, 0}},
		{"proxy_on_configure", []uint64{1, 0}}} {
		f := module.ExportedFunction(call.name)
		if f == nil {
			return "unknown func " + call.name
		}
		if _, err := f.Call(ctx, call.given...); err != nil {
			return err.Error()
		}
		results := f.Definition().ResultTypes()
		if call.name != "proxy_on_context_create" &&
			(len(results) == 0 || results[0] != api.ValueTypeI32) {
			panic("interface conversion: the result of " + call.name + " is not int32")
		}
	}
	return ""
}

func judge(path string, table map[string][]function) (verdict, words string) {
	defer func() {
		if cause := recover(); cause != nil {
			verdict, words = "crashes", fmt.Sprint(cause)
		}
	}()
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) == 0 {
		return "refuses", "fail to load wasm bytes"
	}
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	compiled, err := runtime.CompileModule(ctx, raw)
	if err != nil {
		panic(err)
	}
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	known, started := knownABIs(compiled), false
	for _, abi := range known {
		if err := offer(runtime, abi, table[abi], &started); err != nil {
			panic(err)
		}
	}
	module, err := runtime.Instantiate(ctx, raw)
	if err != nil {
		return "refuses", err.Error()
	}
	started = true
	if len(known) == 0 {
		panic("runtime error: index out of range [0] with length 0")
	}
	if known[0] == codecABI {
		return "loads", ""
	}
	return "loads", begin(module, known[0])
}

func main() {
	table, err := readFunctions(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, path := range os.Args[2:] {
		verdict, words := judge(path, table)
		words, _, _ = strings.Cut(words, "\nwasm stack trace")
		fmt.Printf("%s\t%s\t%s\n", path, verdict, strings.Join(strings.Fields(words), " "))
	}
}
