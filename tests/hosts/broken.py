"""Modules whose sections are broken, each in one way; files that are no modules; names."""

from shapes import MARKERS, base
from wasm import (
    CODE,
    DATA,
    DATA_COUNT,
    ELEMENT,
    END,
    EXPORT,
    FUNCTION,
    GLOBAL,
    HEADER,
    IMPORT,
    MEMORY,
    ORDER,
    START,
    TABLE,
    TYPE,
    custom,
    i32,
    i64,
    limits,
    name,
    section,
    uleb,
    vector,
)

OLD = MARKERS[0]


def full():
    """A module that has every section but tags."""
    module = base(OLD)
    module.import_function("env", "proxy_log", "iii:i")
    module.tables.append(b"\x70" + limits(4))
    module.globals.append(b"\x7f\1" + i32(0) + END)
    module.elements.append(["malloc"])
    module.data.append(b"\0" + i32(64) + END + name("text"))
    module.data_count = 1
    module.function("begin", ":", export=False)
    module.start = "begin"
    return module


def changed(number, change):
    """The bytes of that module with the payload of one section changed."""
    sections = full().sections()
    sections[number] = change(sections[number])
    return HEADER + b"".join(section(n, sections[n]) for n in ORDER if n in sections)


def replaced(old, new, number):
    def change(payload):
        assert old in payload
        return payload.replace(old, new, 1)

    return changed(number, change)


