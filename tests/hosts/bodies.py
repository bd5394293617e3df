"""Bodies of functions: odd ones that are valid, and each invalid in one way."""

from shapes import MARKERS, base
from wasm import DROP, ELSE, END, Call, i32, i64, uleb

OLD = MARKERS[0]
F32, F64 = b"\x43\0\0\0\0", b"\x44" + bytes(8)


def having(body, kind=":", locals_=b"\0"):
    module = base(OLD)
    module.globals += [b"\x7f\1" + i32(0) + END, b"\x7f\0" + i32(0) + END]
    module.function("body", kind, body, export=False, locals_=locals_)
    return module


def valid():
    yield "dead_code-of_any_type", [b"\0\x6a\x1a"], ":"
    yield "dead_code-after_br", [b"\x0c\0\x92\x1a"], ":"
    yield "dead_code-select", [b"\0\x1b\x1a"], ":"
    yield "dead_code-gives_result", [b"\0"], ":i"
    yield "dead_code-block_with_result", [b"\2\x7f\0\x0b\x1a"], ":"
    yield "dead_code-extra_drop", [b"\x0f", DROP, DROP, DROP], ":"
    yield "if_with_result", [i32(1), b"\4\x7f", i32(1), ELSE, i32(2), END], ":i"
    yield "if_without_else", [i32(1), b"\4\x40\x0b"], ":"
    yield "loop_with_result", [b"\3\x7f", i32(1), END], ":i"
    yield "br_table", [b"\2\x40\2\x40", i32(0), b"\x0e\2\0\1\2\x0b\x0b"], ":"
    yield "br_table-with_a_value", [b"\2\x7f", i32(7), i32(0), b"\x0e\1\0\0\x0b"], ":i"
    yield "br_if-keeps_the_value", [b"\2\x7f", i32(7), i32(0), b"\x0d\0\x0b"], ":i"
    yield "br_to_the_function", [i32(7), b"\x0c\0"], ":i"
    yield "return_with_more_on_the_stack", [i32(1), i32(2), b"\x0f"], ":i"
    yield "deep_nesting", [b"\2\x40" * 500 + b"\x0b" * 500], ":"
    yield "long_leb", [b"\x41\x80\x80\x80\x80\0", DROP], ":"
    yield "select_of_f64", [F64, F64, i32(0), b"\x1b", DROP], ":"
    yield "memory_grow", [i32(0), b"\x40\0", DROP], ":"
    yield "large_offset", [i32(0), b"\x28\2\xff\xff\xff\xff\x0f", DROP], ":"
    yield "misaligned_is_allowed", [i32(0), b"\x28\0\0", DROP], ":"
    yield "global_set", [i32(0), b"\x24\0"], ":"
    yield "memory_index_of_two_bytes", [b"\x3f\x80\0", DROP], ":"


