// MOSN itself, with the parts that run a Wasm filter of HTTP: its own main package needs modules that are not to be had
// from Go's proxy.
//
//	mosn FILE            runs MOSN until a signal ends it
//	mosn --check FILE    reads the file with MOSN's types: exits 1 when a member of it is none that MOSN knows
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	v2 "mosn.io/mosn/pkg/config/v2"
	_ "mosn.io/mosn/pkg/filter/network/proxy"
	_ "mosn.io/mosn/pkg/filter/stream/proxywasm"
	"mosn.io/mosn/pkg/mosn"
	_ "mosn.io/mosn/pkg/network"
	_ "mosn.io/mosn/pkg/router"
	"mosn.io/mosn/pkg/stagemanager"
	_ "mosn.io/mosn/pkg/stream/http"
	_ "mosn.io/mosn/pkg/wasm/abi/proxywasm010"
	_ "mosn.io/mosn/pkg/wasm/abi/proxywasm020"
	_ "mosn.io/mosn/pkg/wasm/runtime/wazero"
)

// lost finds what is in the given JSON and not in what MOSN made of it. MOSN's types have decoders of their own, so that
// no option of Go's decoder finds unknown members.
func lost(path string, given, kept any) error {
	switch given := given.(type) {
	case map[string]any:
		other, _ := kept.(map[string]any)
		for name, value := range given {
			if err := lost(path+"."+name, value, other[name]); err != nil {
				return err
			}
		}
	case []any:
		other, _ := kept.([]any)
		if len(given) != len(other) {
			return fmt.Errorf("%s has %d elements, of which MOSN keeps %d", path[1:], len(given), len(other))
		}
		for i, value := range given {
			if err := lost(fmt.Sprintf("%s[%d]", path, i), value, other[i]); err != nil {
				return err
			}
		}
	default:
		if given != nil && !reflect.DeepEqual(given, kept) && !reflect.ValueOf(given).IsZero() {
			return fmt.Errorf("%s is %v, of which MOSN makes %v", path[1:], given, kept)
		}
	}
	return nil
}

func check(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var given, kept any
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	var config v2.MOSNConfig
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	text, err = json.Marshal(config)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return err
	}
	return lost("", given, kept)
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "--check" {
		if err := check(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	stages := stagemanager.InitStageManager(nil, os.Args[1], mosn.NewMosn())
	stages.AppendInitStage(mosn.DefaultInitStage)
	stages.AppendPreStartStage(mosn.DefaultPreStartStage)
	stages.AppendStartStage(mosn.DefaultStartStage)
	stages.RunAll()
}
