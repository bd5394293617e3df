// Gives Kong's files to the code of decK, which reads declarative configuration: its JSON schema, and Kong's own client
// types, which know the members of a filter chain.
//
//	kong
//
// Standard input has the path of a file a line: a declarative configuration, or a filter chain for the Admin API.
// Standard output has the same line, a tab, and "ok" or "no REASON".
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/kong/go-database-reconciler/pkg/file"
	"github.com/kong/go-kong/kong"
	"sigs.k8s.io/yaml"
)

// chain puts a filter chain, as the Admin API takes it for a route, into a declarative configuration.
func chain(text []byte) ([]byte, error) {
	var strict kong.FilterChain
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&strict); err != nil {
		return nil, err
	}
	if len(strict.Filters) == 0 {
		return nil, errors.New("the chain has no filters")
	}
	for _, filter := range strict.Filters {
		if filter.Name == nil || *filter.Name == "" {
			return nil, errors.New("a filter has no name")
		}
	}
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{
		"_format_version": "3.0",
		"services": []any{map[string]any{
			"name": "one", "host": "127.0.0.1",
			"routes": []any{map[string]any{"name": "one", "paths": []string{"/"}, "filter_chains": []any{whole}}},
		}},
	})
}

func check(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var top map[string]any
	if err := yaml.UnmarshalStrict(text, &top); err != nil {
		return err
	}
	if _, declarative := top["_format_version"]; !declarative {
		if text, err = chain(text); err != nil {
			return err
		}
	}
	whole, err := os.CreateTemp("", "kong-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(whole.Name())
	if _, err := whole.Write(text); err != nil {
		return err
	}
	if err := whole.Close(); err != nil {
		return err
	}
	_, err = file.GetContentFromFiles([]string{whole.Name()}, true)
	return err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		verdict := "ok"
		if err := check(lines.Text()); err != nil {
			verdict = "no " + strings.Join(strings.Fields(err.Error()), " ")
		}
		fmt.Printf("%s\t%s\n", lines.Text(), verdict)
	}
}