def invalid():
    yield "add_of_i64_and_i32", [i64(1), i32(1), b"\x6a", DROP], ":"
    yield "result_of_wrong_type", [i64(1)], ":i"
    yield "result_missing", [], ":i"
    yield "value_left_over", [i32(1)], ":"
    yield "two_values_left_over", [i32(1), i32(1)], ":i"
    yield "drop_of_nothing", [DROP], ":"
    yield "call_with_too_few", [Call("malloc"), DROP], ":"
    yield "call_with_wrong_type", [i64(1), Call("malloc"), DROP], ":"
    yield "call_out_of_range", [b"\x10\x63"], ":"
    yield "call_indirect-without_a_table", [i32(0), b"\x11\0\0"], ":"
    yield "if_with_result_without_else", [i32(1), b"\4\x7f", i32(1), END], ":i"
    yield "if_of_two_types", [i32(1), b"\4\x7f", i32(1), ELSE, i64(1), END], ":i"
    yield "if_on_i64", [i64(1), b"\4\x40\x0b"], ":"
    yield "br_out_of_range", [b"\x0c\1"], ":"
    yield "br_table-of_two_types", [b"\2\x7f\2\x40", i32(0), b"\x0e\1\0\1\x0b", i32(1), END], ":i"
    yield "block_uses_outer_value", [i32(1), b"\2\x40\x1a\x0b"], ":"
    yield "else_without_if", [ELSE], ":"
    yield "end_too_many", [END], ":"
    yield "local_out_of_range", [b"\x20\0", DROP], ":"
    yield "local_set_of_wrong_type", [i64(1), b"\x21\0"], "i:"
    yield "global_out_of_range", [b"\x23\x09", DROP], ":"
    yield "global_set_of_a_constant", [i32(0), b"\x24\1"], ":"
    yield "global_set_of_wrong_type", [i64(0), b"\x24\0"], ":"
    yield "load_at_i64", [i64(0), b"\x28\2\0", DROP], ":"
    yield "alignment_too_large", [i32(0), b"\x28\3\0", DROP], ":"
    yield "store_of_wrong_type", [i32(0), F32, b"\x36\2\0"], ":"
    yield "memory_out_of_range", [b"\x3f\1", DROP], ":"
    yield "data_drop_without_segment", [b"\xfc\x09\0"], ":"
    yield "table_get_without_a_table", [i32(0), b"\x25\0", DROP], ":"
    yield "select_of_two_types", [i32(0), i64(0), i32(0), b"\x1b", DROP], ":"
    yield "select_of_references", [b"\xd0\x6f\xd0\x6f", i32(0), b"\x1b", DROP], ":"
    yield "ref_func_not_declared", [Call("body", b"\xd2"), DROP], ":"
    yield "dead_code-wrong_type", [b"\0", i64(0), b"\x6a", DROP], ":"
    yield "dead_code-too_many", [b"\0", i32(0), i32(0)], ":i"
    yield "dead_code-local_out_of_range", [b"\0\x20\x09", DROP], ":"
    yield "unknown_opcode", [b"\x27"], ":"
    yield "unknown_opcode-behind_return", [b"\x0f\x27"], ":"
    yield "unknown_opcode_ff", [b"\xff"], ":"
    yield "unknown_opcode_fc", [b"\xfc\x7f"], ":"
    yield "unknown_opcode_fd", [b"\xfd\xff\x7f"], ":"
    yield "block_of_unknown_type", [b"\2\x42\x0b"], ":"
    yield "block_type_out_of_range", [b"\2\x63\x0b"], ":"
    yield "lane_out_of_range", [b"\xfd\x0c" + bytes(16) + b"\xfd\x15\x10", DROP], ":"
    yield "leb_too_long", [b"\x41\x80\x80\x80\x80\x80\0", DROP], ":"
    yield "leb_with_unused_bits", [b"\x41\xff\xff\xff\xff\x4f", DROP], ":"
    yield "const_cut", [b"\x44\0\0"], ":"
    yield "missing_end_of_a_block", [b"\2\x40"], ":"


def large():
    for count in (50000, 50001):
        yield f"locals-{count}", having([], locals_=b"\1" + uleb(count) + b"\x7f")
    yield "locals-50000_and_a_parameter", having([], "i:", b"\1" + uleb(50000) + b"\x7f")
    yield "locals-too_many_in_two_groups", having(
        [], locals_=b"\2" + uleb(0xFFFFFFFF) + b"\x7f" + uleb(0xFFFFFFFF) + b"\x7f"
    )
    yield "locals-of_unknown_type", having([], locals_=b"\1\1\x40")
    for count in (1000, 1001):
        yield f"params-{count}", having([], "i" * count + ":")
        yield f"results-{count}", having([i32(0)] * count, ":" + "i" * count)
    for count in (65520, 65521):
        yield (
            f"br_table-{count}_labels",
            having([i32(0), b"\x0e" + uleb(count) + b"\0" * (count + 1)]),
        )
    for count in (10000, 10001):
        made = having([])
        made.raw_type(b"\x5f" + uleb(count) + b"\x7f\0" * count)
        yield f"struct_of_{count}_fields", made
    for size in (7654321, 7654322):
        yield f"body_of_{size}_bytes", having([b"\1" * (size - 2)])


def all():
    for title, body, kind in valid():
        yield f"body-valid-{title}", having(body, kind)
    for title, body, kind in invalid():
        yield f"body-invalid-{title}", having(body, kind)
    for title, module in large():
        yield f"body-{title}", module
