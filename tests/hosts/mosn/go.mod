module mosn

go 1.21

require github.com/tetratelabs/wazero v1.2.1
