module example.com/add-header-tinygo

go 1.18
