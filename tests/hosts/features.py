"""One extension of WebAssembly each, in a body that is valid or in a section; none is run."""

from shapes import MARKERS, base
from wasm import DROP, END, Call, custom, i32, i64, limits, name, uleb, vector

OLD = MARKERS[0]
VECTOR = b"\xfd\x0c" + bytes(16)


def using(body, kind=":", locals_=b"\0", **more):
    module = base(OLD, **more)
    module.function("feature", kind, body, export=False, locals_=locals_)
    return module


def simple():
    """Only a body: instructions that leave nothing behind."""
    yield "bulk_memory-fill", [i32(0), i32(0), i32(0), b"\xfc\x0b\0"]
    yield "bulk_memory-copy", [i32(0), i32(0), i32(0), b"\xfc\x0a\0\0"]
    yield "sign_extension", [i32(1), b"\xc0", DROP]
    yield "saturating", [b"\x43\0\0\0\0\xfc\0", DROP]
    yield "simd-const", [VECTOR, DROP]
    yield "simd-add", [VECTOR, VECTOR, b"\xfd\x6e", DROP]
    yield "simd-load", [i32(0), b"\xfd\0\4\0", DROP]
    yield "simd-shuffle", [VECTOR, VECTOR, b"\xfd\x0d" + bytes(range(16)), DROP]
    yield "simd-load_lane", [i32(0), VECTOR, b"\xfd\x54\0\0\0", DROP]
    yield "relaxed_simd-swizzle", [VECTOR, VECTOR, b"\xfd\x80\2", DROP]
    yield "relaxed_simd-madd", [VECTOR, VECTOR, VECTOR, b"\xfd\x85\2", DROP]
    yield "atomics-load", [i32(0), b"\xfe\x10\2\0", DROP]
    yield "atomics-add", [i32(0), i32(1), b"\xfe\x1e\2\0", DROP]
    yield "atomics-fence", [b"\xfe\3\0"]
    yield "atomics-notify", [i32(0), i32(1), b"\xfe\0\2\0", DROP]
    yield "reference_types-null", [b"\xd0\x6f", DROP]
    yield "reference_types-is_null", [b"\xd0\x70\xd1", DROP]
    yield "reference_types-typed_select", [b"\xd0\x6f\xd0\x6f", i32(0), b"\x1c\1\x6f", DROP]
    yield "gc-i31", [i32(1), b"\xfb\x1c", DROP]
    yield "gc-any_null", [b"\xd0\x6e", DROP]
    yield "exceptions-try_table_without_catch", [b"\x1f\x40\0\x0b"]
    yield "exceptions-exnref", [b"\xd0\x69", DROP]
    yield "wide_arithmetic-add128", [i64(0)] * 4 + [b"\xfc\x13", DROP, DROP]
    yield "wide_arithmetic-mul_wide", [i64(0)] * 2 + [b"\xfc\x15", DROP, DROP]
    yield "half_precision", [VECTOR, b"\xfd\xb0\2", DROP]
    yield "stringref-const", [b"\xfb\x82\1\0", DROP]
    yield "memory_control-discard", [i32(0), i32(0), b"\xfc\x12\0"]


def multi_value():
    module = using([], ":")
    module.function("pair", ":ii", [i32(1), i32(2)], export=False)
    module.functions[-2][2][:] = [Call("pair"), DROP, DROP]
    yield "multi_value-function", module
    module = using([], ":")
    kind = module.type("i:ii")
    module.functions[-1][2][:] = [i32(1), b"\2" + bytes([kind]), i32(2), END, DROP, DROP]
    yield "multi_value-block", module


