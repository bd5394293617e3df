module oslink

go 1.24
