// Adds a header to each response, by the bare ABI.
@external("env", "proxy_add_header_map_value")
declare function add_header(map: u32, key: usize, key_len: usize, value: usize, value_len: usize): u32;

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: u32): usize {
  return heap.alloc(size);
}

export function proxy_on_response_headers(context: u32, count: u32, end: u32): u32 {
  const key = String.UTF8.encode("x-wasme");
  const value = String.UTF8.encode("hello");
  add_header(2, changetype<usize>(key), key.byteLength, changetype<usize>(value), value.byteLength);
  return 0;
}
