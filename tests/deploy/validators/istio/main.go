// Gives manifests to Istio's own code: what istiod's webhook checks, and what becomes of the extension in istiod and in
// the agent beside Envoy, which pulls the module.
//
//	istio
//
// Standard input has "check" or "agent", a tab and the path of a manifest a line. Standard output has the same line, a
// tab, and "ok KINDS" or "no REASON"; warnings of the webhook are reasons too, but for the one that every EnvoyFilter
// gets. For "agent" the answer to a manifest that is taken is a list in JSON of what Envoy gets: "deny" or "allow", which
// are the filters that stand for a module that could not be had, or an object with the SHA-256 of the module, the root
// id, the text of the configuration and the policy.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	httprbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	httpwasm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/wasm/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	networkrbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	networkwasm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/wasm/v3"
	wasmextensions "github.com/envoyproxy/go-control-plane/envoy/extensions/wasm/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	extensions "istio.io/api/extensions/v1alpha1"
	networking "istio.io/api/networking/v1alpha3"
	yamlreader "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	_ "istio.io/istio/pkg/config/validation/envoyfilter"
	"istio.io/istio/pkg/config/xds"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/wasm"
)

// The warning that Istio has for each EnvoyFilter, whatever is in it.
const alwaysWarned = "EnvoyFilter exposes internal implementation details"

func read(path string) (list []config.Config, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	reader := yamlreader.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		object, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, err
		}
		if string(object) == "null" {
			continue
		}
		one, err := check(object)
		if err != nil {
			return nil, err
		}
		list = append(list, *one)
	}
	if len(list) == 0 {
		return nil, errors.New("no object is there")
	}
	return list, nil
}

// check does what the webhook does, and takes no warning.
func check(object []byte) (*config.Config, error) {
	var kind crd.IstioKind
	if err := json.Unmarshal(object, &kind); err != nil {
		return nil, err
	}
	gvk := kind.GroupVersionKind()
	schema, exists := collections.Pilot.FindByGroupKind(resource.FromKubernetesGVK(&gvk))
	if !exists {
		return nil, fmt.Errorf("unrecognized type %v", gvk)
	}
	made, err := crd.ConvertObject(schema, &kind, "cluster.local")
	if err != nil {
		return nil, err
	}
	warning, err := schema.ValidateConfig(*made)
	if err != nil {
		return nil, err
	}
	if warning != nil {
		for _, line := range strings.Split(warning.Error(), "\n") {
			line = strings.TrimLeft(line, " \t*")
			if line != "" && !strings.HasSuffix(line, " occurred:") && !strings.HasPrefix(line, alwaysWarned) {
				return nil, fmt.Errorf("warning: %s", line)
			}
		}
	}
	return made, nil
}

// pair finds the extension's config among the patches of an EnvoyFilter, and the filter that asks for it by name.
func pair(filter *networking.EnvoyFilter) (*core.TypedExtensionConfig, error) {
	var given *core.TypedExtensionConfig
	var wanted string
	var types []string
	for _, patch := range filter.ConfigPatches {
		object, err := xds.BuildXDSObjectFromStruct(patch.ApplyTo, patch.Patch.Value, false)
		if err != nil {
			return nil, err
		}
		switch value := object.(type) {
		case *core.TypedExtensionConfig:
			given = value
		case *hcm.HttpFilter:
			wanted, types = value.Name, value.GetConfigDiscovery().GetTypeUrls()
		case *listener.Filter:
			wanted, types = value.Name, value.GetConfigDiscovery().GetTypeUrls()
		}
	}
	if given == nil || given.Name != wanted {
		return nil, fmt.Errorf("the filter asks for %q, and the extension is %q", wanted, given.GetName())
	}
	// Envoy refuses an extension whose type the filter does not name, and the agent may send RBAC instead of Wasm.
	if err := named(types, given.GetTypedConfig()); err != nil {
		return nil, err
	}
	var stand *anypb.Any
	if strings.Contains(given.TypedConfig.TypeUrl, ".network.") {
		stand, _ = anypb.New(&networkrbac.RBAC{})
	} else {
		stand, _ = anypb.New(&httprbac.RBAC{})
	}
	return given, named(types, stand)
}

func named(types []string, config *anypb.Any) error {
	for _, name := range types {
		if name == config.GetTypeUrl() {
			return nil
		}
	}
	return fmt.Errorf("type_urls do not name %s", config.GetTypeUrl())
}

