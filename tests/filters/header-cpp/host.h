#pragma once
#include <cstdint>
#include <string_view>

void add_header(std::string_view name, std::string_view value);