def files():
    raw = full().encode()
    yield "good-every_section", raw
    yield "file-empty", b""
    yield "file-text", b"(module)\n"
    yield "file-only_the_header", HEADER
    yield "file-magic_cut", raw[:3]
    yield "file-version_2", b"\0asm\2\0\0\0" + raw[8:]
    yield "file-component", b"\0asm\x0d\0\1\0"
    yield "file-component_with_a_section", b"\0asm\x0d\0\1\0" + section(1, b"\0" + raw[:0])
    yield "file-trailing_zeros", raw + bytes(4)
    yield "file-trailing_byte", raw + b"\1"
    yield "file-gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\xff\3\0\0\0\0\0\0\0\0\0"
    for part in (4, 8):
        yield f"file-cut_{part}_bytes_behind_the_header", raw[: 8 + part]
    yield "file-last_byte_missing", raw[:-1]
    yield "file-half", raw[: len(raw) // 2]
    module = base(OLD)
    module.last = custom("linking", b"\2") + custom("reloc.CODE", b"\0\0")
    yield "file-object", module.encode()
    module = base(None, alloc=None, memory=None, callbacks=False)
    module.import_other("env", "__linear_memory", 2, limits(1))
    module.import_other("env", "__indirect_function_table", 1, b"\x70" + limits(0))
    module.function("proxy_on_log", "i:", export=False)
    module.last = custom("linking", b"\2\x08\0")
    yield "file-object_as_of_clang", module.encode()


def orders():
    for title, first, second in (
        ("code_before_export", CODE, EXPORT),
        ("import_before_type", IMPORT, TYPE),
        ("data_before_code", DATA, CODE),
        ("memory_before_table", MEMORY, TABLE),
        ("data_count_behind_code", CODE, DATA_COUNT),
    ):
        order = list(ORDER)
        order.remove(first)
        order.insert(order.index(second), first)
        yield f"order-{title}", full().encode(order)
    for number, title in ((TYPE, "type"), (MEMORY, "memory"), (EXPORT, "export"), (CODE, "code")):
        order = list(ORDER)
        order.insert(order.index(number), number)
        yield f"twice-{title}_section", full().encode(order)
    for number in (14, 0x7F):
        yield f"section-unknown_{number}", HEADER + section(number, b"\0") + full().encode()[8:]
    yield "section-longer_than_the_file", full().encode() + b"\0\x7f\1x"
    yield "section-of_4_gib", full().encode() + b"\0\xff\xff\xff\xff\x0f"
    yield "section-size_leb_of_5_bytes", full().encode() + b"\0\x85\x80\x80\x80\0\4name"
    yield "section-size_leb_of_6_bytes", full().encode() + b"\0\x85\x80\x80\x80\x80\0\4name"
    yield "section-custom_without_a_name", full().encode() + b"\0\0"
    yield "section-custom_of_empty_name", full().encode() + custom("", b"")
    yield "section-custom_name_too_long", full().encode() + b"\0\2\x09x"
    yield "section-custom_name_no_utf8", full().encode() + custom(b"\xff\xfe")
    yield "section-payload_too_long", changed(MEMORY, lambda p: p + b"\0")
    yield "section-payload_cut", changed(EXPORT, lambda p: p[:-1])
    yield "section-count_too_small", changed(EXPORT, lambda p: bytes([p[0] - 1]) + p[1:])
    yield "section-count_too_large", changed(EXPORT, lambda p: bytes([p[0] + 1]) + p[1:])
    yield "section-count_of_4_gib", changed(TYPE, lambda p: b"\xff\xff\xff\xff\x0f" + p[1:])
    yield "section-empty_type", changed(TYPE, lambda p: b"\0")
    for number, title in (
        (TABLE, "table"),
        (GLOBAL, "global"),
        (ELEMENT, "element"),
        (START, "start"),
    ):
        sections = full().sections()
        del sections[number]
        if number == TABLE:
            del sections[ELEMENT]
        yield f"section-without_{title}", HEADER + b"".join(
            section(n, sections[n]) for n in ORDER if n in sections
        )


def counts():
    yield "count-more_bodies_than_functions", changed(
        CODE, lambda p: bytes([p[0] + 1]) + p[1:] + b"\2\0\x0b"
    )
    yield "count-fewer_bodies_than_functions", changed(
        FUNCTION, lambda p: bytes([p[0] + 1]) + p[1:] + b"\0"
    )
    sections = full().sections()
    for number, title in ((CODE, "code"), (FUNCTION, "function")):
        yield f"count-no_{title}_section", HEADER + b"".join(
            section(n, sections[n]) for n in ORDER if n in sections and n != number
        )
    for value in (0, 2):
        yield f"count-data_count_{value}_of_1", changed(DATA_COUNT, lambda p, v=value: uleb(v))
    yield "count-data_count_without_data", changed(DATA, lambda p: b"\0")
    yield "index-type_of_a_function", changed(FUNCTION, lambda p: p[:1] + b"\x63" + p[2:])
    yield "index-type_of_an_import", changed(IMPORT, lambda p: p[:-1] + b"\x63")
    yield "index-exported_function", replaced(b"\x06malloc\0\2", b"\x06malloc\0\x63", EXPORT)
    yield "index-start", changed(START, lambda p: b"\x63")
    yield "index-function_of_an_element", changed(ELEMENT, lambda p: p[:-1] + b"\x63")
    yield "index-table_of_an_element", changed(
        ELEMENT, lambda p: b"\1\2\1" + i32(0) + END + b"\0\1\0"
    )
    yield "index-memory_of_data", changed(DATA, lambda p: b"\1\2\1" + i32(0) + END + name("text"))
    yield "segment-data_out_of_memory", changed(
        DATA, lambda p: b"\1\0" + i32(0x7FFFFFF) + END + name("text")
    )
    yield "segment-data_at_the_end", changed(
        DATA, lambda p: b"\1\0" + i32(131068) + END + name("text")
    )
    yield "segment-data_one_byte_too_far", changed(
        DATA, lambda p: b"\1\0" + i32(131069) + END + name("text")
    )
    yield "segment-element_out_of_table", changed(
        ELEMENT, lambda p: b"\1\0" + i32(4) + END + b"\1\1"
    )
    yield "segment-data_at_i64", changed(DATA, lambda p: b"\1\0" + i64(0) + END + name("text"))
    yield "segment-data_longer_than_section", changed(
        DATA, lambda p: b"\1\0" + i32(0) + END + b"\x7ftext"
    )
    yield "global-of_another_type", changed(GLOBAL, lambda p: b"\1\x7f\1" + i64(0) + END)
    yield "global-mutability_2", changed(GLOBAL, lambda p: b"\1\x7f\2" + i32(0) + END)
    yield "global-without_end", changed(GLOBAL, lambda p: b"\1\x7f\1" + i32(0))
    yield "global-not_constant", changed(GLOBAL, lambda p: b"\1\x7f\1" + i32(0) + b"\x45" + END)
    yield "global-refers_to_itself", changed(GLOBAL, lambda p: b"\1\x7f\1\x23\0" + END)
    yield "type-of_unknown_form", changed(TYPE, lambda p: bytes([p[0] + 1]) + p[1:] + b"\x59\0\0")
    yield "type-of_unknown_value", changed(
        TYPE, lambda p: bytes([p[0] + 1]) + p[1:] + b"\x60\1\x45\0"
    )
    yield "memory-flags_unknown", changed(MEMORY, lambda p: b"\1\x80\1\2")
    yield "table-of_numbers", changed(TABLE, lambda p: b"\1\x7f\0\1")
    yield "table-max_below_min", changed(TABLE, lambda p: b"\1\x70\1\4\3")
    yield "import-kind_unknown", replaced(b"\x09proxy_log\0", b"\x09proxy_log\x09", IMPORT)
    yield "export-kind_unknown", replaced(b"\x06malloc\0", b"\x06malloc\x09", EXPORT)


def names():
    for title, exported in (
        ("no_utf8", b"\xff\xfe"),
        ("surrogate", b"\xed\xa0\x80"),
        ("overlong", b"\xc0\x80"),
        ("cut", b"\xe2\x82"),
        ("empty", b""),
        ("nul", b"\0"),
        ("emoji", "\U0001f600".encode()),
        ("newline", b"a\nb"),
        ("escape", b"\x1b[31m"),
        ("bidi", "‮x".encode()),
        ("100000_bytes", b"x" * 100000),
        ("100001_bytes", b"x" * 100001),
    ):
        module = base(OLD)
        module.export(exported, 0, "malloc")
        yield f"name-export_{title}", module.encode()
    for title, imported in (("no_utf8", b"\xff\xfe"), ("newline", b"a\nb"), ("empty", b"")):
        module = base(OLD)
        module.import_function("env", imported, "i:", "odd")
        yield f"name-import_{title}", module.encode()
    for title, kind, target in (("function", 0, "malloc"), ("memory", 2, 0)):
        module = base(OLD)
        module.export("malloc", kind, target)
        yield f"name-exported_twice-{title}", module.encode()
    module = base(OLD)
    module.stub("proxy_on_no_such_thing", ":")
    module.export("proxy_on_no_such_thing", 0, "malloc")
    yield "name-exported_twice-of_no_meaning", module.encode()


def name_sections():
    """The section of names, which Envoy reads: names of functions, and what is broken in them."""

    def named(payload):
        module = base(OLD)
        module.last = custom("name", payload)
        return module.encode()

    good = vector([b"\0" + name("first"), b"\1" + name("second")])
    yield "name_section-good", named(b"\1" + name(good))
    yield "name_section-empty", named(b"")
    yield "name_section-module_name", named(b"\0" + name(name("module")))
    yield "name_section-unknown_part", named(b"\x63" + name(b"\xff\xff"))
    yield "name_section-part_too_long", named(b"\x63\x09x")
    yield "name_section-functions_cut", named(b"\1" + name(good[:-1]))
    yield "name_section-functions_too_few", named(b"\1" + name(b"\3" + good[1:]))
    yield "name_section-functions_with_more_behind", named(b"\1" + name(good + b"\0"))
    yield "name_section-function_out_of_range", named(b"\1" + name(vector([b"\x63" + name("x")])))
    yield "name_section-function_twice", named(b"\1" + name(vector([b"\0" + name("x")] * 2)))
    yield "name_section-not_utf8", named(b"\1" + name(vector([b"\0" + name(b"\xff\xfe")])))
    yield "name_section-locals_cut", named(b"\2" + name(b"\1\0\5"))
    yield "name_section-functions_before_module", named(
        b"\1" + name(good) + b"\0" + name(name("m"))
    )
    module = base(OLD)
    module.first = custom("name", b"\1" + name(good))
    yield "name_section-in_front", module.encode()
    module = base(OLD)
    module.last = custom("name", b"\1" + name(good)) * 2
    yield "name_section-twice", module.encode()


def sizes():
    module = base(OLD)
    for count in range(2000):
        module.stub(f"function_{count}", ":", export=False)
    yield "size-2000_functions", module.encode()
    module = base(OLD)
    module.types += [b"\x60\0\0"] * 5000
    yield "size-5000_types", module.encode()
    module = base(OLD)
    module.memories[0] = limits(100)
    module.data.append(b"\0" + i32(0) + END + name(b"\0" * 3000000))
    yield "size-data_of_3_mb", module.encode()
    module = base(OLD)
    module.last = custom("big", bytes(3000000))
    yield "size-custom_section_of_3_mb", module.encode()
    module = base(OLD)
    for count in (1000, 1001):
        module = base(OLD)
        module.tables += [b"\x70" + limits(0)] * 2
        module.globals += [b"\x7f\0" + i32(0) + END] * count
        yield f"size-{count}_globals", module.encode()
    for count in (100, 101):
        module = base(OLD)
        module.tables += [b"\x70" + limits(0)] * count
        yield f"size-{count}_tables", module.encode()
    module = base(OLD)
    module.data += [b"\0" + i32(0) + END + name("x")] * 100000
    yield "size-100000_segments", module.encode()
    module = base(OLD)
    module.data += [b"\0" + i32(0) + END + name("x")] * 100001
    yield "size-100001_segments", module.encode()
    for count in (19000, 20001, 100000, 100001):
        module = base(OLD)
        for _ in range(count):
            module.import_function("env", "proxy_log", "iii:i")
        yield f"size-{count}_imports", module.encode()
    for count in (99000, 100000, 100001):
        module = base(OLD)
        for number in range(count - len(module.exports)):
            module.export(f"e{number}", 2, 0)
        yield f"size-{count}_exports", module.encode()


def all():
    for family in (files, orders, counts, names, name_sections, sizes):
        yield from family()
