package main

import "testing"

// A recorder is the headers of a response in a test.
type recorder map[string]string

func (headers recorder) add(name, value string) { headers[name] = value }

func TestHeader(t *testing.T) {
	for config, want := range map[string]string{"": defaultValue, "good day\n": "good day"} {
		var filter plugin
		headers := recorder{}
		if err := filter.configure([]byte(config)); err != nil {
			t.Fatalf("configuration %q: %v", config, err)
		}
		filter.onResponseHeaders(headers)
		if got := headers[headerName]; got != want {
			t.Errorf("with the configuration %q the header is %q, and not %q", config, got, want)
		}
	}
}

func TestWrongConfiguration(t *testing.T) {
	var filter plugin
	if filter.configure([]byte("two\nlines")) == nil {
		t.Error("a value of two lines is accepted")
	}
}