def calls():
    yield "tail_call-direct", using([Call("feature", b"\x12")])
    module = using([])
    module.tables.append(b"\x70" + limits(1))
    module.functions[-1][2][:] = [i32(0), b"\x13" + bytes([module.type(":")]) + b"\0"]
    yield "tail_call-indirect", module
    module = using([])
    kind = bytes([module.type(":")])
    module.elements.append(b"\3\0" + vector([uleb(module.index("feature"))]))
    module.functions[-1][2][:] = [Call("feature", b"\xd2"), b"\x14" + kind]
    yield "typed_references-call_ref", module
    module = using([])
    kind = bytes([module.type(":")])
    module.functions[-1] = (*module.functions[-1][:2], [b"\x20\0\xd1", DROP], b"\1\1\x63" + kind)
    yield "typed_references-local", module
    module = using([])
    module.functions[-1][2][:] = [b"\xd0\x70\xd4", DROP]
    yield "typed_references-as_non_null", module


def tables():
    module = using([i32(0), b"\x25\0", DROP])
    module.tables.append(b"\x6f" + limits(1))
    yield "reference_types-externref_table", module
    module = using([b"\xd0\x70", i32(1), b"\xfc\x0f\0", DROP])
    module.tables.append(b"\x70" + limits(1))
    yield "reference_types-table_grow", module
    module = using([])
    module.tables += [b"\x70" + limits(1), b"\x70" + limits(1)]
    yield "reference_types-two_tables", module
    module = using([])
    module.tables += [b"\x70" + limits(1)] * 3
    module.elements.append(b"\2\2" + i32(0) + END + b"\0" + vector([uleb(0)]))
    yield "reference_types-segment_of_table_2", module
    module = using([])
    module.functions[-1] = (*module.functions[-1][:1], module.type("x:x"), [b"\x20\0"], b"\0")
    yield "reference_types-externref_parameter", module
    module = using([])
    module.tables.append(b"\x40\0\x70" + limits(1) + b"\xd0\x70" + END)
    yield "typed_references-table_with_a_value", module
    module = using([])
    module.tables.append(b"\x70" + limits(1, flags=4))
    yield "memory64-table", module
    module = using([i32(0), i32(0), i32(0), b"\xfc\x0c\0\0", b"\xfc\x0d\0"])
    module.tables.append(b"\x70" + limits(1))
    module.elements.append(b"\1\0" + vector([uleb(0)]))
    yield "bulk_memory-table_init", module


def memories():
    for title, memory in (
        ("shared_memory", limits(1, 2, 2)),
        ("shared_memory-without_max", b"\2\1"),
        ("memory64", limits(1, flags=4)),
        ("custom_page_size", b"\x08\1\0"),
        ("custom_page_size-of_65536", b"\x08\1\x10"),
    ):
        module = base(OLD, memory=memory, touch=False)
        yield title, module
    module = base(OLD, memory=limits(1, flags=4), touch=False)
    module.function("feature", ":", [i64(0), b"\x28\2\0", DROP], export=False)
    yield "memory64-load", module
    module = base(OLD, memory=limits(1, flags=4), touch=False)
    module.function("feature", ":", [i32(0), b"\x28\2\0", DROP], export=False)
    yield "memory64-load_at_i32", module
    module = base(OLD)
    module.memories.append(limits(1))
    yield "multi_memory", module
    module = base(OLD)
    module.memories.append(limits(1))
    module.function("feature", ":", [i32(0), b"\x28\x42\1\0", DROP], export=False)
    yield "multi_memory-load", module
    module = using([i32(0), i32(0), i32(0), b"\xfc\x08\0\0", b"\xfc\x09\0"])
    module.data.append(b"\1" + name("text"))
    module.data_count = 1
    yield "bulk_memory-init", module


