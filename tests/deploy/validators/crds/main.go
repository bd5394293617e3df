// Gives manifests to the code that the API server of Kubernetes runs for a custom resource: unknown fields, defaults,
// the schema, lists that are maps or sets, and rules in CEL.
//
//	crds SET=FILE-OR-FOLDER...
//
// A set is what a cluster knows: the definitions in all files that are given with its name; "yaml" knows no definitions,
// and takes each document. Standard input has a set, a tab and the path of a manifest a line. Standard output has the
// same line, a tab, and "ok" with a list of the objects in JSON or "no REASON".
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	machinery "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	yamlreader "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

type definition struct {
	namespaced bool
	structural *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

// By apiVersion and kind.
type cluster map[string]*definition

func documents(text []byte) (list [][]byte, err error) {
	reader := yamlreader.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		var empty any
		if yaml.Unmarshal(document, &empty) == nil && empty == nil {
			continue
		}
		list = append(list, document)
	}
}

func define(namespaced bool, version *apiextensions.CustomResourceValidation) (*definition, error) {
	structural, err := schema.NewStructural(version.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(version.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	return &definition{namespaced, structural, validator,
		cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
}

func (known cluster) add(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	list, err := documents(text)
	if err != nil {
		return err
	}
	for _, document := range list {
		var outer apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(document, &outer); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if outer.Kind != "CustomResourceDefinition" {
			continue
		}
		for _, version := range outer.Spec.Versions {
			if !version.Served || version.Schema == nil {
				continue
			}
			var inner apiextensions.CustomResourceValidation
			if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(
				version.Schema, &inner, nil); err != nil {
				return err
			}
			made, err := define(outer.Spec.Scope == apiextensionsv1.NamespaceScoped, &inner)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", path, outer.Name, err)
			}
			known[outer.Spec.Group+"/"+version.Name+" "+outer.Spec.Names.Kind] = made
		}
	}
	return nil
}

// check does for a new object what the API server does, in the same order. The server drops unknown fields with a
// warning, or refuses them; here, as with kubectl's own validation, they are errors.
func (known cluster) check(document []byte) error {
	var object map[string]any
	if err := yaml.UnmarshalStrict(document, &object); err != nil {
		return err
	}
	whole := &unstructured.Unstructured{Object: object}
	kind := whole.GetKind()
	of := known[whole.GetAPIVersion()+" "+kind]
	if of == nil {
		return fmt.Errorf("no matches for kind %q in version %q", kind, whole.GetAPIVersion())
	}
	// JSON's numbers: a decoder of the server makes int64 of whole ones, this one float64 of all.
	text, err := yaml.YAMLToJSON(document)
	if err != nil {
		return err
	}
	if err := whole.UnmarshalJSON(text); err != nil {
		return err
	}
	fault, lost := objectmeta.CoerceWithOptions(nil, whole.Object, of.structural, true,
		objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if fault != nil {
		return fault
	}
	lost = append(lost, pruning.PruneWithOptions(whole.Object, of.structural, true,
		schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
	if len(lost) > 0 {
		return fmt.Errorf("unknown field %s", strings.Join(lost, ", "))
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(whole.Object, of.structural)
	defaulting.Default(whole.Object, of.structural)
	if of.namespaced && whole.GetNamespace() == "" {
		whole.SetNamespace(metav1.NamespaceDefault)
	}
	errs := machinery.ValidateObjectMetaAccessor(whole, of.namespaced, machinery.NameIsDNSSubdomain, field.NewPath("metadata"))
	errs = append(errs, validation.ValidateCustomResource(nil, whole.Object, of.validator)...)
	errs = append(errs, objectmeta.Validate(nil, whole.Object, of.structural, true)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, of.structural, whole.Object)...)
	if len(errs) == 0 && of.rules != nil {
		broken, _ := of.rules.Validate(context.Background(), nil, of.structural, whole.Object, nil,
			celconfig.RuntimeCELCostBudget)
		errs = append(errs, broken...)
	}
	return errs.ToAggregate()
}

func (known cluster) verdict(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "no " + err.Error()
	}
	list, err := documents(text)
	if err != nil {
		return "no " + err.Error()
	}
	if len(list) == 0 {
		return "no object is there"
	}
	var objects []any
	for _, document := range list {
		// Whole numbers stay as they are.
		object, err := yaml.YAMLToJSONStrict(document)
		if err == nil && len(known) > 0 {
			err = known.check(document)
		}
		if err != nil {
			return "no " + strings.Join(strings.Fields(err.Error()), " ")
		}
		objects = append(objects, json.RawMessage(object))
	}
	given, err := json.Marshal(objects)
	if err != nil {
		return "no " + err.Error()
	}
	return "ok " + string(given)
}

func load(arguments []string) (map[string]cluster, error) {
	sets := map[string]cluster{"yaml": {}}
	for _, argument := range arguments {
		name, path, _ := strings.Cut(argument, "=")
		files := []string{path}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			files, _ = filepath.Glob(filepath.Join(path, "*.yaml"))
			sort.Strings(files)
		}
		if sets[name] == nil {
			sets[name] = cluster{}
		}
		for _, file := range files {
			if err := sets[name].add(file); err != nil {
				return nil, err
			}
		}
		if len(sets[name]) == 0 {
			return nil, fmt.Errorf("%s defines nothing", path)
		}
	}
	return sets, nil
}

func main() {
	sets, err := load(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "crds:", err)
		os.Exit(2)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		set, path, _ := strings.Cut(lines.Text(), "\t")
		verdict := "no such set"
		if known := sets[set]; known != nil {
			verdict = known.verdict(path)
		}
		fmt.Printf("%s\t%s\n", lines.Text(), verdict)
	}
}