// pushed is the extension's config as istiod would send it. Since 1.30 istiod makes a TrafficExtension of a WasmPlugin;
// the fields that count here have the same types.
func pushed(object config.Config) (*core.TypedExtensionConfig, error) {
	var plugin *extensions.WasmConfig
	switch spec := object.Spec.(type) {
	case *networking.EnvoyFilter:
		return pair(spec)
	case *extensions.WasmPlugin:
		plugin = &extensions.WasmConfig{Url: spec.Url, Sha256: spec.Sha256, ImagePullPolicy: spec.ImagePullPolicy,
			PluginConfig: spec.PluginConfig, PluginName: spec.PluginName, FailStrategy: spec.FailStrategy,
			VmConfig: spec.VmConfig, Type: spec.Type}
	case *extensions.TrafficExtension:
		plugin = spec.GetWasm()
	}
	if plugin == nil {
		return nil, errors.New("there is no wasm extension")
	}
	// istiod puts the login of that Secret in its place, and there is no cluster with one here.
	plugin.ImagePullSecret = ""
	wrapper := &model.TrafficExtensionWrapper{Name: object.Name, Namespace: object.Namespace,
		TrafficExtension: &extensions.TrafficExtension{
			FilterConfig: &extensions.TrafficExtension_Wasm{Wasm: plugin}}}
	var filter proto.Message
	if http := wrapper.BuildHTTPWasmFilter(); http != nil {
		filter = http
	} else if network := wrapper.BuildNetworkWasmFilter(); network != nil {
		filter = network
	} else {
		return nil, errors.New("istiod makes no filter of it")
	}
	typed, err := anypb.New(filter)
	return &core.TypedExtensionConfig{Name: model.TrafficExtensionResourceNamePrefix + object.Namespace + "." +
		object.Name, TypedConfig: typed}, err
}

// given is what the filter gets; an Envoy that reads it would get a file that the agent has put there.
type given struct {
	Module string  `json:"module,omitempty"`
	Path   string  `json:"path,omitempty"`
	Root   string  `json:"root"`
	Config *string `json:"config"`
	Policy string  `json:"policy"`
}

func told(config *wasmextensions.PluginConfig, folder string) (any, error) {
	result := &given{Root: config.RootId, Policy: config.FailurePolicy.String()}
	path := config.GetVmConfig().GetCode().GetLocal().GetFilename()
	if strings.HasPrefix(path, folder) {
		module, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		result.Module = fmt.Sprintf("%x", sha256.Sum256(module))
	} else {
		result.Path = path
	}
	if configuration := config.Configuration; configuration.GetTypeUrl() != "" {
		value := &wrapperspb.StringValue{}
		if err := configuration.UnmarshalTo(value); err != nil {
			return nil, fmt.Errorf("the filter would get protobuf: %w", err)
		}
		result.Config = &value.Value
	}
	return result, nil
}

// agent has the agent's code rewrite the extension's config, which means to pull the module.
func agent(object config.Config) (any, error) {
	extension, err := pushed(object)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "cache")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	cache := wasm.NewLocalFileCache(folder, wasm.Options{PurgeInterval: time.Hour, ModuleExpiry: time.Hour,
		HTTPRequestTimeout: 10 * time.Second, HTTPRequestMaxRetries: 1})
	defer cache.Cleanup()
	sent, err := anypb.New(extension)
	if err != nil {
		return nil, err
	}
	resources := []*anypb.Any{sent}
	if err := wasm.MaybeConvertWasmExtensionConfig(resources, cache); err != nil {
		return nil, err
	}
	if err := resources[0].UnmarshalTo(extension); err != nil {
		return nil, err
	}
	filter, err := extension.TypedConfig.UnmarshalNew()
	if err != nil {
		return nil, err
	}
	switch got := filter.(type) {
	case *httpwasm.Wasm:
		return told(got.Config, folder)
	case *networkwasm.Wasm:
		return told(got.Config, folder)
	case *httprbac.RBAC:
		return map[bool]string{true: "allow", false: "deny"}[got.Rules == nil], nil
	case *networkrbac.RBAC:
		return map[bool]string{true: "allow", false: "deny"}[got.Rules == nil], nil
	}
	return nil, fmt.Errorf("the filter is %s", extension.TypedConfig.TypeUrl)
}

func verdict(what, path string) string {
	list, err := read(path)
	var answers []any
	for _, object := range list {
		var answer any = object.GroupVersionKind.Kind
		if what == "agent" {
			answer, err = agent(object)
		}
		if err != nil {
			break
		}
		answers = append(answers, answer)
	}
	if err != nil {
		return "no " + strings.Join(strings.Fields(err.Error()), " ")
	}
	text, _ := json.Marshal(answers)
	return "ok " + string(text)
}

func main() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		what, path, _ := strings.Cut(lines.Text(), "\t")
		fmt.Printf("%s\t%s\n", lines.Text(), verdict(what, path))
	}
}
