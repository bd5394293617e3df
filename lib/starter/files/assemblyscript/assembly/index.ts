// A proxy-wasm filter that adds the header x-wasme to every response. The configuration of the
// plugin is the value of the header.

// The functions that the proxy calls.
export * from "@solo-io/proxy-runtime/proxy";
import {
  BufferTypeValues,
  Context,
  FilterHeadersStatusValues,
  LogLevelValues,
  RootContext,
  get_buffer_bytes,
  log,
  registerRootContext,
  stream_context,
} from "@solo-io/proxy-runtime/runtime";

const HEADER_NAME = "x-wasme";
const DEFAULT_VALUE = "hello"; // for a plugin without a configuration

// The filter with one configuration.
class Plugin extends RootContext {
  headerValue: string = DEFAULT_VALUE;

  onConfigure(size: u32): bool {
    // The method of RootContext traps when there is no configuration.
    if (size == 0) return true;
    const bytes = get_buffer_bytes(BufferTypeValues.PluginConfiguration, 0, size);
    const value = String.UTF8.decode(bytes).trim();
    if (!isHeaderValue(value)) {
      log(LogLevelValues.error, "wrong configuration: a header cannot carry control characters");
      return false;
    }
    // This version of AssemblyScript frees a string too early that "?:" chooses: use "if".
    if (value.length > 0) this.headerValue = value;
    return true;
  }

  createContext(id: u32): Context {
    return new Request(id, this);
  }
}

// One request and its response.
class Request extends Context {
  constructor(id: u32, plugin: Plugin) {
    super(id, plugin);
  }

  onResponseHeaders(count: u32, endOfStream: bool): FilterHeadersStatusValues {
    const plugin = this.root_context as Plugin;
    stream_context.headers.response.add(HEADER_NAME, plugin.headerValue);
    return FilterHeadersStatusValues.Continue;
  }
}

function isHeaderValue(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char < 0x20 || char == 0x7f) return false;
  }
  return true;
}

// The name is the root_id in the configuration of the proxy.
registerRootContext((id: u32) => new Plugin(id), "starter-name");