def constants():
    module = using([])
    module.globals.append(b"\x7f\0" + i32(1) + i32(2) + b"\x6a" + END)
    yield "extended_const-global", module
    module = using([])
    module.data.append(b"\0" + i32(1) + i32(2) + b"\x6c" + END + name("text"))
    yield "extended_const-data", module
    module = using([])
    module.globals += [b"\x7f\0" + i32(1) + END, b"\x7f\0\x23\0" + END]
    yield "gc-global_of_a_global_of_its_own", module
    module = using([])
    module.globals.append(b"\x7b\0" + VECTOR + END)
    yield "simd-global", module
    module = using([])
    module.globals.append(b"\x6f\0\xd0\x6f" + END)
    yield "reference_types-global", module
    module = using([])
    module.globals.append(b"\x70\0\xd2\0" + END)
    yield "reference_types-global_of_a_function", module


def exceptions():
    def thrower(body):
        module = using(body)
        module.tags.append(b"\0" + bytes([module.type(":")]))
        return module

    yield "exceptions-throw", thrower([b"\x08\0"])
    yield "exceptions_old-try_catch", thrower([b"\6\x40\x08\0\7\0\x0b"])
    yield "exceptions_old-catch_all", thrower([b"\6\x40\x08\0\x19\x0b"])
    yield "exceptions_old-delegate", thrower([b"\6\x40\x08\0\x18\0"])
    yield "exceptions_old-rethrow", thrower([b"\6\x40\x19\x09\0\x0b"])
    yield "exceptions-try_table", thrower([b"\2\x40\x1f\x40\1\0\0\0\x08\0\x0b\x0b"])
    yield "exceptions-throw_ref", thrower([b"\x02\x69\x1f\x40\1\3\0\x08\0\x0b\0\x0b\x0a"])
    yield "exceptions-both", thrower(
        [b"\6\x40\x08\0\x19\x0b", b"\2\x40\x1f\x40\1\0\0\0\x08\0\x0b\x0b"]
    )


def collected():
    module = using([])
    kind = module.raw_type(b"\x5f\1\x7f\0")
    module.functions[-1][2][:] = [b"\xfb\1" + bytes([kind]), DROP]
    yield "gc-struct", module
    module = using([])
    kind = module.raw_type(b"\x5e\x7f\1")
    module.functions[-1][2][:] = [i32(3), b"\xfb\7" + bytes([kind]), DROP]
    yield "gc-array", module
    module = using([])
    module.raw_type(b"\x4e\1\x60\0\0")
    yield "gc-rec_group", module
    module = using([])
    module.raw_type(b"\x50\0\x60\0\0")
    yield "gc-sub_type", module
    module = using([])
    module.raw_type(b"\x4f\0\x60\0\0")
    yield "gc-final_sub_type", module
    module = using([])
    function = module.type(":")
    kind = module.raw_type(b"\x5d" + bytes([function]))
    module.functions[-1][2][:] = [b"\xd0" + bytes([kind]), DROP]
    yield "stack_switching-type", module
    module = using([])
    kind = module.raw_type(b"\x5d" + bytes([module.type(":")]))
    module.elements.append(b"\3\0" + vector([uleb(module.index("feature"))]))
    module.functions[-1][2][:] = [Call("feature", b"\xd2"), b"\xe0" + bytes([kind]), DROP]
    yield "stack_switching-cont_new", module
    module = using([])
    module.raw_type(b"\x65\x60\0\0")
    yield "shared_everything-function_type", module


def sections():
    for title, payload in (
        ("metadata.code.branch_hint", b"\0"),
        ("dylink.0", b"\1\4\0\0\0\0"),
        ("target_features", b"\1+\4simd"),
        ("sourceMappingURL", name("a.map")),
        ("external_debug_info", b"\xff\xff"),
        ("name", b"\xff\xff\xff"),
        ("producers", b"\xff"),
    ):
        module = base(OLD)
        module.last = custom(title, payload)
        yield f"custom-{title}-odd", module


def all():
    for title, body in simple():
        yield f"feature-{title}", using(body)
    for family in (
        multi_value,
        calls,
        tables,
        memories,
        constants,
        exceptions,
        collected,
        sections,
    ):
        for title, module in family():
            yield f"feature-{title}", module
