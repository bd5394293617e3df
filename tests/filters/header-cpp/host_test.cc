#error "a test is no part of the filter"
